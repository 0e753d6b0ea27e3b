import {
  MINUTE_MS,
  type FilterTerm,
  type ScoreMetricResult,
  type TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { ceilTo, floorTo } from '../rollups/bucket.ts'
import { readRows, upIntervals } from '../rollups/read-rows.ts'
import { instant, toUs, type Fragment } from '../spans/span-scope.ts'
import { matchesSpans, scoresOf } from './score-scope.ts'

export type ScoreMetricQuery = {
  projectId: string
  metric: string
  range: TimeRange
  /** Whole minutes; null = one bucket over the whole range. */
  stepMs: number | null
  groupBy: readonly string[]
  filter: readonly FilterTerm[]
}

type Measure = { kind: 'avg' | 'pass_rate'; name: string; source: string | null }
type Row = { bucket: number; value: number | null; n: number }

const MAX_POINTS = 5_000

/** What `score_avg.NAME`, `score_pass_rate.NAME` and `feedback_positive_rate` ask for. */
export function scoreMeasureOf(metric: string): Measure | undefined {
  if (metric === 'feedback_positive_rate') {
    return { kind: 'pass_rate', name: 'feedback', source: 'user' }
  }
  const [, kind, name] = /^score_(avg|pass_rate)\.(.+)$/su.exec(metric) ?? []
  if (name === undefined || (kind !== 'avg' && kind !== 'pass_rate')) return undefined
  return { kind, name, source: null }
}

/** Scores over time, by the instant they were given; undefined where `metric` is none of scores. */
export async function queryScoreMetric(
  sql: Sql,
  query: ScoreMetricQuery,
): Promise<ScoreMetricResult | undefined> {
  const measure = scoreMeasureOf(query.metric)
  if (measure === undefined) return undefined
  const { projectId, metric, range } = query
  if (query.groupBy.length > 0) {
    throw new InvalidValueError(`${metric} is not answered by group yet`, 'groupBy')
  }
  const from = floorTo(range.from, MINUTE_MS)
  const to = ceilTo(range.to, MINUTE_MS)
  const stepMs = query.stepMs ?? to - from
  if ((to - from) / stepMs > MAX_POINTS) {
    throw new InvalidValueError(
      `narrow the range or widen the step: at most ${MAX_POINTS} buckets are answered`,
      'step',
    )
  }
  const stored = await readRows(sql, {
    projectId,
    tiles: [],
    deltas: { from, to: from },
    up: range,
  })
  const { storedThroughMs, upMinutesMs } = stored
  const buckets = { from, to, stepMs }
  const rows = await readWithin(sql, (read) => readBuckets(read, query, { measure, buckets }))
  const points = rows.map(({ bucket, value, n }) => {
    const t = from + bucket * stepMs
    return { t, value, n, partial: Math.min(t + stepMs, to) > storedThroughMs }
  })
  return {
    metric,
    unit: measure.kind === 'avg' ? '1' : 'ratio',
    stepMs,
    storedThrough: storedThroughMs,
    source: 'spans',
    up: upIntervals(upMinutesMs, range, storedThroughMs),
    series: points.length === 0 ? [] : [{ group: {}, points }],
  }
}

function readBuckets(
  read: ReadSql,
  { projectId, filter }: ScoreMetricQuery,
  { measure, buckets }: { measure: Measure; buckets: TimeRange & { stepMs: number } },
) {
  const { from, to, stepMs } = buckets
  const { kind, name, source } = measure
  return read<Row[]>`
    select floor((extract(epoch from sc.at) * 1000 - ${from}::float8) / ${stepMs}::float8)::int8
        as bucket,
      ${kind === 'avg' ? read`avg(sc.value)` : passRate(read)}::float8 as value, count(*) as n
    from scores sc
    where ${scoresOf(read, projectId)} and sc.name = ${name}
      and sc.at >= ${instant(read, toUs(from))} and sc.at < ${instant(read, toUs(to))}
      and ${kind === 'avg' ? read`sc.value is not null` : isVerdict(read)}
      and ${source === null ? read`true` : read`sc.source = ${source}`}
      and ${matchesSpans(read, projectId, filter)}
    group by 1
    order by 1`
}

/** A label says by itself whether it passed; without one a value does that is a share of 1. */
function isVerdict(read: ReadSql): Fragment {
  return read`(sc.label is not null or sc.value between 0 and 1)`
}

function passRate(read: ReadSql): Fragment {
  return read`avg(case
    when lower(sc.label) in ('pass', 'true', 'up') then 1
    when lower(sc.label) in ('fail', 'false', 'down') then 0
    when sc.value between 0.5 and 1 then 1
    else 0 end)`
}
