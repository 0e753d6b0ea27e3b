import type { PointBuckets, SeriesKind } from './store-points.ts'

/** A stored point; of one series those of one `startedAt` are in rising order of `at`. */
export type StoredPoint = {
  seriesId: string
  at: number
  startedAt: number
  isCumulative: boolean
  value: number | null
  count: number | null
  buckets: PointBuckets | null
}

export const HISTOGRAM_STATS = ['p50', 'p90', 'p95', 'p99', 'avg', 'sum', 'count'] as const
export type HistogramStat = (typeof HISTOGRAM_STATS)[number]

/** A counter that began no longer ago counts from its start; of an older one the first point is the base. */
const BEGAN_RECENTLY_MS = 3_600_000

/** What one point adds to its bucket: for a gauge it is the value itself. */
export type Increment = {
  seriesId: string
  at: number
  value: number
  count: number
  buckets: PointBuckets | null
}

/** Cumulative points as differences; the points before the range are only the base of the first. */
export function incrementsOf(points: readonly StoredPoint[]): Increment[] {
  const increments: Increment[] = []
  let before: StoredPoint | undefined
  for (const point of points) {
    const isSameRun = before?.seriesId === point.seriesId && before.startedAt === point.startedAt
    const base = isSameRun ? before : undefined
    before = point
    const increment = point.isCumulative ? difference(point, base) : whole(point)
    if (increment !== null) increments.push(increment)
  }
  return increments
}

function whole({ seriesId, at, value, count, buckets }: StoredPoint): Increment {
  return { seriesId, at, value: value ?? 0, count: count ?? 0, buckets }
}

function difference(point: StoredPoint, base: StoredPoint | undefined): Increment | null {
  if (base === undefined) {
    return point.at - point.startedAt <= BEGAN_RECENTLY_MS ? whole(point) : null
  }
  const isReset =
    point.count === null ? isBelow(point.value, base.value) : isBelow(point.count, base.count)
  if (isReset) return whole(point)
  return {
    seriesId: point.seriesId,
    at: point.at,
    value: (point.value ?? 0) - (base.value ?? 0),
    count: (point.count ?? 0) - (base.count ?? 0),
    buckets: bucketDifference(point.buckets, base.buckets),
  }
}

function isBelow(now: number | null, before: number | null): boolean {
  return now !== null && before !== null && now < before
}

function bucketDifference(
  now: PointBuckets | null,
  before: PointBuckets | null,
): PointBuckets | null {
  if (now === null || before === null) return now
  const isSame =
    now.bounds.length === before.bounds.length &&
    now.bounds.every((bound, at) => bound === before.bounds[at])
  if (!isSame) return now
  const counts = now.counts.map((count, at) => Math.max(0, count - (before.counts[at] ?? 0)))
  return { bounds: now.bounds, counts }
}

/** Sums up what falls into one bucket of a group. */
export class SeriesBucket {
  readonly #kind: SeriesKind
  readonly #last = new Map<string, { at: number; value: number }>()
  readonly #intervals = new Map<string, { low: number; high: number; count: number }>()
  #points = 0
  #sum = 0
  #count = 0

  constructor(kind: SeriesKind) {
    this.#kind = kind
  }

  add({ seriesId, at, value, count, buckets }: Increment): void {
    this.#points += 1
    this.#sum += value
    this.#count += count
    if (this.#kind === 'gauge') {
      const last = this.#last.get(seriesId)
      if (last === undefined || at >= last.at) this.#last.set(seriesId, { at, value })
    }
    if (buckets !== null) this.#addBuckets(buckets)
  }

  #addBuckets({ bounds, counts }: PointBuckets): void {
    for (const [at, count] of counts.entries()) {
      if (!(count > 0)) continue
      const high = bounds[at] ?? Infinity
      const low = at === 0 ? Math.min(0, high) : (bounds[at - 1] ?? 0)
      const key = `${low} ${high}`
      const known = this.#intervals.get(key)
      if (known === undefined) this.#intervals.set(key, { low, high, count })
      else known.count += count
    }
  }

  /** Values in a histogram, else points. */
  get n(): number {
    return this.#kind === 'histogram' ? this.#count : this.#points
  }

  value(stat: HistogramStat): number | null {
    if (this.#kind === 'sum') return this.#sum
    if (this.#kind === 'gauge') return mean([...this.#last.values()].map(({ value }) => value))
    if (stat === 'count') return this.#count
    if (stat === 'sum') return this.#sum
    if (stat === 'avg') return this.#count === 0 ? null : this.#sum / this.#count
    return this.#quantile(Number(stat.slice(1)) / 100)
  }

  /** Within its bucket a value is taken to lie evenly; above the last bound it is that bound. */
  #quantile(share: number): number | null {
    const intervals = [...this.#intervals.values()].sort((a, b) => a.high - b.high || a.low - b.low)
    const total = intervals.reduce((sum, { count }) => sum + count, 0)
    if (total === 0) return null
    let rest = share * total
    for (const { low, high, count } of intervals) {
      if (rest <= count) return high === Infinity ? low : low + ((high - low) * rest) / count
      rest -= count
    }
    const last = intervals.at(-1)
    if (last === undefined) return null
    return last.high === Infinity ? last.low : last.high
  }
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
