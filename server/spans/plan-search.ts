import type { TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { ReadSql } from '../db/read-within.ts'
import { splitBodyTerms } from './body-terms.ts'
import type { ReadChunk } from './chunk-span.ts'
import { splitTraceTerms } from './filter-sql.ts'
import { findFewTraces } from './find-few.ts'
import { candidateConditions } from './scan-bodies.ts'
import type { TraceSearch } from './search-traces.ts'
import type { TraceQuery } from './trace-place.ts'
import type { TraceDays } from './trace-probe.ts'

/** Matching spans are looked for this far outside the range of their traces' starts. */
const SLACK_MS = 86_400_000

/** Traces whose spans the filter keeps, where there are few; undefined for many. */
export async function findFew(sql: Sql, query: TraceQuery): Promise<TraceDays[] | undefined> {
  const { columnTerms, bodyTests } = splitBodyTerms(sql, query.filters)
  const { spanTerms } = splitTraceTerms(columnTerms)
  if (spanTerms.length === 0 && bodyTests.every(({ hint }) => hint === undefined)) return undefined
  const scan = { columnTerms: spanTerms, bodyTests }
  return findFewTraces(sql, {
    projectId: query.projectId,
    range: around(query.range),
    conditions: (read) => candidateConditions(read, scan),
  })
}

/** The search in bodies that the filter asks for, if it does. */
export function planSearch(
  read: ReadSql,
  query: TraceQuery,
  { few, readChunk }: { few: TraceDays[] | undefined; readChunk: ReadChunk },
): TraceSearch | undefined {
  const { projectId, filters, range } = query
  const { columnTerms, bodyTests } = splitBodyTerms(read, filters)
  if (bodyTests.length === 0) return undefined
  const { spanTerms, traceTerms } = splitTraceTerms(columnTerms)
  const scan = { projectId, columnTerms: spanTerms, bodyTests, readChunk }
  return { ...query, scan, traceTerms, whole: few === undefined ? undefined : around(range) }
}

function around({ from, to }: TimeRange): TimeRange {
  return { from: Math.max(0, from - SLACK_MS), to: to + SLACK_MS }
}
