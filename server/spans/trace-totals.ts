import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { spanConditions, splitTraceTerms, traceConditions } from './filter-sql.ts'
import { inProject, instant, startsWithin, toUs, type Fragment } from './span-scope.ts'
import { onEveryDay, spansOfTraces } from './trace-probe.ts'

export type TraceSelection = {
  projectId: string
  filters: readonly FilterTerm[]
  /** A query of `trace_id, low, high`: traces, and the days on which spans of them were seen. */
  candidates: Fragment
}

/**
 * Totals of the candidates that the filter keeps, as `t`: one span matches all span terms together,
 * `latency`, `cost` and `tokens` are the trace's. `position_us` is its root's start, else its first
 * span's.
 *
 * A trace is first looked for on its days and those beside them. Where it has no root there, or
 * reaches the outer days, every stored day is looked at; only a trace whose root and spans lie two
 * days apart with nothing between is summed up without the far ones.
 */
export function traceTotals(sql: ReadSql, selection: TraceSelection): Fragment {
  const { filters, projectId, candidates } = selection
  const { spanTerms, traceTerms } = splitTraceTerms(filters)
  const isMatch = spanConditions(sql, spanTerms)
  const widened: Fragment = sql`select c.trace_id, c.low - 1 as low, c.high + 1 as high from c`
  const sums = (traces: Fragment) =>
    aggregates(sql, { spans: spansOfTraces(sql, traces, projectId), isMatch, more: counts(sql) })
  return kept(sql, traceTerms, {
    before: sql`c as materialized (${candidates}),`,
    near: sums(widened),
    unsure: sql`select c.trace_id from c left join near using (trace_id)
      where near.root_at is null or near.low_day < c.low or near.high_day > c.high`,
    far: sums(onEveryDay(sql, sql`select trace_id from unsure`)),
  })
}

export type RangeSelection = {
  projectId: string
  filters: readonly FilterTerm[]
  range: TimeRange
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LEAD_MS = 600_000
/** Traces without a root in reach that are looked up on every day; more are summed up as they are. */
const MAX_UNSURE = 2_000

/**
 * Places, durations, costs and tokens for every trace placed in the range, from one scan: 10 µs a
 * trace where looking up each takes 50. The scan goes past the end of the range by its length (an hour to a day), so that a
 * trace is whole; one that has no root in it, or is still under way at its end, is looked up.
 */
export function rangeTotals(sql: ReadSql, selection: RangeSelection): Fragment {
  const { filters, projectId, range } = selection
  const { spanTerms, traceTerms } = splitTraceTerms(filters)
  const isMatch = spanConditions(sql, spanTerms)
  const scanned = scanAround(range)
  const spans: Fragment = sql`spans s
    where ${inProject(sql, projectId)} and ${startsWithin(sql, scanned)}`
  const lost: Fragment = sql`select trace_id from unsure`
  const more: Fragment = sql``
  const totals = kept(sql, traceTerms, {
    before: more,
    near: aggregates(sql, { spans, isMatch, more }),
    unsure: sql`select trace_id from near
      where root_at is null or last_at >= ${instant(sql, toUs(scanned.to))} limit ${MAX_UNSURE}`,
    far: aggregates(sql, {
      spans: spansOfTraces(sql, onEveryDay(sql, lost), projectId),
      isMatch,
      more,
    }),
  })
  return sql`(select * from ${totals}
    where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8) t`
}

/** Where the spans of the traces of a range are looked for. */
export function scanAround({ from, to }: TimeRange): TimeRange {
  const tailMs = Math.min(Math.max(to - from, HOUR_MS), DAY_MS)
  return { from: Math.max(0, from - LEAD_MS), to: to + tailMs }
}

type Parts = { before: Fragment; near: Fragment; unsure: Fragment; far: Fragment }

function kept(
  sql: ReadSql,
  traceTerms: readonly FilterTerm[],
  { before, near, unsure, far }: Parts,
): Fragment {
  return sql`(select t.* from (
      with ${before} near as materialized (${near}),
        unsure as materialized (${unsure}),
        far as materialized (${far}),
        both_parts as (
          select * from near where trace_id not in (select trace_id from unsure)
          union all select * from far
        )
      select *, extract(epoch from coalesce(root_at, first_at)) * 1000000 as position_us,
        input_tokens + output_tokens as total_tokens,
        case when root_at is null
          then (extract(epoch from last_at - first_at) * 1000000)::int8
          else nullif(first_root[3], -1)
        end as duration_us
      from both_parts
    ) t where t.is_match and ${traceConditions(sql, traceTerms)}) t`
}

type Sums = { spans: Fragment; isMatch: Fragment; more: Fragment }

/** `first_root` is the first root's start, id and duration: a plain minimum, so that rows are hashed. */
function aggregates(sql: ReadSql, { spans, isMatch, more }: Sums): Fragment {
  return sql`
    select s.trace_id, min(s.day) as low_day, max(s.day) as high_day,
      min(s.started_at) filter (where s.parent_span_id is null) as root_at,
      min(array[(extract(epoch from s.started_at) * 1000000)::int8, s.span_id,
        coalesce(s.duration_us, -1)]) filter (where s.parent_span_id is null) as first_root,
      min(s.started_at) as first_at, max(s.ended_at) as last_at,
      sum(s.cost_nano_usd) filter (where s.flags & 1 <> 0)::int8 as cost_nano_usd,
      coalesce(sum(s.input_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as input_tokens,
      coalesce(sum(s.output_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as output_tokens,
      ${more}
      bool_or(${isMatch}) as is_match
    from ${spans}
    group by s.trace_id`
}

/** What a summary shows besides. */
function counts(sql: ReadSql): Fragment {
  return sql`count(*) as span_count, count(*) filter (where s.flags & 2 <> 0) as error_count,
    count(*) filter (where s.flags & 1 <> 0 and s.cost_nano_usd is null
      and s.type in ('llm', 'embedding')) as unpriced_calls,
    coalesce(sum(s.cache_read_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_read_tokens,
    coalesce(sum(s.cache_write_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_write_tokens,
    coalesce(sum(s.reasoning_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as reasoning_tokens,
    min(s.started_at + s.ttft_us * interval '1 microsecond') as first_token_at,`
}
