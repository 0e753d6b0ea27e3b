export type ChartSeries = { key: string; label: string; color: string; width?: number }

/** A named limit drawn across a chart. */
export type Mark = { value: number; label: string; color: string }

export type TimeRange = { from: number; to: number }

/** A release, drawn as ◆ on a dotted line. */
export type ReleaseMark = { at: number; label: string }

/** A stretch in which an alert fired; `to` null = it still does. */
export type Band = { from: number; to: number | null; label: string }

/** One trace standing for many: a hollow dot at its own instant and value. */
export type Exemplar = {
  /** Start of its bucket. */
  t: number
  at: number
  value: number
  traceId: string
  kind: 'slowest' | 'random'
}
