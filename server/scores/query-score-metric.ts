import {
  MAX_GROUPS,
  MINUTE_MS,
  OTHER_GROUP,
  unitOfMetric,
  type GroupField,
  type MetricResult,
  type MetricSeries,
  type ScoreMetricName,
  type TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { ceilTo, floorTo } from '../rollups/bucket.ts'
import type { ScoreQuery } from '../rollups/query-metric.ts'
import { projectLatenessMs } from '../rollups/lateness.ts'
import { readRows, upIntervals } from '../rollups/read-rows.ts'
import { instant, toUs, type Fragment } from '../spans/span-scope.ts'
import { matchesSpans, scoresOf } from './score-scope.ts'

type Measure = { kind: 'avg' | 'pass_rate'; name: string; source: string | null }
type Buckets = TimeRange & { stepMs: number }
type Row = { bucket: number; labels: (string | null)[]; value: number | null; n: number }

const MAX_POINTS = 5_000
const MAX_GROUP_FIELDS = 3

function measureOf(metric: ScoreMetricName): Measure {
  if (metric === 'feedback_positive_rate') {
    return { kind: 'pass_rate', name: 'feedback', source: 'user' }
  }
  const dot = metric.indexOf('.')
  const kind = metric.startsWith('score_avg.') ? 'avg' : 'pass_rate'
  return { kind, name: metric.slice(dot + 1), source: null }
}

/**
 * `score_avg.NAME`, `score_pass_rate.NAME` and `feedback_positive_rate` over time, by the instant a
 * score was given, in groups of the span it judges.
 */
export async function queryScoreMetric(sql: Sql, query: ScoreQuery): Promise<MetricResult> {
  const { projectId, metric, range, groupBy } = query
  const buckets = bucketsOf(query)
  const { from, stepMs } = buckets
  const stored = await readRows(sql, {
    projectId,
    tiles: [],
    deltas: { from, to: from },
    up: range,
  })
  const { storedThroughMs, upMinutesMs } = stored
  const latenessMs = await projectLatenessMs(sql, projectId)
  const measure = measureOf(metric)
  const rows = await readWithin(sql, (read) => readBuckets(read, query, { measure, buckets }))
  const isPartial = (endMs: number): boolean => endMs + latenessMs > storedThroughMs
  return {
    metric,
    scope: 'call',
    unit: unitOfMetric(metric),
    stepMs,
    storedThrough: storedThroughMs,
    source: 'spans',
    up: upIntervals(upMinutesMs, range, storedThroughMs),
    series: seriesOf(rows, { groupBy, buckets, isPartial }),
  }
}

function bucketsOf({ metric, range, stepMs, groupBy, scope }: ScoreQuery): Buckets {
  if (scope === 'trace') {
    throw new InvalidValueError(`${metric} counts scores, not traces: leave out scope`, 'scope')
  }
  if (groupBy.length > MAX_GROUP_FIELDS) {
    throw new InvalidValueError(
      `groupBy has ${groupBy.length} fields, at most ${MAX_GROUP_FIELDS} are answered`,
      'groupBy',
    )
  }
  const from = floorTo(range.from, MINUTE_MS)
  const to = ceilTo(range.to, MINUTE_MS)
  const step = stepMs ?? to - from
  if ((to - from) / step > MAX_POINTS) {
    throw new InvalidValueError(
      `narrow the range or widen the step: at most ${MAX_POINTS} buckets are answered`,
      'step',
    )
  }
  return { from, to, stepMs: step }
}

function seriesOf(
  rows: readonly Row[],
  plan: {
    groupBy: readonly GroupField[]
    buckets: Buckets
    isPartial: (endMs: number) => boolean
  },
): MetricSeries[] {
  const { groupBy, buckets, isPartial } = plan
  const seriesBy = new Map<string, MetricSeries>()
  for (const { bucket, labels, value, n } of rows) {
    const key = JSON.stringify(labels)
    let series = seriesBy.get(key)
    if (series === undefined) {
      const group = Object.fromEntries(groupBy.map((field, i) => [field, labels[i] ?? null]))
      series = { group, points: [] }
      seriesBy.set(key, series)
    }
    const t = buckets.from + bucket * buckets.stepMs
    const partial = isPartial(Math.min(t + buckets.stepMs, buckets.to))
    series.points.push({ t, value, n, partial })
  }
  return [...seriesBy.values()]
}

/** As JSON, since the client reads the null of an array as a word. All but the 50 groups with the most scores share `__other__`. */
function readBuckets(
  read: ReadSql,
  { projectId, filter, groupBy }: ScoreQuery,
  { measure, buckets }: { measure: Measure; buckets: Buckets },
) {
  const { from, to, stepMs } = buckets
  const { kind, name, source } = measure
  const labels = groupBy.reduce<Fragment>(
    (all, field) => read`${all} || array[${groupColumn(read, field)}]`,
    read`'{}'::text[]`,
  )
  const other = groupBy.map(() => OTHER_GROUP)
  return read<Row[]>`
    with scored as materialized (
      select floor((extract(epoch from sc.at) * 1000 - ${from}::float8) / ${stepMs}::float8)::int8
          as bucket,
        ${labels} as labels,
        ${kind === 'avg' ? read`sc.value` : hasPassed(read)}::float8 as value
      from scores sc
      where ${scoresOf(read, projectId)} and sc.name = ${name}
        and sc.at >= ${instant(read, toUs(from))} and sc.at < ${instant(read, toUs(to))}
        and ${kind === 'avg' ? read`sc.value is not null` : isVerdict(read)}
        and ${source === null ? read`true` : read`sc.source = ${source}`}
        and ${matchesSpans(read, projectId, filter)}
    ), largest as (
      select labels from scored group by labels order by count(*) desc, labels limit ${MAX_GROUPS}
    )
    select scored.bucket, to_jsonb(coalesce(largest.labels, ${other}::text[])) as labels,
      avg(scored.value) as value, count(*) as n
    from scored left join largest on largest.labels = scored.labels
    group by 1, 2
    order by 2, 1`
}

function groupColumn(read: ReadSql, field: GroupField): Fragment {
  switch (field) {
    case 'model':
    case 'provider':
    case 'operation':
    case 'task':
    case 'service':
    case 'environment':
    case 'release':
      return read`sc.${read(field)}`
    case 'prompt':
      return read`coalesce(sc.prompt_name || '@' || sc.prompt_version, sc.prompt_name)`
    case 'status':
      return read`case when sc.is_error then 'error' when not sc.is_error then 'ok' end`
    case 'error.type':
      return read`sc.error_type`
  }
}

/** A label says by itself whether it passed; without one a value does that is a share of 1. */
function isVerdict(read: ReadSql): Fragment {
  return read`(sc.label is not null or sc.value between 0 and 1)`
}

function hasPassed(read: ReadSql): Fragment {
  return read`(case
    when lower(sc.label) in ('pass', 'true', 'up') then 1
    when lower(sc.label) in ('fail', 'false', 'down') then 0
    when sc.value between 0.5 and 1 then 1
    else 0 end)`
}
