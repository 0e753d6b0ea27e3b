import type { Scanned, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { createBodyScanner, spansMatched, type BodyMatch, type BodyScan } from './scan-bodies.ts'
import type { Fragment } from './span-scope.ts'
import { windowsOf } from './span-windows.ts'
import { LIST_WITHIN_MS } from './trace-place.ts'

export type SpanSearch = {
  scan: BodyScan
  range: TimeRange
  limit: number
  after: { us: number } | undefined
  withinMs?: number
}

export const SEARCH_WINDOW = { first: 2_000, most: 32_000 }

/** Spans whose bodies pass, newest first, until a page is full or the time is over. */
export async function searchSpans(
  read: ReadSql,
  { scan, range, limit, after, withinMs = LIST_WITHIN_MS }: SpanSearch,
): Promise<{ spans: Fragment; scanned: Scanned }> {
  const deadlineMs = performance.now() + withinMs
  // A span that shares its microsecond with the last one shown is still to come.
  const to = after === undefined ? range.to : Math.min(range.to, after.us / 1_000 + 0.001)
  const scanner = createBodyScanner(read, scan)
  const matches: BodyMatch[] = []
  let scannedFrom = to
  const windowing = {
    projectId: scan.projectId,
    range: { from: range.from, to },
    isNewestFirst: true,
    ...SEARCH_WINDOW,
  }
  for await (const window of windowsOf(read, windowing)) {
    matches.push(...(await scanner.matchWindow(window)))
    scannedFrom = window.from
    const reached = matches.filter(({ startedAt }) => startedAt >= scannedFrom && startedAt < to)
    // Those of the cursor's own microsecond may have been shown.
    if (reached.length > limit + 1 || performance.now() > deadlineMs) break
  }
  const shown = matches.filter(({ startedAt }) => startedAt >= scannedFrom && startedAt < to)
  return {
    spans: spansMatched(read, scan.projectId, shown),
    scanned: { from: scannedFrom, to: range.to, isComplete: scannedFrom <= range.from },
  }
}
