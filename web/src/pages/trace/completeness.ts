import { useEffect, useState } from 'react'
import { countText, durationText, formatFixed, spanText } from '../../lib/format.ts'
import { serverNow } from '../../lib/server-time.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import type { TraceModel } from './trace-node.ts'

/** A trace is complete when its root has ended and this long no span has come. */
const QUIET_MS = 5_000
/** After this the root is not expected any more. */
const ROOT_WAIT_MS = 600_000
const TICK_MS = 1_000

export type Completeness = {
  status: 'loading' | 'rootless' | 'growing' | 'complete'
  text: string
}

type Facts = {
  model: TraceModel
  loaded: number
  total: number
  isWhole: boolean
  /** When a span last came while the page looked on; null = none did. */
  lastSpanAt: number | null
  zone: Zone
}

export function completenessOf(facts: Facts, now: number): Completeness {
  const { model, loaded, total, isWhole, lastSpanAt, zone } = facts
  const { root, startTime, endTime } = model
  if (!isWhole) {
    return { status: 'loading', text: `${countText(loaded)} of ${countText(total)} spans shown` }
  }
  if (root === null) {
    const ageMs = now - startTime
    const text =
      ageMs < ROOT_WAIT_MS
        ? `root not received yet, first span began ${spanText(ageMs)} ago`
        : `no root received, last span ${clockText(endTime, zone)}`
    return { status: 'rootless', text }
  }
  const quietMs = now - Math.max(endTime, lastSpanAt ?? 0)
  if (quietMs < QUIET_MS) {
    const sinceText = formatFixed(Math.max(0, quietMs) / 1_000, 0)
    const text = `${countText(loaded)} spans so far, last one ${sinceText} s ago`
    return { status: 'growing', text }
  }
  return {
    status: 'complete',
    text: `complete, ${countText(loaded)} of ${countText(total)} spans${lateText(model)}`,
  }
}

function lateText({ root, endTime }: TraceModel): string {
  if (root === null) return ''
  const lateMs = endTime - (root.span.startTime + root.durationMs)
  return lateMs >= 1 ? `, last one ${durationText(lateMs)} after the root ended` : ''
}

/** Told anew each second until the trace is complete. */
export function useCompleteness(facts: Facts): Completeness {
  const [now, setNow] = useState(serverNow)
  const { status, text } = completenessOf(facts, now)
  useEffect(() => {
    if (status === 'complete') return undefined
    const timer = setInterval(() => setNow(serverNow()), TICK_MS)
    return () => clearInterval(timer)
  }, [status, facts.lastSpanAt])
  return { status, text }
}
