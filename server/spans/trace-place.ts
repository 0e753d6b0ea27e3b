import * as z from 'zod/mini'
import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { toUs, type Fragment } from './span-scope.ts'

export const TRACE_SORTS = ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens'] as const
export type TraceSort = (typeof TRACE_SORTS)[number]

/** Place in the list: the value sorted by, and the trace that has it. */
export const TraceCursor = z.object({
  key: z.number(),
  trace: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  /** Where a search in bodies goes on, in microseconds: later than `key` by what it must see anew. */
  us: z.optional(z.number().check(z.int())),
})
export type TraceCursor = z.infer<typeof TraceCursor>

export const LIST_WITHIN_MS = 2_000

/** A trace of the list, with the day it begins on. */
export type Place = { key: number; trace: string; day: string }

export type TraceQuery = {
  projectId: string
  range: TimeRange
  filters: FilterTerm[]
  sort: TraceSort
  limit: number
  after: TraceCursor | undefined
  /** How long bodies or windows may be looked through before what was found is answered. */
  withinMs?: number
}

export function isByTime(sort: TraceSort): boolean {
  return sort === '-startTime' || sort === 'startTime'
}

export function toTraceCursor({ key, trace, us }: TraceCursor): string {
  return encodeCursor({ key, trace, ...(us === undefined ? {} : { us }) } satisfies TraceCursor)
}

/** A page of places, and one more, of summed-up traces `t`: for orders that no index has. */
export function sortPlaces(
  read: ReadSql,
  { range, sort, after, limit }: Pick<TraceQuery, 'range' | 'sort' | 'after' | 'limit'>,
  totals: Fragment,
): Promise<Place[]> {
  return read<Place[]>`
    select p.key::float8 as key, replace(p.trace_id::text, '-', '') as trace, p.day from (
      select t.trace_id, t.low_day as day, ${sortKey(read, sort)} as key
      from ${totals}
      where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8
    ) p
    where ${isAfter(read, sort, after)}
    order by ${sortOrder(read, sort)}
    limit ${limit + 1}`
}

function isAfter(read: ReadSql, sort: TraceSort, after: TraceCursor | undefined): Fragment {
  if (after === undefined) return read`true`
  const place: Fragment = read`(${after.key}::float8, ${after.trace}::uuid)`
  return sort === 'startTime'
    ? read`(p.key::float8, p.trace_id) > ${place}`
    : read`(p.key::float8, p.trace_id) < ${place}`
}

/** The order of rows `p(key, trace_id)`. */
export function sortOrder(read: ReadSql, sort: TraceSort): Fragment {
  return sort === 'startTime' ? read`p.key, p.trace_id` : read`p.key desc, p.trace_id desc`
}

/** What a trace `t` is sorted by; those without the value come last. */
export function sortKey(read: ReadSql, sort: TraceSort): Fragment {
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
