import type { FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { spanConditions, splitTraceTerms, traceConditions } from './filter-sql.ts'
import type { Fragment } from './span-scope.ts'
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
  const widened: Fragment = sql`select c.trace_id, c.low - 1 as low, c.high + 1 as high from c`
  const unsure: Fragment = sql`select c.trace_id from c left join near using (trace_id)
    where near.root_at is null or near.low_day < c.low or near.high_day > c.high`
  const sums = (traces: Fragment) => aggregates(sql, traces, { projectId, spanTerms })
  return sql`(select t.* from (
      with c as materialized (${candidates}),
        near as materialized (${sums(widened)}),
        unsure as materialized (${unsure}),
        far as materialized (${sums(onEveryDay(sql, sql`select trace_id from unsure`))}),
        both_parts as (
          select * from near where trace_id not in (select trace_id from unsure)
          union all select * from far
        )
      select *, extract(epoch from coalesce(root_at, first_at)) * 1000000 as position_us,
        input_tokens + output_tokens as total_tokens,
        case when root_at is null
          then (extract(epoch from last_at - first_at) * 1000000)::int8 else root_duration_us
        end as duration_us
      from both_parts
    ) t where t.is_match and ${traceConditions(sql, traceTerms)}) t`
}

function aggregates(
  sql: ReadSql,
  traces: Fragment,
  { projectId, spanTerms }: { projectId: string; spanTerms: FilterTerm[] },
): Fragment {
  return sql`
    select s.trace_id, min(s.day) as low_day, max(s.day) as high_day,
      min(s.started_at) filter (where s.parent_span_id is null) as root_at,
      (array_agg(s.duration_us order by s.started_at, s.span_id)
        filter (where s.parent_span_id is null))[1] as root_duration_us,
      min(s.started_at) as first_at, max(s.ended_at) as last_at,
      count(*) as span_count, count(*) filter (where s.flags & 2 <> 0) as error_count,
      sum(s.cost_nano_usd) filter (where s.flags & 1 <> 0)::int8 as cost_nano_usd,
      count(*) filter (where s.flags & 1 <> 0 and s.cost_nano_usd is null
        and s.type in ('llm', 'embedding')) as unpriced_calls,
      coalesce(sum(s.input_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as input_tokens,
      coalesce(sum(s.output_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as output_tokens,
      coalesce(sum(s.cache_read_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_read_tokens,
      coalesce(sum(s.cache_write_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_write_tokens,
      coalesce(sum(s.reasoning_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as reasoning_tokens,
      min(s.started_at + s.ttft_us * interval '1 microsecond') as first_token_at,
      bool_or(${spanConditions(sql, spanTerms)}) as is_match
    from ${spansOfTraces(sql, traces, projectId)}
    group by s.trace_id`
}
