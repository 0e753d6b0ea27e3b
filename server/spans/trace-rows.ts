import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { spanConditions, splitTraceTerms, traceConditions } from './filter-sql.ts'
import { inProject, isListed, toUs, utcDay, type Fragment } from './span-scope.ts'
import { owner } from './trace-probe.ts'

export type TraceRowsQuery = {
  projectId: string
  range: TimeRange
  /** The instant that must lie in the range: the end of the root (else of the last span), or the start. */
  by: 'start' | 'end'
  filter: readonly FilterTerm[]
  /** Columns that cost time; those left out are null. */
  columns?: readonly TraceColumns[]
}
/**
 * `labels`: service, environment, release. `totals`: cost and tokens. `ttft`: the first token.
 * `sampled`: whether senders keep only a share of its spans.
 */
export type TraceColumns = 'labels' | 'totals' | 'ttft' | 'sampled'

/**
 * Spans are read from so long before the range on. A trace that is longer is met by its later
 * spans, or by the index of long ones, and then looked up whole by its id.
 */
const BEFORE_MS = 120_000
/** What a trace that ended still does after its root's end is part of its totals for so long. */
const AFTER_MS = 3_600_000
const LONG_TRACE_US = AFTER_MS * 1_000
const DAY_MS = 86_400_000
/** A span longer than this is met by its later children only. */
const MAX_LONG_DAYS = 7

/**
 * Every trace of a range that the filter keeps, as `t(trace_id, started_at, ended_at, duration_us,
 * is_error, span_count, …)`. The same meanings as in lists of traces, but read in one pass over the
 * range's spans: a list costs what its page shows, this costs what the range holds.
 */
export function traceRows(sql: ReadSql, query: TraceRowsQuery): Fragment {
  const { filter, range } = query
  const { traceTerms } = splitTraceTerms(filter)
  const place: Fragment = query.by === 'end' ? sql`t.ended_at` : sql`t.started_at`
  return sql`(select t.* from (
      with seen as materialized (${spansSeen(sql, query)}),
        unsure as materialized (${tracesUnsure(sql, query)}),
        whole as materialized (${wholeTraces(sql, query)}),
        both_parts as (
          select * from seen where trace_id not in (select trace_id from unsure)
          union all select * from whole
        )
      select trace_id, coalesce(root_at, first_at) as started_at,
        case when root_at is null then last_at else root_end end as ended_at,
        case when root_at is null
          then (extract(epoch from last_at - first_at) * 1000000)::int8 else root_duration_us
        end as duration_us,
        case when root_at is null then error_count > 0 else root_flags & 2 <> 0 end as is_error,
        (extract(epoch from first_token_at - coalesce(root_at, first_at)) * 1000000)::int8 as ttft_us,
        is_sampled, span_count, service, environment, release, cost_nano_usd, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, reasoning_tokens,
        input_tokens + output_tokens as total_tokens
      from both_parts where is_match
    ) t
    where ${place} >= ${exactly(range.from)}::timestamptz and ${place} < ${exactly(range.to)}::timestamptz
      and ${traceConditions(sql, traceTerms)}) t`
}

/** Each trace that has a span about the range; whole where it has one root, of no great length. */
function spansSeen(sql: ReadSql, query: TraceRowsQuery): Fragment {
  const ofRoot = (value: Fragment): Fragment =>
    sql`max(${value}) filter (where s.parent_span_id is null)`
  const from = Math.max(0, query.range.from - BEFORE_MS)
  const to = query.range.to + AFTER_MS
  return sql`select s.trace_id, min(s.day) as low_day, max(s.day) as high_day,
      count(*) filter (where s.parent_span_id is null) as root_count,
      ${rowColumns(sql, query, ofRoot)}
    from spans s
    where ${inProject(sql, query.projectId)} and ${isListed(sql)}
      and s.day >= ${utcDay(from)} and s.day <= ${utcDay(to)}
      and s.started_at >= ${exactly(from)}::timestamptz and s.started_at < ${exactly(to)}::timestamptz
    group by s.trace_id`
}

function tracesUnsure(sql: ReadSql, query: TraceRowsQuery): Fragment {
  return sql`select trace_id, min(low) - 1 as low, max(high) + 1 as high from (
      select trace_id, low_day as low, high_day as high from seen
      where root_count <> 1 or root_duration_us > ${LONG_TRACE_US}::int8
      ${query.by === 'end' ? sql`union all ${longSpans(sql, query)}` : sql``}
    ) u group by trace_id`
}

/** Spans that began before the spans read and end in the range; the partial index has its bound. */
function longSpans(sql: ReadSql, { projectId, range }: TraceRowsQuery): Fragment {
  const { from, to } = range
  return sql`select s.trace_id, s.day, s.day from spans s
    where ${inProject(sql, projectId)} and ${isListed(sql)} and s.duration_us > 120000000
      and s.day >= ${utcDay(firstDay(from))} and s.day <= ${utcDay(to)}
      and s.started_at < ${exactly(from - BEFORE_MS)}::timestamptz
      and s.ended_at >= ${exactly(from)}::timestamptz and s.ended_at < ${exactly(to)}::timestamptz`
}

