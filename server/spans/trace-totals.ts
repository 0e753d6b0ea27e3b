import type { FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { spanConditions, splitTraceTerms, traceConditions } from './filter-sql.ts'
import { inProject, storedDays, type Fragment } from './span-scope.ts'

export type TraceSelection = {
  projectId: string
  filters: readonly FilterTerm[]
  /** A query of `trace_id`: the traces to look at. */
  candidates: Fragment
  /** The days to look for their spans in, as `d(day)`; every stored day where left out. */
  days?: Fragment
}

/**
 * Totals of the candidates that the filter keeps, as `t`: one span matches all span terms together,
 * `latency`, `cost` and `tokens` are the trace's. `position_us` is its root's start, else its first
 * span's.
 */
export function traceTotals(sql: ReadSql, selection: TraceSelection): Fragment {
  const { spanTerms, traceTerms } = splitTraceTerms(selection.filters)
  return sql`(select t.* from (
      select trace_id, extract(epoch from coalesce(root_at, first_at)) * 1000000 as position_us,
        root_id, root_at, first_at, last_at, span_count, error_count, cost_nano_usd, unpriced_calls,
        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
        input_tokens + output_tokens as total_tokens, first_token_at, is_match,
        case when root_at is null
          then (extract(epoch from last_at - first_at) * 1000000)::int8 else root_duration_us
        end as duration_us
      from (${aggregates(sql, selection, spanTerms)}) a
    ) t where t.is_match and ${traceConditions(sql, traceTerms)}) t`
}

/** `offset 0` keeps the probe of one trace in one day a probe: never a scan of all partitions. */
function aggregates(sql: ReadSql, selection: TraceSelection, spanTerms: FilterTerm[]): Fragment {
  const { projectId, candidates, days } = selection
  return sql`
    select s.trace_id,
      min(s.started_at) filter (where s.parent_span_id is null) as root_at,
      (array_agg(s.duration_us order by s.started_at, s.span_id)
        filter (where s.parent_span_id is null))[1] as root_duration_us,
      (array_agg(s.span_id order by s.started_at, s.span_id)
        filter (where s.parent_span_id is null))[1] as root_id,
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
    from (${candidates}) c cross join ${days ?? storedDays(sql)} cross join lateral (
      select * from spans s
      where ${inProject(sql, projectId)} and s.day = d.day and s.trace_id = c.trace_id
        and s.flags & 16 = 0
      offset 0
    ) s
    group by s.trace_id`
}

/** Traces named by id. */
export function namedTraces(sql: ReadSql, traceIds: readonly string[]): Fragment {
  return sql`select distinct id as trace_id from unnest(${[...traceIds]}::uuid[]) id`
}
