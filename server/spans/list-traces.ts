import type { TraceList } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import type { ReadChunk } from './chunk-span.ts'
import { findFew, planSearch } from './plan-search.ts'
import { placeTraces, type Found } from './place-traces.ts'
import { searchTraces } from './search-traces.ts'
import { readSummaries } from './summarise-traces.ts'
import { sortPlaces, toTraceCursor, type TraceQuery } from './trace-place.ts'
import { tracesOn, type TraceDays } from './trace-probe.ts'
import { traceTotals } from './trace-totals.ts'

const NO_TRACE = '0'.repeat(32)

/** Trace summaries by the start of the root, or what `sort` asks. */
export async function listTraces(
  sql: Sql,
  query: TraceQuery,
  readChunk: ReadChunk,
): Promise<TraceList> {
  const few = await findFew(sql, query)
  return readWithin(sql, async (read) => {
    const found = await findPlaces(read, query, { few, readChunk })
    const page = found.places.slice(0, query.limit)
    const traces = page.map(({ trace, day }) => ({ traceId: trace, low: day, high: day }))
    const summaries = await readSummaries(read, { projectId: query.projectId, traces })
    const summaryBy = new Map(summaries.map((summary) => [summary.traceId, summary]))
    return {
      items: traces.flatMap(({ traceId }) => summaryBy.get(traceId) ?? []),
      nextCursor: nextCursor(found, query.limit),
      ...(found.scanned === undefined ? {} : { scanned: found.scanned }),
    }
  })
}

function nextCursor({ places, borderUs, resumeUs: us }: Found, limit: number): string | null {
  const last = places[limit - 1]
  if (places.length > limit && last !== undefined) {
    return toTraceCursor({ key: last.key, trace: last.trace, us })
  }
  return borderUs === undefined ? null : toTraceCursor({ key: borderUs, trace: NO_TRACE, us })
}

async function findPlaces(
  read: ReadSql,
  query: TraceQuery,
  given: { few: TraceDays[] | undefined; readChunk: ReadChunk },
): Promise<Found> {
  const search = planSearch(read, query, given)
  if (search !== undefined) return searchTraces(read, search)
  const { few } = given
  if (few === undefined) return placeTraces(read, query)
  const { projectId, filters } = query
  const totals = traceTotals(read, { projectId, filters, candidates: tracesOn(read, few) })
  return { places: await sortPlaces(read, query, totals) }
}
