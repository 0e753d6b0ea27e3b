import * as z from 'zod/mini'
import type { FilterTerm, TimeRange, TraceList } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { spanConditions, splitTraceTerms } from './filter-sql.ts'
import { inProject, startsWithin, toUs, utcDay, type Fragment } from './span-scope.ts'
import { readSummaries } from './summarise-traces.ts'
import { tracesOn, type TraceDays } from './trace-probe.ts'
import { traceTotals } from './trace-totals.ts'
import { walkTraces } from './walk-traces.ts'

export const TRACE_SORTS = ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens'] as const
export type TraceSort = (typeof TRACE_SORTS)[number]

/** Place in the list: the value sorted by, and the trace that has it. */
export const TraceCursor = z.object({
  key: z.number(),
  trace: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
})
export type TraceCursor = z.infer<typeof TraceCursor>

export type TraceQuery = {
  projectId: string
  range: TimeRange
  filters: FilterTerm[]
  sort: TraceSort
  limit: number
  after: TraceCursor | undefined
}

/** Matching spans are looked for this far outside the range of their traces' starts. */
const SLACK_MS = 86_400_000
const FEW_SPANS = 2_000

/** Trace summaries by the start of the root, or what `sort` asks. */
export async function listTraces(sql: Sql, query: TraceQuery): Promise<TraceList> {
  return readWithin(sql, async (read) => {
    const places = await readPlaces(read, query)
    const page = places.slice(0, query.limit)
    const last = page.at(-1)
    const traces = page.map(({ trace, day }) => ({ traceId: trace, low: day, high: day }))
    const summaries = await readSummaries(read, { projectId: query.projectId, traces })
    const summaryBy = new Map(summaries.map((summary) => [summary.traceId, summary]))
    return {
      items: traces.flatMap(({ traceId }) => summaryBy.get(traceId) ?? []),
      nextCursor: places.length > query.limit && last !== undefined ? toCursor(last) : null,
    }
  })
}

/** A trace of the list, with the day it begins on. */
type Place = TraceCursor & { day: string }

function toCursor({ key, trace }: Place): string {
  return encodeCursor({ key, trace } satisfies TraceCursor)
}

async function readPlaces(read: ReadSql, query: TraceQuery): Promise<Place[]> {
  if (query.sort !== '-startTime' && query.sort !== 'startTime') {
    return sortTraces(read, query, matchingTraces(read, query))
  }
  const few = await findFewMatches(read, query)
  if (few !== undefined) return sortTraces(read, query, tracesOn(read, few))
  const walked = await walkTraces(read, { ...query, isNewestFirst: query.sort === '-startTime' })
  if (walked.status === 'done') {
    return walked.places.map((place) => ({ ...place, day: utcDay(place.key / 1_000) }))
  }
  return sortTraces(read, query, matchingTraces(read, query))
}

/** The traces of a filter that keeps next to nothing: walking the range would not find them soon. */
async function findFewMatches(read: ReadSql, query: TraceQuery): Promise<TraceDays[] | undefined> {
  const { spanTerms } = splitTraceTerms(query.filters)
  if (spanTerms.length === 0) return undefined
  const rows = await read<(TraceDays & { spans: number })[]>`
    select trace_id::text, min(day) as low, max(day) as high, count(*) as spans
    from (select s.trace_id, s.day ${matchingSpans(read, query)} limit ${FEW_SPANS + 1}) few
    group by trace_id`
  const spans = rows.reduce((sum, row) => sum + row.spans, 0)
  return spans > FEW_SPANS ? undefined : rows
}

/** Every trace of the range, or of the spans that match. */
function matchingTraces(read: ReadSql, query: TraceQuery): Fragment {
  return read`select s.trace_id, min(s.day) as low, max(s.day) as high
    ${matchingSpans(read, query)} group by s.trace_id`
}

function matchingSpans(read: ReadSql, query: TraceQuery): Fragment {
  const { spanTerms } = splitTraceTerms(query.filters)
  const range = spanTerms.length === 0 ? query.range : around(query.range)
  return read`from spans s
    where ${inProject(read, query.projectId)} and ${startsWithin(read, range)}
      and ${spanConditions(read, spanTerms)}`
}

function around({ from, to }: TimeRange): TimeRange {
  return { from: Math.max(0, from - SLACK_MS), to: to + SLACK_MS }
}

/** Sums up all candidates, then sorts: for orders that no index has. */
function sortTraces(read: ReadSql, query: TraceQuery, candidates: Fragment): Promise<Place[]> {
  const { projectId, range, filters, limit } = query
  return read<Place[]>`
    select p.key::float8 as key, replace(p.trace_id::text, '-', '') as trace, p.day from (
      select t.trace_id, t.low_day as day, ${sortKey(read, query.sort)} as key
      from ${traceTotals(read, { projectId, filters, candidates })}
      where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8
    ) p
    where ${isAfter(read, query)}
    order by ${query.sort === 'startTime' ? read`p.key, p.trace_id` : read`p.key desc, p.trace_id desc`}
    limit ${limit + 1}`
}

function isAfter(read: ReadSql, { sort, after }: TraceQuery): Fragment {
  if (after === undefined) return read`true`
  const place: Fragment = read`(${after.key}::float8, ${after.trace}::uuid)`
  return sort === 'startTime'
    ? read`(p.key::float8, p.trace_id) > ${place}`
    : read`(p.key::float8, p.trace_id) < ${place}`
}

/** Traces without the value come last. */
function sortKey(read: ReadSql, sort: TraceSort): Fragment {
  switch (sort) {
    case '-startTime':
    case 'startTime':
      return read`t.position_us`
    case '-durationMs':
      return read`coalesce(t.duration_us, -1)`
    case '-cost':
      return read`coalesce(t.cost_nano_usd, -1)`
    case '-tokens':
      return read`t.total_tokens`
  }
}
