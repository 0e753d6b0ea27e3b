import type {
  LiveUpdate,
  MetricPoint,
  MetricResult,
  MetricSeries,
  SubscribeAck,
} from '@sightline/server/contract'

export type Interval = readonly [from: number, to: number]

/** Everything one metric subscription has told so far, one result per subscribed entry. */
export type LiveMetrics = {
  seq: number
  storedThrough: number
  up: Interval[]
  entries: MetricResult[]
}

export type MergeResult = { status: 'merged'; metrics: LiveMetrics } | { status: 'gap' }

export function fromSnapshot(ack: Extract<SubscribeAck, { ok: true }>): LiveMetrics {
  return {
    seq: ack.seq,
    storedThrough: Math.min(...ack.snapshot.map((result) => result.storedThrough)),
    up: unionOf(ack.snapshot.flatMap((result) => result.up)),
    entries: ack.snapshot,
  }
}

/** Points replace those with the same `t`; a jump in `seq` means that frames were lost. */
export function mergeUpdate(metrics: LiveMetrics, update: LiveUpdate, keepFrom = 0): MergeResult {
  if (update.seq !== metrics.seq + 1) return { status: 'gap' }
  const entries = metrics.entries.map((result, index) => {
    const changed = update.series.filter((series) => series.entry === index)
    if (changed.length === 0) return result
    return { ...result, series: mergeSeries(result.series, changed, keepFrom) }
  })
  const up = unionOf([...metrics.up, ...update.up]).filter(([, to]) => to > keepFrom)
  return {
    status: 'merged',
    metrics: { seq: update.seq, storedThrough: update.storedThrough, up, entries },
  }
}

export function groupKey(group: MetricSeries['group']): string {
  const sorted = Object.entries(group).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(sorted)
}

export function unionOf(intervals: readonly Interval[]): Interval[] {
  const union: [number, number][] = []
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const last = union.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else if (to > from) union.push([from, to])
  }
  return union
}

function mergeSeries(
  known: readonly MetricSeries[],
  changed: readonly MetricSeries[],
  keepFrom: number,
): MetricSeries[] {
  const byGroup = new Map(known.map((series) => [groupKey(series.group), series]))
  for (const series of changed) {
    const key = groupKey(series.group)
    const before = byGroup.get(key)?.points ?? []
    byGroup.set(key, { ...series, points: mergePoints(before, series.points, keepFrom) })
  }
  return [...byGroup.values()].map(({ group, points }) => ({ group, points }))
}

function mergePoints(
  known: readonly MetricPoint[],
  changed: readonly MetricPoint[],
  keepFrom: number,
): MetricPoint[] {
  const byTime = new Map(known.map((point) => [point.t, point]))
  for (const point of changed) byTime.set(point.t, point)
  return [...byTime.values()].filter((point) => point.t >= keepFrom).toSorted((a, b) => a.t - b.t)
}
