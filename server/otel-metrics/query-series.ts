import {
  type FilterTerm,
  MAX_GROUPS,
  type MetricResult,
  type MetricSeries,
  MINUTE_MS,
  OTHER_GROUP,
  type TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { slotOf } from '../projects/slot.ts'
import { ceilTo, floorTo } from '../rollups/bucket.ts'
import { projectLatenessMs } from '../rollups/lateness.ts'
import { readRows, upIntervals } from '../rollups/read-rows.ts'
import { attributeKey, matchesSeries } from './series-filter.ts'
import {
  HISTOGRAM_STATS,
  type HistogramStat,
  incrementsOf,
  SeriesBucket,
  type StoredPoint,
} from './series-value.ts'
import type { SeriesKind } from './store-points.ts'

export type SeriesQuery = {
  projectId: string
  /** Without `otel.`. */
  name: string
  range: TimeRange
  /** null = one bucket over the whole range. */
  stepMs: number | null
  groupBy: readonly string[]
  filter: readonly FilterTerm[]
}

/** As `GET /metrics` answers other metrics. */
export type SeriesResult = Omit<MetricResult, 'metric' | 'source'> & {
  metric: string
  source: 'series'
}

type SeriesRow = {
  id: string
  name: string
  unit: string
  kind: SeriesKind
  attributes: Record<string, string>
}

const MAX_BUCKETS = 5_000
const MAX_STORED_POINTS = 200_000
/** The base of a cumulative series' first difference is looked for this far back. */
const LOOK_BACK_MS = 3_600_000

/**
 * A series of `gen_ai.server.*` or `vllm:*` over time: of a gauge the mean of the last values, of a
 * counter its increase, of a histogram the median, or with `.p95` and the like what that says.
 */
export async function querySeries(sql: Sql, query: SeriesQuery): Promise<SeriesResult> {
  const { projectId, range } = query
  const buckets = bucketsOf(query)
  const { from } = buckets
  const rows = await readRows(sql, {
    projectId,
    tiles: [],
    deltas: { from, to: from },
    up: range,
  })
  const latenessMs = await projectLatenessMs(sql, projectId)
  const found = await readWithin(sql, (read) => readSeries(read, query, buckets))
  const isPartial = (endMs: number): boolean => endMs + latenessMs > rows.storedThroughMs
  return {
    metric: `otel.${query.name}`,
    scope: 'call',
    unit: found.series[0]?.unit === '' ? '1' : (found.series[0]?.unit ?? '1'),
    stepMs: buckets.stepMs,
    storedThrough: rows.storedThroughMs,
    source: 'series',
    up: upIntervals(rows.upMinutesMs, range, rows.storedThroughMs),
    series: toSeries(found, { query, buckets, isPartial }),
  }
}

type Buckets = TimeRange & { stepMs: number }

function bucketsOf({ range, stepMs }: SeriesQuery): Buckets {
  const from = floorTo(range.from, MINUTE_MS)
  const to = ceilTo(range.to, MINUTE_MS)
  const step = stepMs ?? to - from
  if ((to - from) / step > MAX_BUCKETS) {
    throw new InvalidValueError(
      `narrow the range or widen the step: at most ${MAX_BUCKETS} buckets are answered`,
      'step',
    )
  }
  return { from, to, stepMs: step }
}

type Found = { series: SeriesRow[]; points: StoredPoint[]; stat: HistogramStat }

async function readSeries(read: ReadSql, query: SeriesQuery, buckets: Buckets): Promise<Found> {
  const { projectId, name, filter } = query
  const dot = name.lastIndexOf('.')
  const stat = HISTOGRAM_STATS.find((candidate) => candidate === name.slice(dot + 1))
  const names = stat === undefined ? [name] : [name, name.slice(0, dot)]
  const rows = await read<SeriesRow[]>`
    select replace(s.series_id::text, '-', '') as id, s.name, s.unit, s.kind, s.attributes
    from otel_series s
    where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
      and s.name = any(${names}::text[])
      and (s.name = ${name} or s.kind = 'histogram')
    order by s.created_at, s.series_id`
  // A sender may have a metric whose own name ends so.
  const whole = rows.filter((row) => row.name === name)
  const named = whole.length > 0 ? whole : rows
  const kind = named[0]?.kind
  const series = named.filter((row) => row.kind === kind && matchesSeries(row.attributes, filter))
  const points = await readPoints(read, projectId, { series, buckets })
  return { series, points, stat: whole.length > 0 ? 'p50' : (stat ?? 'p50') }
}

async function readPoints(
  read: ReadSql,
  projectId: string,
  { series, buckets }: { series: SeriesRow[]; buckets: Buckets },
): Promise<StoredPoint[]> {
  if (series.length === 0) return []
  const points = await read<StoredPoint[]>`
    select replace(p.series_id::text, '-', '') as series_id, p.at, p.started_at, p.is_cumulative,
      p.value, p.count, p.buckets
    from otel_points p
    where p.slot = ${slotOf(projectId)} and p.project_id = ${projectId}
      and p.series_id = any(${series.map(({ id }) => id)}::uuid[])
      and p.at >= ${buckets.from - LOOK_BACK_MS} and p.at < ${buckets.to}
    order by p.series_id, p.started_at, p.at
    limit ${MAX_STORED_POINTS + 1}`
  if (points.length <= MAX_STORED_POINTS) return points
  throw new InvalidValueError(
    `more than ${MAX_STORED_POINTS} stored points: narrow the range or add a filter`,
    'from',
  )
}

type Shape = {
  query: SeriesQuery
  buckets: Buckets
  isPartial: (endMs: number) => boolean
}

function toSeries({ series, points, stat }: Found, shape: Shape): MetricSeries[] {
  const { query, buckets, isPartial } = shape
  const kind = series[0]?.kind
  if (kind === undefined) return []
  const groups = groupsOf(series, query.groupBy)
  const filled = new Map<string, { group: MetricSeries['group']; at: Map<number, SeriesBucket> }>()
  for (const increment of incrementsOf(points)) {
    const group = groups.get(increment.seriesId)
    if (increment.at < buckets.from || group === undefined) continue
    const key = JSON.stringify(group)
    const entry = filled.get(key) ?? { group, at: new Map<number, SeriesBucket>() }
    filled.set(key, entry)
    const t = buckets.from + floorTo(increment.at - buckets.from, buckets.stepMs)
    const bucket = entry.at.get(t) ?? new SeriesBucket(kind)
    entry.at.set(t, bucket)
    bucket.add(increment)
  }
  return [...filled.values()].map(({ group, at }) => ({
    group,
    points: [...at]
      .toSorted(([a], [b]) => a - b)
      .map(([t, bucket]) => ({
        t,
        value: bucket.value(stat),
        n: bucket.n,
        partial: isPartial(Math.min(t + buckets.stepMs, buckets.to)),
      })),
  }))
}

/** The group of each series; beyond the limit they share one. */
function groupsOf(
  series: readonly SeriesRow[],
  groupBy: readonly string[],
): Map<string, MetricSeries['group']> {
  const known = new Map<string, MetricSeries['group']>()
  const groups = new Map<string, MetricSeries['group']>()
  const other = Object.fromEntries(groupBy.map((field) => [field, OTHER_GROUP]))
  for (const { id, attributes } of series) {
    const labels = groupBy.map((field) => [field, attributes[attributeKey(field)] ?? null] as const)
    const key = JSON.stringify(labels)
    if (!known.has(key)) {
      known.set(key, known.size < MAX_GROUPS ? Object.fromEntries(labels) : other)
    }
    groups.set(id, known.get(key) ?? other)
  }
  return groups
}
