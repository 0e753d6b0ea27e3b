import type { FilterTerm, TraceSummary } from '../contract/index.ts'
import type { BusEvents } from './bus.ts'

/** What the tail needs of slice spans. Traces that do not match the filter are left out. */
export type TraceSource = {
  summariseTraces(query: {
    projectId: string
    traceIds: string[]
    filter: readonly FilterTerm[]
  }): Promise<TraceSummary[]>
}

/** A page shows 10 rows a second at most; traces with an error go first. */
const MAX_TRACES_PER_TICK = 10
/** A filter is tried on this many of a second's traces; summing one up costs about 0.2 ms. */
const MAX_FILTERED_PER_TICK = 300
const MAX_REMEMBERED = 5_000

/** The traces that changed, those with an error first. */
type Fresh = { traceIds: string[] }
/** `sampled` is the share of the matching traces that is shown; estimated where not all were tried. */
type Shown = { items: TraceSummary[]; sampled: number }

/** Collects the traces that changed since the last tick, one entry a trace. */
export function createTraceTail(source: TraceSource) {
  const changed = new Map<string, Map<string, { hasError: boolean }>>()

  return {
    add({ projectId, spans }: BusEvents['spans-stored']): void {
      const traces = changed.get(projectId) ?? new Map<string, { hasError: boolean }>()
      changed.set(projectId, traces)
      for (const span of spans) {
        const known = traces.get(span.traceId)
        if (known === undefined && traces.size >= MAX_REMEMBERED) continue
        traces.set(span.traceId, {
          hasError: known?.hasError === true || span.status === 'error',
        })
      }
    },

    /** The news by project since the last call; forgets them. */
    take(): Map<string, Fresh> {
      const news = new Map<string, Fresh>()
      for (const [projectId, traces] of changed) {
        const ordered = [...traces].toSorted(
          ([, a], [, b]) => Number(b.hasError) - Number(a.hasError),
        )
        news.set(projectId, { traceIds: ordered.map(([traceId]) => traceId) })
      }
      changed.clear()
      return news
    },

    async summaries(
      projectId: string,
      fresh: Fresh,
      filter: readonly FilterTerm[],
    ): Promise<Shown> {
      const tried = filter.length === 0 ? MAX_TRACES_PER_TICK : MAX_FILTERED_PER_TICK
      const traceIds = fresh.traceIds.slice(0, tried)
      const found = await source.summariseTraces({ projectId, traceIds, filter })
      const items = found.toSorted(errorsFirst).slice(0, MAX_TRACES_PER_TICK)
      const triedShare = traceIds.length / fresh.traceIds.length
      return { items, sampled: (items.length / Math.max(1, found.length)) * triedShare }
    },
  }
}

function errorsFirst(a: TraceSummary, b: TraceSummary): number {
  return Number(b.errorCount > 0) - Number(a.errorCount > 0)
}
