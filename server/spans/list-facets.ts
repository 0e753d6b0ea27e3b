import type { FacetList, FilterTerm } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { splitBodyTerms } from './body-terms.ts'
import type { ReadChunk } from './chunk-span.ts'
import { countInBodies } from './count-in-bodies.ts'
import { facetValue, isBodyField, type FacetItem, type FacetQuery } from './facet-value.ts'
import { spanConditions, splitTraceTerms, storable } from './filter-sql.ts'
import {
  inProject,
  instant,
  startsBetween,
  startsWithin,
  toUs,
  type Fragment,
} from './span-scope.ts'
import { onEveryDay } from './trace-probe.ts'
import { rangeTotals, scanAround, traceTotals } from './trace-totals.ts'

type CountRow = FacetItem & { unplaced: string[] | null }

/** 145,000 spans of a day take 150 ms; counts of more are of the newest. */
const MAX_SPANS = 300_000
const MAX_VALUES = 1_000
/** Traces of one value whose root is not in reach and that are looked up. */
const MAX_UNPLACED = 200
const WORK_MEMORY = '64MB'

/** Values of a field by how many traces of the list carry them on a span that the filter keeps. */
export async function listFacets(
  sql: Sql,
  query: FacetQuery,
  readChunk: ReadChunk,
): Promise<FacetList> {
  return readWithin(sql, async (read) => {
    const split = splitBodyTerms(read, query.filters)
    const isInBodies = isBodyField(query.field) || split.bodyTests.length > 0
    const { items, countedFrom } = isInBodies
      ? await countInBodies(read, query, { ...split, readChunk })
      : await countInColumns(read, query)
    return {
      field: query.field,
      items: items
        .filter(({ count }) => count > 0)
        .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
        .slice(0, query.limit),
      isComplete: countedFrom <= query.range.from,
      countedFrom: Math.max(countedFrom, query.range.from),
    }
  })
}

async function countInColumns(
  read: ReadSql,
  query: FacetQuery,
): Promise<{ items: FacetItem[]; countedFrom: number }> {
  // Sizes of filtered sets are guessed far too small, and two large ones must be hashed.
  await read`select set_config('work_mem', ${WORK_MEMORY}, true),
    set_config('enable_nestloop', 'off', true)`
  const countedFrom = await readCountedFrom(read, query)
  const counted = { ...query, range: { from: countedFrom, to: query.range.to } }
  const { traceTerms } = splitTraceTerms(query.filters)
  const items =
    traceTerms.length === 0
      ? await countByRoots(read, counted)
      : await countByTotals(read, counted, traceTerms)
  return { items, countedFrom }
}

/** Where the newest spans that may be counted begin. */
async function readCountedFrom(read: ReadSql, { projectId, range }: FacetQuery): Promise<number> {
  const [row] = await read<{ startedAt: number }[]>`
    select s.started_at from spans s
    where ${inProject(read, projectId)} and ${startsBetween(read, range)}
    order by s.started_at desc
    offset ${MAX_SPANS} limit 1`
  return row === undefined ? range.from : Math.ceil(row.startedAt)
}

/** Which traces carry which value, as rows of `trace_id, value`. */
function carriers(read: ReadSql, query: FacetQuery): Fragment {
  const { projectId, filters, range, contains } = query
  const { spanTerms } = splitTraceTerms(filters)
  const { value, more } = facetValue(read, query.field)
  const isWanted: Fragment =
    contains === undefined
      ? read`${value} is not null`
      : read`strpos(lower(${value}), lower(${storable(contains)})) > 0`
  return read`
    select s.trace_id, ${value} as value from spans s ${more}
    where ${inProject(read, projectId)} and ${startsWithin(read, scanAround(range))}
      and ${spanConditions(read, spanTerms)} and ${isWanted}
    group by 1, 2`
}

/** A trace is placed by its root, which an index finds; one without a root in reach is looked up. */
async function countByRoots(read: ReadSql, query: FacetQuery): Promise<FacetItem[]> {
  const { projectId, range } = query
  const rows = await read<CountRow[]>`
    with carrier as (${carriers(read, query)}),
      root as (
        select s.trace_id,
          min(s.started_at) >= ${instant(read, toUs(range.from))}
            and min(s.started_at) < ${instant(read, toUs(range.to))} as is_inside
        from spans s
        where ${inProject(read, projectId)} and ${startsBetween(read, scanAround(range))}
          and s.parent_span_id is null
        group by 1
      )
    select value, count(*) filter (where root.is_inside) as count,
      (array_agg(carrier.trace_id::text) filter (where root.trace_id is null))[1:${MAX_UNPLACED}]
        as unplaced
    from carrier left join root using (trace_id)
    group by value
    order by 2 desc
    limit ${MAX_VALUES}`
  return placeRest(read, query, rows)
}

async function placeRest(
  read: ReadSql,
  query: FacetQuery,
  rows: readonly CountRow[],
): Promise<FacetItem[]> {
  const unplaced = new Set(rows.flatMap((row) => row.unplaced ?? []))
  const inside = unplaced.size === 0 ? new Set() : await findInside(read, query, [...unplaced])
  return rows.map(({ value, count, unplaced: own }) => ({
    value,
    count: count + (own ?? []).filter((trace) => inside.has(trace)).length,
  }))
}

/** Of the named traces those whose place is in the range. */
async function findInside(
  read: ReadSql,
  { projectId, range }: FacetQuery,
  traceIds: string[],
): Promise<Set<string>> {
  const candidates = onEveryDay(read, read`select unnest(${traceIds}::uuid[]) as trace_id`)
  const rows = await read<{ trace: string }[]>`
    select t.trace_id::text as trace
    from ${traceTotals(read, { projectId, filters: [], candidates })}
    where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8`
  return new Set(rows.map((row) => row.trace))
}

/** Where the filter asks for a latency, cost or tokens, each trace is summed up first. */
function countByTotals(
  read: ReadSql,
  query: FacetQuery,
  traceTerms: FilterTerm[],
): Promise<FacetItem[]> {
  const { projectId, range } = query
  const totals = rangeTotals(read, { projectId, range, filters: traceTerms })
  return read<FacetItem[]>`
    with carrier as (${carriers(read, query)})
    select value, count(*) as count
    from carrier join ${totals} using (trace_id)
    group by value
    order by 2 desc
    limit ${MAX_VALUES}`
}
