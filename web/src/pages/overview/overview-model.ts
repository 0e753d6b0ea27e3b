import { isSumMetric, type MetricPoint, type MetricSeries } from '@sightline/server/contract'
import { OTHERS } from '../../charts/colors.ts'
import { buildRows, type Column, type Row, type RowRange } from '../../charts/rows.ts'
import { completeRange, floorTo, type CompleteRange, type Window } from '../../lib/window.ts'
import type { LiveMetrics } from '../../live/merge.ts'
import { comparisonOf, type Comparison } from './compare.ts'
import { entryIndex, entryMetric, type EntryName } from './entries.ts'

export type OverviewModel = {
  storedThrough: number
  stepMs: number
  complete: CompleteRange
  comparison: Comparison
  /** The period compared with, of the same length. */
  previous: CompleteRange
  /**
   * Share of the previous period's buckets that hold data or in which a collector ran; null while
   * that period has not come.
   */
  previousCoverage: number | null
  /** Changes when the numbers of the complete range do. */
  revision: string
  /** One row a bucket, with `NAME` for each plain entry and `NAME@before` for those compared. */
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
export const COMPARED = ['requests', 'errorRate', 'p95', 'firstToken', 'cost'] as const
type ComparedName = (typeof COMPARED)[number]
const MAX_GROUPS = 6

/** The series of another day or week; null until they have come. */
export type EarlierSeries = {
  points: Record<ComparedName, readonly MetricPoint[]>
  up: LiveMetrics['up']
} | null

export function overviewModel(
  metrics: LiveMetrics,
  window: Window,
  compared?: { comparison: Comparison; earlier: EarlierSeries },
): OverviewModel {
  const { stepMs } = window
  const { storedThrough, up } = metrics
  const comparison = compared?.comparison ?? comparisonOf('prev', window.lengthMs)
  const { shiftMs } = comparison
  const before = beforeOf(metrics, comparison, compared?.earlier ?? null)
  const requests = pointsOf(metrics, 'requests')
  const complete = completeRange(window, storedThrough, requests)
  const previous = { from: complete.from - shiftMs, to: complete.to - shiftMs }
  const newest = floorTo(storedThrough, stepMs)
  const last =
    window.status === 'fixed' ? Math.min(newest, window.to - stepMs) : Math.max(complete.to, newest)
  const range = { from: complete.from, last, stepMs, up }
  return {
    storedThrough,
    stepMs,
    complete,
    comparison,
    previous,
    previousCoverage:
      before === null
        ? null
        : coverageOf({ ...previous, stepMs, up: before.up }, before.points.requests),
    revision: `${sumOfN(requests, complete)}-${sumOfN(before?.points.requests ?? [], previous)}`,
    rows: buildRows(range, [
      ...PLAIN.map((name) => columnOf(name, pointsOf(metrics, name))),
      ...(before === null
        ? []
        : COMPARED.map((name) => columnBefore(name, before.points[name], shiftMs))),
    ]),
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

function columnOf(name: PlainName, points: readonly MetricPoint[]): Column {
  return { key: name, points, empty: isSumMetric(entryMetric(name)) ? 0 : null }
}

function columnBefore(name: ComparedName, points: readonly MetricPoint[], shiftMs: number): Column {
  const shifted = points.map((point) => ({ ...point, t: point.t + shiftMs }))
  return { key: `${name}@before`, points: shifted, empty: null, isReference: true }
}

/** The period just before comes with the subscription; another day or week is fetched apart. */
function beforeOf(
  metrics: LiveMetrics,
  { kind }: Comparison,
  earlier: EarlierSeries,
): EarlierSeries {
  if (kind === 'off') return null
  if (kind !== 'prev') return earlier
  const points = (name: ComparedName): readonly MetricPoint[] => pointsOf(metrics, name)
  return {
    points: {
      requests: points('requests'),
      errorRate: points('errorRate'),
      p95: points('p95'),
      firstToken: points('firstToken'),
      cost: points('cost'),
    },
    up: metrics.up,
  }
}

export function requestPoints(metrics: LiveMetrics): MetricPoint[] {
  return pointsOf(metrics, 'requests')
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
