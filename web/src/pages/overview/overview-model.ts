import { isSumMetric, type MetricPoint, type MetricSeries } from '@sightline/server/contract'
import { OTHERS } from '../../charts/colors.ts'
import { buildRows, type Column, type Row, type RowRange } from '../../charts/rows.ts'
import { completeRange, floorTo, type CompleteRange, type Window } from '../../lib/window.ts'
import type { LiveMetrics } from '../../live/merge.ts'
import { entryIndex, entryMetric, type EntryName } from './entries.ts'

export type OverviewModel = {
  storedThrough: number
  stepMs: number
  complete: CompleteRange
  /** The period of the same length just before. */
  previous: CompleteRange
  /** Share of the previous period's buckets that hold data or in which a collector ran. */
  previousCoverage: number
  /** Changes when the numbers of the complete range do. */
  revision: string
  /** One row a bucket, with `NAME` and, one period earlier, `NAME@before` for each plain entry. */
  rows: Row[]
  up: LiveMetrics['up']
  costByModel: GroupedRows
  errorsByType: GroupedRows
}

export type GroupTotal = { name: string; total: number }
export type GroupedRows = { rows: Row[]; groups: GroupTotal[] }

const PLAIN = [
  'requests',
  'errorRate',
  'p50',
  'p95',
  'p99',
  'firstToken',
  'cost',
  'tokensInput',
  'tokensCached',
  'tokensOutput',
] as const
export type PlainName = (typeof PLAIN)[number]
const MAX_GROUPS = 6

export function overviewModel(metrics: LiveMetrics, window: Window): OverviewModel {
  const { stepMs, lengthMs } = window
  const { storedThrough, up } = metrics
  const requests = pointsOf(metrics, 'requests')
  const complete = completeRange(window, storedThrough, requests)
  const previous = { from: complete.from - lengthMs, to: complete.to - lengthMs }
  const newest = floorTo(storedThrough, stepMs)
  const last =
    window.status === 'fixed' ? Math.min(newest, window.to - stepMs) : Math.max(complete.to, newest)
  const range = { from: complete.from, last, stepMs, up }
  return {
    storedThrough,
    stepMs,
    complete,
    previous,
    previousCoverage: coverageOf({ ...previous, stepMs, up }, requests),
    revision: `${sumOfN(requests, complete)}-${sumOfN(requests, previous)}`,
    rows: buildRows(
      range,
      PLAIN.flatMap((name) => withBefore(name, pointsOf(metrics, name), lengthMs)),
    ),
    up,
    costByModel: groupedRows(seriesOf(metrics, 'costByModel'), complete, range),
    errorsByType: groupedRows(seriesOf(metrics, 'errorsByType'), complete, range),
  }
}

/** The largest groups by their total over the complete range, the rest summed as `others`. */
export function largestGroups(
  series: readonly MetricSeries[],
  complete: CompleteRange,
): (GroupTotal & { points: MetricPoint[] })[] {
  const named = series
    .map(({ group, points }) => ({
      name: groupName(group),
      points,
      total: sumOf(points, complete),
    }))
    .filter(({ points }) =>
      points.some((point) => point.t >= complete.from && point.value !== null),
    )
    .toSorted((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
  if (named.length <= MAX_GROUPS) return named
  const rest = named.slice(MAX_GROUPS - 1)
  const others = { name: OTHERS, total: 0, points: sumPoints(rest.flatMap(({ points }) => points)) }
  others.total = sumOf(others.points, complete)
  return [...named.slice(0, MAX_GROUPS - 1), others]
}

function groupedRows(
  series: readonly MetricSeries[],
  complete: CompleteRange,
  range: RowRange,
): GroupedRows {
  const groups = largestGroups(series, complete)
  const columns: Column[] = groups.map((group) => ({
    key: group.name,
    points: group.points,
    empty: 0,
  }))
  return {
    rows: buildRows(range, columns),
    groups: groups.map(({ name: key, total }) => ({ name: key, total })),
  }
}

function coverageOf(
  range: { from: number; to: number; stepMs: number; up: LiveMetrics['up'] },
  points: readonly MetricPoint[],
): number {
  const columns: Column[] = [{ key: 'n', points, empty: 0 }]
  const rows = buildRows({ ...range, last: range.to - range.stepMs }, columns)
  return rows.length === 0 ? 0 : rows.filter((row) => !row.isGap).length / rows.length
}

function withBefore(name: PlainName, points: readonly MetricPoint[], lengthMs: number): Column[] {
  const empty = isSumMetric(entryMetric(name)) ? 0 : null
  const before = points.map((point) => ({ ...point, t: point.t + lengthMs }))
  return [
    { key: name, points, empty },
    { key: `${name}@before`, points: before, empty: null },
  ]
}

function pointsOf(metrics: LiveMetrics, name: EntryName): MetricPoint[] {
  return seriesOf(metrics, name)[0]?.points ?? []
}

function seriesOf(metrics: LiveMetrics, name: EntryName): MetricSeries[] {
  return metrics.entries[entryIndex(name)]?.series ?? []
}

function groupName(group: MetricSeries['group']): string {
  const value = Object.values(group)[0]
  if (value === undefined || value === null) return 'unknown'
  return value === '__other__' ? OTHERS : value
}

function sumPoints(points: readonly MetricPoint[]): MetricPoint[] {
  const byTime = new Map<number, MetricPoint>()
  for (const point of points) {
    const known = byTime.get(point.t)
    byTime.set(
      point.t,
      known === undefined
        ? point
        : {
            t: point.t,
            value: (known.value ?? 0) + (point.value ?? 0),
            n: known.n + point.n,
            partial: known.partial || point.partial,
          },
    )
  }
  return [...byTime.values()]
}

function sumOf(points: readonly MetricPoint[], range: CompleteRange): number {
  return points.reduce((sum, point) => (isInside(point, range) ? sum + (point.value ?? 0) : sum), 0)
}

function sumOfN(points: readonly MetricPoint[], range: CompleteRange): number {
  return points.reduce((sum, point) => (isInside(point, range) ? sum + point.n : sum), 0)
}

function isInside(point: MetricPoint, { from, to }: CompleteRange): boolean {
  return point.t >= from && point.t < to
}