/** As `spansOfTraces` probes, but with the days that bound the range, so that few partitions are planned. */
function wholeTraces(sql: ReadSql, query: TraceRowsQuery): Fragment {
  const ofHead = (value: Fragment): Fragment =>
    sql`(array_agg(${value} order by s.parent_span_id is not null, s.started_at, s.span_id))[1]`
  const { from, to } = query.range
  return sql`select s.trace_id, min(s.day), max(s.day),
      count(*) filter (where s.parent_span_id is null), ${rowColumns(sql, query, ofHead)}
    from unsure
    cross join ${owner(sql, query.projectId)}
    cross join lateral generate_series(low::timestamp, high::timestamp, interval '1 day') as d(at)
    cross join lateral (
      select * from spans s
      where s.slot = owner.slot and s.project_id = owner.project_id and ${isListed(sql)}
        and s.day = d.at::date and s.trace_id = unsure.trace_id
        and s.day >= ${utcDay(firstDay(from) - DAY_MS)} and s.day <= ${utcDay(to + 2 * DAY_MS)}
      offset 0
    ) s
    group by s.trace_id`
}

/** Days before hold nothing of a trace of the range, and their partitions need no look. */
function firstDay(fromMs: number): number {
  return Math.max(DAY_MS, fromMs - MAX_LONG_DAYS * DAY_MS)
}

/** An instant with its microseconds as a constant: a sum would be made anew for every row. */
function exactly(epochMs: number): string {
  const us = toUs(Math.max(0, epochMs))
  const whole = new Date(Math.floor(us / 1_000)).toISOString().slice(0, -1)
  return `${whole}${String(us % 1_000).padStart(3, '0')}Z`
}

type Picked = (value: Fragment) => Fragment

function rowColumns(sql: ReadSql, query: TraceRowsQuery, ofRoot: Picked): Fragment {
  const { spanTerms, traceTerms } = splitTraceTerms(query.filter)
  const wanted = new Set(query.columns)
  if (traceTerms.some((term) => term.field !== 'latency')) wanted.add('totals')
  const isMatch: Fragment =
    spanTerms.length === 0 ? sql`true` : sql`bool_or(${spanConditions(sql, spanTerms)})`
  return sql`min(s.started_at) filter (where s.parent_span_id is null) as root_at,
    ${ofRoot(sql`s.ended_at`)} as root_end, ${ofRoot(sql`s.duration_us`)} as root_duration_us,
    ${ofRoot(sql`s.flags`)} as root_flags,
    min(s.started_at) as first_at, max(s.ended_at) as last_at, count(*) as span_count,
    count(*) filter (where s.flags & 2 <> 0) as error_count, ${isMatch} as is_match,
    ${wanted.has('sampled') ? sql`bool_or(s.flags & 128 <> 0)` : sql`null::bool`} as is_sampled,
    ${wanted.has('ttft') ? firstToken(sql) : sql`null::timestamptz`} as first_token_at,
    ${wanted.has('labels') ? labels(sql, ofRoot) : noLabels(sql)},
    ${wanted.has('totals') ? totals(sql) : noTotals(sql)}`
}

function firstToken(sql: ReadSql): Fragment {
  return sql`min(s.started_at + s.ttft_us * interval '1 microsecond')`
}

function labels(sql: ReadSql, ofRoot: Picked): Fragment {
  return sql`${ofRoot(sql`s.service`)} as service, ${ofRoot(sql`s.environment`)} as environment,
    ${ofRoot(sql`s.release`)} as release`
}

function noLabels(sql: ReadSql): Fragment {
  return sql`null::text as service, null::text as environment, null::text as release`
}

function totals(sql: ReadSql): Fragment {
  const sum = (column: Fragment): Fragment => sql`sum(${column}) filter (where s.flags & 1 <> 0)`
  return sql`(${sum(sql`s.cost_nano_usd`)})::int8 as cost_nano_usd,
    coalesce(${sum(sql`s.input_tokens`)}, 0)::int8 as input_tokens,
    coalesce(${sum(sql`s.output_tokens`)}, 0)::int8 as output_tokens,
    coalesce(${sum(sql`s.cache_read_tokens`)}, 0)::int8 as cache_read_tokens,
    coalesce(${sum(sql`s.cache_write_tokens`)}, 0)::int8 as cache_write_tokens,
    coalesce(${sum(sql`s.reasoning_tokens`)}, 0)::int8 as reasoning_tokens`
}

function noTotals(sql: ReadSql): Fragment {
  return sql`null::int8 as cost_nano_usd, null::int8 as input_tokens, null::int8 as output_tokens,
    null::int8 as cache_read_tokens, null::int8 as cache_write_tokens,
    null::int8 as reasoning_tokens`
}
