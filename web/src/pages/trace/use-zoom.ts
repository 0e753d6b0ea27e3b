import { useEffect, useEffectEvent, useState } from 'react'
import { clampedZoom, parseZoom, zoomText, type Zoom } from './zoom.ts'

export type ZoomState = {
  shown: Zoom
  isWhole: boolean
  /** null = the whole trace. */
  onZoom: (zoom: Zoom | null) => void
}

type Options = {
  /** As the address has it. */
  raw: string | undefined
  lengthMs: number
  onRaw: (raw: string | undefined) => void
}

/** A drag is drawn at once and written to the address when it rests. */
const WRITE_AFTER_MS = 150

/** The part of the trace that is shown; the address has it. */
export function useZoom({ raw, lengthMs, onRaw }: Options): ZoomState {
  const [draft, setDraft] = useState<{ zoom: Zoom | null } | null>(null)
  const zoom = draft === null ? parseZoom(raw, lengthMs) : draft.zoom
  const write = useEffectEvent(() => {
    if (draft === null) return
    onRaw(draft.zoom === null ? undefined : zoomText(draft.zoom))
    setDraft(null)
  })
  useEffect(() => {
    if (draft === null) return undefined
    const timer = setTimeout(write, WRITE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [draft])
  return {
    shown: zoom ?? { fromMs: 0, toMs: lengthMs },
    isWhole: zoom === null,
    onZoom: (next) => setDraft({ zoom: next === null ? null : clampedZoom(next, lengthMs) }),
  }
}
