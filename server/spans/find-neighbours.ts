import type { Scanned, TraceNeighbours } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import type { ReadChunk } from './chunk-span.ts'
import { findFew, planSearch } from './plan-search.ts'
import { collectMatches } from './search-traces.ts'
import { inProject, startsBetween, toUs, type Fragment } from './span-scope.ts'
import { isByTime, sortKey, sortOrder, type TraceQuery } from './trace-place.ts'
import { onEveryDay, tracesOn, type TraceDays } from './trace-probe.ts'
import { rangeTotals, traceTotals } from './trace-totals.ts'
import { walkTraces } from './walk-traces.ts'

export type NeighboursQuery = Omit<TraceQuery, 'limit' | 'after'> & { traceId: string }

type Row = { previous: string | null; next: string | null; position: number; total: number }
/** The traces of a list; those of a search may be the newest only. */
type Listed = { totals: Fragment; scanned?: Scanned }

const NOWHERE: TraceNeighbours = { previous: null, next: null, position: null, total: null }
const MAX_COUNTED_SPANS = 300_000
const MAX_WALKED_SPANS = 60_000

/** Which traces stand before and after one in a list; nulls for one that is not in it. */
export async function findNeighbours(
  sql: Sql,
  query: NeighboursQuery,
  readChunk: ReadChunk,
): Promise<TraceNeighbours> {
  const list: TraceQuery = { ...query, limit: 1, after: undefined }
  const few = await findFew(sql, list)
  return readWithin(sql, async (read) => {
    const listed = await totalsOf(read, list, { few, readChunk })
    if (listed === undefined) return walkBothWays(read, query)
    await read`select set_config('work_mem', '64MB', true)`
    const row = await readRow(read, query, listed.totals)
    if (row === undefined) return NOWHERE
    if (listed.scanned === undefined || listed.scanned.isComplete) return row
    return { ...row, position: query.sort === '-startTime' ? row.position : null, total: null }
  })
}

async function totalsOf(
  read: ReadSql,
  query: TraceQuery,
  given: { few: TraceDays[] | undefined; readChunk: ReadChunk },
): Promise<Listed | undefined> {
  const search = planSearch(read, query, given)
  if (search !== undefined) return collectMatches(read, search)
  const { projectId, filters } = query
  if (given.few !== undefined) {
    const candidates = tracesOn(read, given.few)
    return { totals: traceTotals(read, { projectId, filters, candidates }) }
  }
  return (await isCountable(read, query)) ? { totals: rangeTotals(read, query) } : undefined
}

async function isCountable(read: ReadSql, { projectId, range }: TraceQuery): Promise<boolean> {
  const rows = await read`
    select from spans s
    where ${inProject(read, projectId)} and ${startsBetween(read, range)}
    offset ${MAX_COUNTED_SPANS} limit 1`
  return rows.length === 0
}

async function readRow(
  read: ReadSql,
  { range, sort, traceId }: NeighboursQuery,
  totals: Fragment,
): Promise<Row | undefined> {
  const [row] = await read<Row[]>`
    select replace(o.previous::text, '-', '') as previous, replace(o.next::text, '-', '') as next,
      o.position, o.total
    from (
      select p.trace_id, lag(p.trace_id) over list as previous, lead(p.trace_id) over list as next,
        row_number() over list as position, count(*) over () as total
      from (
        select t.trace_id, ${sortKey(read, sort)} as key from ${totals}
        where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8
      ) p
      window list as (order by ${sortOrder(read, sort)})
    ) o
    where o.trace_id = ${traceId}::uuid`
  return row
}

/** Of a list too long to be counted: only in the order of time are neighbours near each other. */
async function walkBothWays(read: ReadSql, query: NeighboursQuery): Promise<TraceNeighbours> {
  const { projectId, filters, range, traceId, sort } = query
  if (!isByTime(sort)) return NOWHERE
  const candidates = onEveryDay(read, read`select ${traceId}::uuid as trace_id`)
  const [own] = await read<{ key: number }[]>`
    select t.position_us::float8 as key
    from ${traceTotals(read, { projectId, filters, candidates })}
    where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8`
  if (own === undefined) return NOWHERE
  const after = { key: own.key, trace: traceId }
  const walk = { projectId, filters, range, limit: 1, after, maxSpans: MAX_WALKED_SPANS }
  const newer = nearest(await walkTraces(read, { ...walk, isNewestFirst: false }))
  const older = nearest(await walkTraces(read, { ...walk, isNewestFirst: true }))
  const [previous, next] = sort === '-startTime' ? [newer, older] : [older, newer]
  return { ...NOWHERE, previous, next }
}

function nearest(walked: Awaited<ReturnType<typeof walkTraces>>): string | null {
  return walked.status === 'done' ? (walked.places[0]?.trace ?? null) : null
}
