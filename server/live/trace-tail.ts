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
const MAX_REMEMBERED = 5_000

type Fresh = { traceIds: string[]; sampled: number }

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
        const traceIds = ordered.slice(0, MAX_TRACES_PER_TICK).map(([traceId]) => traceId)
        news.set(projectId, { traceIds, sampled: traceIds.length / traces.size })
      }
      changed.clear()
      return news
    },

    async summaries(
      projectId: string,
      fresh: Fresh,
      filter: readonly FilterTerm[],
    ): Promise<TraceSummary[]> {
      return source.summariseTraces({ projectId, traceIds: fresh.traceIds, filter })
    },
  }
}
