import type { SpanRecord } from '../spans/span.ts'
import { DirtyMinutes } from './coalesce.ts'

const MAX_TRACES = 20_000
/** The latest ones count: a trace ends with its root or with its last span. */
const MAX_MINUTES = 120
const MINUTE_MS = 60_000

/**
 * In which minutes spans of recent traces ended. A trace counts in the minute of its root's end,
 * else of its last span's: whatever span comes next, it then moves between these minutes only, or
 * changes the sums of one of them.
 */
export class TraceMinutes {
  readonly #minutesByTrace = new Map<string, Set<number>>()

  /** Takes in new spans; answers the minutes whose numbers of whole traces may have changed. */
  add(projectId: string, spans: readonly Pick<SpanRecord, 'traceId' | 'endUs'>[]): DirtyMinutes {
    const dirty = new DirtyMinutes()
    for (const [traceId, ofTrace] of Map.groupBy(spans, (span) => span.traceId)) {
      const key = `${projectId} ${traceId}`
      const minutes = this.#minutesByTrace.get(key) ?? new Set()
      // Put back at the end, so that the trace that was silent longest is the first to go.
      this.#minutesByTrace.delete(key)
      this.#minutesByTrace.set(key, minutes)
      for (const { endUs } of ofTrace)
        minutes.add(Math.floor(endUs / 1_000 / MINUTE_MS) * MINUTE_MS)
      for (const minute of minutes) dirty.add(minute)
      if (minutes.size > MAX_MINUTES) keepLatest(minutes)
    }
    for (const key of this.#minutesByTrace.keys()) {
      if (this.#minutesByTrace.size <= MAX_TRACES) break
      this.#minutesByTrace.delete(key)
    }
    return dirty
  }
}

function keepLatest(minutes: Set<number>): void {
  const latest = [...minutes].toSorted((a, b) => b - a).slice(0, MAX_MINUTES)
  minutes.clear()
  for (const minute of latest) minutes.add(minute)
}
