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
/** Updates of traces shown before add no row: they come beside the new ones. */
const MAX_UPDATES_PER_TICK = 40
const MAX_REMEMBERED = 5_000

/** The traces that changed: not shown before, those with an error first; and those that were. */
type Fresh = { traceIds: string[]; updates: string[] }
/** `sampled` is the share of the matching traces that is shown; estimated where not all were tried. */
type Shown = { items: TraceSummary[]; sampled: number }

/** Collects the traces that changed since the last tick, one entry a trace. */
export function createTraceTail(source: TraceSource) {
  const changed = new Map<string, Changes>()
  const shown = new Map<string, Set<string>>()

  return {
    add({ projectId, spans }: BusEvents['spans-stored']): void {
      const traces = changed.get(projectId) ?? new Map()
      changed.set(projectId, traces)
      for (const span of spans) {
        const known = traces.get(span.traceId)
        if (known === undefined && traces.size >= MAX_REMEMBERED) continue
        traces.set(span.traceId, {
          hasError: known?.hasError === true || span.status === 'error',
        })
      }
    },

    /** The news by project since the last call; forgets them but for updates beyond the bound. */
    take(): Map<string, Fresh> {
      const news = new Map<string, Fresh>()
      for (const [projectId, traces] of changed) {
        const { fresh, updates, left } = split(traces, shown.get(projectId))
        news.set(projectId, { traceIds: fresh, updates })
        if (left.length > 0) changed.set(projectId, new Map(left))
        else changed.delete(projectId)
      }
      return news
    },

    async summaries(
      projectId: string,
      fresh: Fresh,
      filter: readonly FilterTerm[],
    ): Promise<Shown> {
      const tried = filter.length === 0 ? MAX_TRACES_PER_TICK : MAX_FILTERED_PER_TICK
      const traceIds = fresh.traceIds.slice(0, tried)
      const wanted = [...traceIds, ...fresh.updates]
      const summaries = await source.summariseTraces({ projectId, traceIds: wanted, filter })
      const updated = new Set(fresh.updates)
      const found = summaries.filter(({ traceId }) => !updated.has(traceId))
      const items = found.toSorted(errorsFirst).slice(0, MAX_TRACES_PER_TICK)
      shown.set(projectId, remembered(shown.get(projectId) ?? new Set(), items))
      const triedShare = traceIds.length / Math.max(1, fresh.traceIds.length)
      const share = (items.length / Math.max(1, found.length)) * triedShare
      return {
        items: [...items, ...summaries.filter(({ traceId }) => updated.has(traceId))],
        sampled: fresh.traceIds.length === 0 ? 1 : share,
      }
    },
  }
}

type Changes = Map<string, { hasError: boolean }>

/** Those shown before are told apart; what is left of them comes with the next tick. */
function split(traces: Changes, known: ReadonlySet<string> = new Set()) {
  const updates = [...traces].filter(([traceId]) => known.has(traceId))
  const fresh = [...traces]
    .filter(([traceId]) => !known.has(traceId))
    .toSorted(([, a], [, b]) => Number(b.hasError) - Number(a.hasError))
  return {
    fresh: fresh.map(([traceId]) => traceId),
    updates: updates.slice(0, MAX_UPDATES_PER_TICK).map(([traceId]) => traceId),
    left: updates.slice(MAX_UPDATES_PER_TICK),
  }
}

/** What a page has been told of must not stay as it was for the sake of sampling. */
function remembered(known: Set<string>, items: readonly TraceSummary[]): Set<string> {
  for (const { traceId } of items) known.add(traceId)
  for (const oldest of known) {
    if (known.size <= MAX_REMEMBERED) break
    known.delete(oldest)
  }
  return known
}

function errorsFirst(a: TraceSummary, b: TraceSummary): number {
  return Number(b.errorCount > 0) - Number(a.errorCount > 0)
}
