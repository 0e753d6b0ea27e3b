import {
  isSumMetric,
  type MetricResult,
  type MetricSeries,
  type TimeRange,
} from '../contract/index.ts'

type Sent = { group: MetricSeries['group']; times: Set<number> }

/**
 * The points that a page has and that may go again. A trace moves to another bucket when its root
 * comes, and a call turns out to be another one's; what they leave may then hold nothing, and an
 * answer leaves out what is empty. The page has to be told.
 */
export class SentPoints {
  readonly #sent = new Map<string, Sent>()
  readonly #keptMs: number

  /** Only points that begin within `keptMs` before the newest one are remembered. */
  constructor({ keptMs }: { keptMs: number }) {
    this.#keptMs = keptMs
  }

  /** The series of an answer about `range`, with an empty point for each that went. */
  complete(result: MetricResult, range: TimeRange): MetricSeries[] {
    const value = isSumMetric(result.metric) ? 0 : null
    const seriesByKey = new Map(result.series.map((series) => [keyOf(series.group), series]))
    for (const [key, { group, times }] of this.#sent) {
      const series = seriesByKey.get(key) ?? { group, points: [] }
      const present = new Set(series.points.map((point) => point.t))
      const gone = [...times].filter((t) => t >= range.from && t < range.to && !present.has(t))
      if (gone.length === 0) continue
      for (const t of gone) times.delete(t)
      const empty = gone.map((t) => ({ t, value, n: 0, partial: true }))
      const points = [...series.points, ...empty].toSorted((a, b) => a.t - b.t)
      seriesByKey.set(key, { ...series, points })
    }
    this.#note(result.series)
    return [...seriesByKey.values()]
  }

  #note(series: readonly MetricSeries[]): void {
    const newest = Math.max(...series.map(({ points }) => points.at(-1)?.t ?? -Infinity))
    const oldest = newest - this.#keptMs
    for (const { group, points } of series) {
      const key = keyOf(group)
      const known = this.#sent.get(key) ?? { group, times: new Set() }
      for (const { t } of points) if (t >= oldest) known.times.add(t)
      if (known.times.size > 0) this.#sent.set(key, known)
    }
    if (this.#keptMs !== Infinity) this.#forgetBefore(oldest)
  }

  #forgetBefore(oldest: number): void {
    for (const [key, { times }] of this.#sent) {
      for (const t of times) if (t < oldest) times.delete(t)
      if (times.size === 0) this.#sent.delete(key)
    }
  }
}

function keyOf(group: MetricSeries['group']): string {
  return JSON.stringify(Object.entries(group))
}
