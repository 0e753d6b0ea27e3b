import type { TimeRange } from './chart-series.ts'
import type { Plot } from './geometry.ts'
import type { HoverStore } from './hover.ts'
import type { Row } from './rows.ts'

/** What pointer and keys of one chart work with. */
export type ChartInput = {
  chartId: string
  plot: Plot
  rows: readonly Row[]
  stepMs: number
  hover: HoverStore
  selection: TimeRange | null
  setSelection: (range: TimeRange | null) => void
  /** A bucket in words, for a screen reader. */
  describe: (row: Row) => string
  onOpen: ((range: TimeRange) => void) | undefined
  onZoom: ((range: TimeRange) => void) | undefined
  onZoomOut: (() => void) | undefined
}

/** Two buckets and all between them. */
export function stretchOf(a: number, b: number, stepMs: number): TimeRange {
  return { from: Math.min(a, b), to: Math.max(a, b) + stepMs }
}

export function bucketOf(t: number, stepMs: number): TimeRange {
  return { from: t, to: t + stepMs }
}

export function togglePin({ hover, chartId }: ChartInput, t: number): void {
  hover.pin(hover.isPinned() && hover.get() === t ? null : t, chartId)
}
