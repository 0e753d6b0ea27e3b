import type { TraceSummary } from '@sightline/server/contract'

/** The live list: what is shown, and what waits behind the "N new" pill. */
export type Tail = { shown: TraceSummary[]; waiting: TraceSummary[] }

export const EMPTY_TAIL: Tail = { shown: [], waiting: [] }
const MAX_ROWS = 500

/** Known traces are updated in place; new ones go on top, or behind the pill while paused. */
export function withItems(tail: Tail, items: readonly TraceSummary[], isPaused: boolean): Tail {
  const byId = new Map(items.map((item) => [item.traceId, item]))
  const shown = tail.shown.map((row) => byId.get(row.traceId) ?? row)
  const waiting = tail.waiting.map((row) => byId.get(row.traceId) ?? row)
  const known = new Set([...shown, ...waiting].map((row) => row.traceId))
  const fresh = [...byId.values()].filter((item) => !known.has(item.traceId))
  if (isPaused) return { shown, waiting: newestFirst([...fresh, ...waiting]) }
  return { shown: newestFirst([...fresh, ...waiting, ...shown]), waiting: [] }
}

export function released(tail: Tail): Tail {
  return { shown: newestFirst([...tail.waiting, ...tail.shown]), waiting: [] }
}

/** How many of the items the list has not held before. */
export function freshCount(tail: Tail, items: readonly TraceSummary[]): number {
  const known = new Set([...tail.shown, ...tail.waiting].map((row) => row.traceId))
  return new Set(items.map((item) => item.traceId).filter((traceId) => !known.has(traceId))).size
}

function newestFirst(rows: TraceSummary[]): TraceSummary[] {
  return rows.toSorted((a, b) => b.startTime - a.startTime).slice(0, MAX_ROWS)
}
