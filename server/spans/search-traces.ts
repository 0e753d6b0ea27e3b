import type { FilterTerm, Scanned, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import type { Found } from './place-traces.ts'
import { createBodyScanner, type BodyMatch, type BodyScan } from './scan-bodies.ts'
import { SEARCH_WINDOW } from './search-spans.ts'
import { inProject, instant, toUs, type Fragment } from './span-scope.ts'
import { windowsOf } from './span-windows.ts'
import { LIST_WITHIN_MS, sortPlaces, type Place, type TraceQuery } from './trace-place.ts'
import { tracesOn, type TraceDays } from './trace-probe.ts'
import { scanAround, traceTotals } from './trace-totals.ts'

export type TraceSearch = TraceQuery & {
  scan: BodyScan
  traceTerms: FilterTerm[]
  /** Where few spans are candidates: the range that holds them all, looked through at once. */
  whole: TimeRange | undefined
}

/** In orders other than newest first all matches are held, to be sorted. */
const MAX_TRACES = 5_000
/** How far above its cursor a search begins anew, for traces that began below it. */
const MAX_RESUME_US = 3_600_000_000
const MAX_RESUME_SPANS = 20_000

/** A trace with a match, and where its first one was seen; `place` null where it is not listed. */
type Candidate = TraceDays & { lowestUs: number; place: Place | null | undefined }

/** Traces with a span whose columns and body pass together. */
export function searchTraces(read: ReadSql, search: TraceSearch): Promise<Found> {
  return search.sort === '-startTime' ? searchNewest(read, search) : searchAll(read, search)
}

/** Newest first: a page is full once the search has passed the place of its last trace. */
async function searchNewest(read: ReadSql, search: TraceSearch): Promise<Found> {
  const { range, after, limit, withinMs = LIST_WITHIN_MS } = search
  const deadlineMs = performance.now() + withinMs
  const scanner = createBodyScanner(read, search.scan)
  const candidates = new Map<string, Candidate>()
  let reachedMs = range.to
  let settled: Place[] = []
  for await (const window of searchWindows(read, search)) {
    addMatches(candidates, await scanner.matchWindow(window))
    await placeNew(read, search, candidates)
    reachedMs = Math.max(range.from, Math.min(range.to, window.from))
    settled = settledPlaces(candidates, toUs(reachedMs))
    const hasPassed = after === undefined || toUs(reachedMs) < after.key
    if (settled.length > limit || (hasPassed && performance.now() > deadlineMs)) break
  }
  const isComplete = reachedMs <= range.from
  const found = {
    places: settled.slice(0, limit + 1),
    scanned: { from: reachedMs, to: range.to, isComplete },
  }
  if (isComplete) return found
  const isFull = settled.length > limit
  const cutUs = isFull ? (settled[limit - 1]?.key ?? 0) : toUs(reachedMs)
  const shown = new Set(settled.slice(0, limit).map((place) => place.trace))
  const resumeUs = await findResume(read, search, { candidates, shown, cutUs })
  return { ...found, resumeUs, ...(isFull ? {} : { borderUs: cutUs }) }
}

/** Other orders: what was found in time, sorted. */
async function searchAll(read: ReadSql, search: TraceSearch): Promise<Found> {
  const { totals, scanned } = await collectMatches(read, search)
  return { places: await sortPlaces(read, search, totals), scanned }
}

/** Totals of every trace found in time. */
export async function collectMatches(
  read: ReadSql,
  search: TraceSearch,
): Promise<{ totals: Fragment; scanned: Scanned }> {
  const { range, projectId, traceTerms, withinMs = LIST_WITHIN_MS } = search
  const deadlineMs = performance.now() + withinMs
  const scanner = createBodyScanner(read, search.scan)
  const candidates = new Map<string, Candidate>()
  let reachedMs = range.to
  for await (const window of searchWindows(read, { ...search, after: undefined })) {
    addMatches(candidates, await scanner.matchWindow(window))
    reachedMs = Math.max(range.from, Math.min(range.to, window.from))
    if (performance.now() > deadlineMs || candidates.size > MAX_TRACES) break
  }
  const traces = tracesOn(read, [...candidates.values()])
  return {
    totals: traceTotals(read, { projectId, filters: traceTerms, candidates: traces }),
    scanned: { from: reachedMs, to: range.to, isComplete: reachedMs <= range.from },
  }
}

function searchWindows(
  read: ReadSql,
  { whole, range, after, projectId }: TraceSearch,
): AsyncIterable<TimeRange> | Iterable<TimeRange> {
  if (whole !== undefined) return [whole]
  const { from, to } = scanAround(range)
  const start = after === undefined ? to : (after.us ?? after.key) / 1_000 + 0.001
  return windowsOf(read, {
    projectId,
    range: { from, to: Math.min(to, start) },
    isNewestFirst: true,
    ...SEARCH_WINDOW,
  })
}

function addMatches(candidates: Map<string, Candidate>, matches: readonly BodyMatch[]): void {
  for (const { traceHex, day, startedAt } of matches) {
    const known = candidates.get(traceHex)
    if (known === undefined) {
      const lowestUs = toUs(startedAt)
      candidates.set(traceHex, {
        traceId: traceHex,
        low: day,
        high: day,
        lowestUs,
        place: undefined,
      })
      continue
    }
    if (day < known.low) known.low = day
    if (day > known.high) known.high = day
    known.lowestUs = Math.min(known.lowestUs, toUs(startedAt))
  }
}

async function placeNew(
  read: ReadSql,
  search: TraceSearch,
  candidates: Map<string, Candidate>,
): Promise<void> {
  const fresh = [...candidates.values()].filter(({ place }) => place === undefined)
  if (fresh.length === 0) return
  const { projectId, traceTerms } = search
  const totals = traceTotals(read, {
    projectId,
    filters: traceTerms,
    candidates: tracesOn(read, fresh),
  })
  const places = await sortPlaces(read, { ...search, limit: fresh.length }, totals)
  for (const candidate of fresh) candidate.place = null
  for (const place of places) {
    const candidate = candidates.get(place.trace)
    if (candidate !== undefined) candidate.place = place
  }
}

function settledPlaces(candidates: Map<string, Candidate>, reachedUs: number): Place[] {
  return [...candidates.values()]
    .flatMap(({ place }) => (place !== null && place !== undefined ? [place] : []))
    .filter((place) => place.key >= reachedUs)
    .toSorted((a, b) => b.key - a.key || (a.trace < b.trace ? 1 : -1))
}

/**
 * Traces that began below the page but have matches only above its end must be seen anew: the next
 * search begins that far above, within an hour and 20,000 spans.
 */
async function findResume(
  read: ReadSql,
  { projectId }: TraceSearch,
  page: { candidates: Map<string, Candidate>; shown: Set<string>; cutUs: number },
): Promise<number> {
  const { candidates, shown, cutUs } = page
  const wanted = [...candidates.values()]
    .filter(({ place, traceId }) => place !== null && !shown.has(traceId))
    .reduce((highest, { lowestUs }) => Math.max(highest, lowestUs), cutUs)
  const capped = Math.min(wanted, cutUs + MAX_RESUME_US)
  if (capped === cutUs) return cutUs
  const [row] = await read<{ startedAt: number }[]>`
    select s.started_at from spans s
    where ${inProject(read, projectId)} and s.started_at >= ${instant(read, cutUs)}
      and s.started_at <= ${instant(read, capped)}
    order by s.started_at offset ${MAX_RESUME_SPANS} limit 1`
  return row === undefined ? capped : toUs(row.startedAt)
}
