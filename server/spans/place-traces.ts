import type { Scanned, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { toUs, utcDay } from './span-scope.ts'
import { windowsOf } from './span-windows.ts'
import { isByTime, LIST_WITHIN_MS, sortPlaces, type Place, type TraceQuery } from './trace-place.ts'
import { rangeTotals } from './trace-totals.ts'
import { walkTraces } from './walk-traces.ts'

export type Found = {
  /** A page and one more. */
  places: Place[]
  scanned?: Scanned
  /** The instant, in microseconds, where the time was over before the page was full. */
  borderUs?: number
  /** Where a search in bodies goes on, see TraceCursor. */
  resumeUs?: number
}

/** A filter that keeps next to nothing is not answered by a walk. */
const MIN_WALKED_SPANS = 4_000
const WALKED_SPANS_A_TRACE = 20
const WINDOW = { first: 16_000, most: 500_000 }

/** The traces of a list, from the narrow rows of their spans alone. */
export async function placeTraces(read: ReadSql, query: TraceQuery): Promise<Found> {
  if (!isByTime(query.sort)) {
    await hashLargeSets(read)
    return { places: await sortPlaces(read, query, rangeTotals(read, query)) }
  }
  const walked = await walkTraces(read, {
    ...query,
    isNewestFirst: query.sort === '-startTime',
    maxSpans: Math.max(MIN_WALKED_SPANS, query.limit * WALKED_SPANS_A_TRACE),
  })
  if (walked.status === 'done') {
    return { places: walked.places.map((place) => ({ ...place, day: utcDay(place.key / 1_000) })) }
  }
  await hashLargeSets(read)
  return sumUpWindows(read, query)
}

/** Sets of a filtered scan are guessed far too small for the memory of a sort. */
async function hashLargeSets(read: ReadSql): Promise<void> {
  await read`select set_config('work_mem', '64MB', true)`
}

/** All traces of one window after the other are summed up, until a page is full or the time over. */
async function sumUpWindows(read: ReadSql, query: TraceQuery): Promise<Found> {
  const { projectId, filters, limit, withinMs = LIST_WITHIN_MS } = query
  const deadlineMs = performance.now() + withinMs
  const isNewestFirst = query.sort === '-startTime'
  const range = beyondCursor(query)
  const places: Place[] = []
  for await (const window of windowsOf(read, { projectId, range, isNewestFirst, ...WINDOW })) {
    const totals = rangeTotals(read, { projectId, filters, range: window })
    const rest = { ...query, range: window, limit: limit - places.length }
    places.push(...(await sortPlaces(read, rest, totals)))
    const isEnd = isNewestFirst ? window.from <= range.from : window.to >= range.to
    if (places.length > limit || isEnd) break
    if (performance.now() > deadlineMs) {
      const border = isNewestFirst ? window.from : window.to
      return { places, scanned: scannedTo(query, border), borderUs: toUs(border) }
    }
  }
  return { places }
}

function beyondCursor({ range, after, sort }: TraceQuery): TimeRange {
  if (after === undefined) return range
  const atMs = after.key / 1_000
  return sort === '-startTime'
    ? { from: range.from, to: Math.min(range.to, atMs + 0.001) }
    : { from: Math.max(range.from, atMs), to: range.to }
}

function scannedTo({ range, sort }: TraceQuery, border: number): Scanned {
  return sort === '-startTime'
    ? { from: border, to: range.to, isComplete: false }
    : { from: range.from, to: border, isComplete: false }
}
