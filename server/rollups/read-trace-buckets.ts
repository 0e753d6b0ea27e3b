import { MAX_GROUPS, OTHER_GROUP } from '../contract/index.ts'
import type { FilterTerm, TimeRange, TraceGroupField } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import type { ReadSql } from '../db/read-within.ts'
import { MAX_TUPLE_TEXT } from './series.ts'

export type TraceColumns = 'labels' | 'totals' | 'ttft' | 'sampled'

/** Traces of a range as rows `t`, one each; throws InvalidValueError for a filter it refuses. */
export type TraceRows = (
  sql: ReadSql,
  query: {
    projectId: string
    range: TimeRange
    by: 'end'
    filter: readonly FilterTerm[]
    columns: readonly TraceColumns[]
  },
) => ReturnType<ReadSql>

export type TraceBucketsQuery = {
  projectId: string
  fromMs: number
  toMs: number
  stepMs: number
  groupBy: readonly TraceGroupField[]
  filter: readonly FilterTerm[]
  /** What the metrics asked for rest on, besides counts. */
  needs: ReadonlySet<TraceNeed>
}
export type TraceNeed = 'latency' | 'ttft' | 'totals'

/** What one group holds of one bucket; sums are over its traces, money in nano-USD. */
export type TraceBucket = {
  bucket: number
  /** The group's values in the order of `groupBy`; each is `__other__` beyond the largest 50. */
  labels: (string | null)[]
  traces: number
  errors: number
  /** Of some traces' spans the sender keeps only a share. */
  isSampled: boolean
  pricedTraces: number
  costNanoUsd: number
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  reasoningTokens: number
  timedTraces: number
  latencyAvgUs: number | null
  /** p50, p90, p95, p99. */
  latencyUs: number[] | null
  firstTokens: number
  /** p50, p95, p99. */
  ttftUs: number[] | null
}

type BucketRow = Omit<TraceBucket, 'labels'> & { label: string | null }

/** Counts the traces that ended in each bucket, straight from spans, in one snapshot. */
export async function readTraceBuckets(
  sql: Sql,
  query: TraceBucketsQuery,
  traceRows: TraceRows,
): Promise<{ storedThroughMs: number; buckets: TraceBucket[] }> {
  return readWithin(sql, async (read) => {
    const rows = await readBuckets(read, query, traceRows)
    // The transaction's start, and so no later than its snapshot.
    const [clock] = await read<{ at: number }[]>`select sightline_now(now()) as at`
    return {
      storedThroughMs: Math.floor(clock?.at ?? 0),
      buckets: rows.map(({ label, ...row }) => ({ ...row, labels: toLabels(label, query) })),
    }
  })
}

function readBuckets(
  read: ReadSql,
  query: TraceBucketsQuery,
  traceRows: TraceRows,
): Promise<BucketRow[]> {
  const { projectId, fromMs, toMs, stepMs, groupBy, filter, needs } = query
  const columns: TraceColumns[] = ['sampled']
  if (groupBy.some((field) => field !== 'status')) columns.push('labels')
  if (needs.has('totals')) columns.push('totals')
  if (needs.has('ttft')) columns.push('ttft')
  const range = { from: fromMs, to: toMs }
  const traces = traceRows(read, { projectId, range, by: 'end', filter, columns })
  // date_part is a double, as extract no longer is: a third of the time, and exact to the microsecond.
  const ended: ReturnType<ReadSql> = read`select t.*, ${labelOf(read, groupBy)} as label,
      floor((date_part('epoch', t.ended_at) * 1000 - ${fromMs}::float8) / ${stepMs}::float8)::int8
        as bucket
    from ${traces}`
  return read<BucketRow[]>`
    select bucket, label, count(*) as traces, count(*) filter (where is_error) as errors,
      bool_or(is_sampled) as is_sampled,
      ${needs.has('totals') ? totals(read) : noTotals(read)},
      ${needs.has('latency') ? latency(read) : noLatency(read)},
      ${needs.has('ttft') ? ttft(read) : noTtft(read)}
    from (${columns.includes('labels') ? withLargest(read, ended) : ended}) e
    group by bucket, label
    order by bucket, label`
}

/** The same rows, those beyond the largest groups without a label. */
function withLargest(read: ReadSql, ended: ReturnType<ReadSql>): ReturnType<ReadSql> {
  return read`
    with ended as materialized (${ended}), largest as materialized (
      select label from ended group by label order by count(*) desc, label limit ${MAX_GROUPS}
    )
    select e.bucket, l.label, e.is_error, e.duration_us, e.ttft_us, e.cost_nano_usd,
      e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
      e.reasoning_tokens, e.is_sampled
    from ended e left join largest l on l.label = e.label`
}

/** One text that stands for the group's values; null without grouping. */
function labelOf(read: ReadSql, groupBy: readonly TraceGroupField[]): ReturnType<ReadSql> {
  if (groupBy.length === 0) return read`null::text`
  if (groupBy.every((field) => field === 'status')) {
    return read`case when t.is_error then '["error"]' else '["ok"]' end`
  }
  const values = groupBy.map((field) => read`left(${columnOf(read, field)}, ${MAX_TUPLE_TEXT})`)
  const joined = values.reduce((all, value) => read`${all}, ${value}`)
  return read`jsonb_build_array(${joined})::text`
}

function columnOf(read: ReadSql, field: TraceGroupField): ReturnType<ReadSql> {
  switch (field) {
    case 'service':
      return read`t.service`
    case 'environment':
      return read`t.environment`
    case 'release':
      return read`t.release`
    case 'status':
      return read`case when t.is_error then 'error' else 'ok' end`
  }
}

function totals(read: ReadSql): ReturnType<ReadSql> {
  return read`count(cost_nano_usd) as priced_traces,
    coalesce(sum(cost_nano_usd), 0)::float8 as cost_nano_usd,
    coalesce(sum(input_tokens), 0)::float8 as input_tokens,
    coalesce(sum(output_tokens), 0)::float8 as output_tokens,
    coalesce(sum(cache_read_tokens), 0)::float8 as cache_read_tokens,
    coalesce(sum(cache_write_tokens), 0)::float8 as cache_write_tokens,
    coalesce(sum(reasoning_tokens), 0)::float8 as reasoning_tokens`
}

function noTotals(read: ReadSql): ReturnType<ReadSql> {
  return read`0 as priced_traces, 0 as cost_nano_usd, 0 as input_tokens, 0 as output_tokens,
    0 as cache_read_tokens, 0 as cache_write_tokens, 0 as reasoning_tokens`
}

function latency(read: ReadSql): ReturnType<ReadSql> {
  return read`count(duration_us) as timed_traces, avg(duration_us)::float8 as latency_avg_us,
    percentile_cont(array[0.5, 0.9, 0.95, 0.99]) within group (order by duration_us) as latency_us`
}

function noLatency(read: ReadSql): ReturnType<ReadSql> {
  return read`0 as timed_traces, null::float8 as latency_avg_us, null::float8[] as latency_us`
}

function ttft(read: ReadSql): ReturnType<ReadSql> {
  return read`count(ttft_us) as first_tokens,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by ttft_us) as ttft_us`
}

function noTtft(read: ReadSql): ReturnType<ReadSql> {
  return read`0 as first_tokens, null::float8[] as ttft_us`
}

function toLabels(label: string | null, { groupBy }: TraceBucketsQuery): (string | null)[] {
  if (groupBy.length === 0) return []
  if (label === null) return groupBy.map(() => OTHER_GROUP)
  return JSON.parse(label) as (string | null)[]
}
