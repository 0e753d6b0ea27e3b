import { LiveTrace, type TraceSummary } from '@sightline/server/contract'
import { useState } from 'react'
import { useSubscription } from '../../live/use-subscription.ts'

const MAX_COUNTED = 1_000

/** Counts traces that came since the list was loaded; the list itself never moves by itself. */
export function useNewTraces(
  listed: readonly TraceSummary[],
  filters: readonly string[],
  enabled: boolean,
): { count: number; clear: () => void } {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { f: filters },
    enabled,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (!parsed.success || seen.size >= MAX_COUNTED) return
      setSeen((before) => new Set([...before, ...parsed.data.items.map(({ traceId }) => traceId)]))
    },
  })
  const known = new Set(listed.map(({ traceId }) => traceId))
  const count = [...seen].filter((traceId) => !known.has(traceId)).length
  return { count, clear: () => setSeen(new Set()) }
}
