import type { TraceSummary } from '@sightline/server/contract'

/** What the socket has told since the list was read. */
export type ListNews = {
  /** Newer states of listed traces, by id. */
  updates: ReadonlyMap<string, TraceSummary>
  /** Traces that came since, which no row shows yet. */
  arrived: ReadonlySet<string>
  /** False when the server showed only a part of what came: the count is then a lower bound. */
  isExact: boolean
}

export const NO_NEWS: ListNews = { updates: new Map(), arrived: new Set(), isExact: true }

const MAX_ARRIVED = 1_000

/** A trace is in one row only, even when pages of a list in motion overlap. */
export function distinctTraces(
  pages: readonly { items: readonly TraceSummary[] }[],
): TraceSummary[] {
  const byId = new Map<string, TraceSummary>()
  for (const { items } of pages) {
    for (const trace of items) if (!byId.has(trace.traceId)) byId.set(trace.traceId, trace)
  }
  return [...byId.values()]
}

export type Listed = {
  has: (traceId: string) => boolean
  /** Start of the oldest row while more pages are to come; older traces will come with those. */
  oldestMs: number
}

/** Rows change in place; what is new is only counted, so that no row ever moves. */
export function takeNews(
  news: ListNews,
  listed: Listed,
  told: { items: readonly TraceSummary[]; isWhole: boolean },
): ListNews {
  const updates = new Map(news.updates)
  const arrived = new Set(news.arrived)
  for (const trace of told.items) {
    if (listed.has(trace.traceId)) updates.set(trace.traceId, trace)
    else if (trace.startTime >= listed.oldestMs && arrived.size < MAX_ARRIVED) {
      arrived.add(trace.traceId)
    }
  }
  return { updates, arrived, isExact: news.isExact && told.isWhole && arrived.size < MAX_ARRIVED }
}

export function withUpdates(
  traces: readonly TraceSummary[],
  updates: ReadonlyMap<string, TraceSummary>,
): readonly TraceSummary[] {
  if (updates.size === 0) return traces
  return traces.map((trace) => updates.get(trace.traceId) ?? trace)
}
