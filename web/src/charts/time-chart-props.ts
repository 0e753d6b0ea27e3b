import type { Zone } from '../lib/zone.ts'
import type { Band, ChartSeries, Exemplar, Mark, ReleaseMark, TimeRange } from './chart-series.ts'
import type { Row } from './rows.ts'

export type TimeChartProps = {
  kind: 'line' | 'area' | 'bar'
  /** One row a bucket, at most 360; the server picks the bucket. */
  rows: readonly Row[]
  /** Areas and bars are stacked in this order, from the axis up; of lines the thickest lies on top. */
  series: readonly ChartSeries[]
  stepMs: number
  /** Buckets from here on may still grow: dashed, and outside every number. */
  completeTo: number
  unit: string
  zone: Zone
  height: number
  /** What a screen reader is told instead of the drawing. */
  summary: string
  timeTickCount?: number
  marks?: readonly Mark[]
  /** A dashed grey line of the period before, same rows. */
  ghostKey?: string
  /** Lines: points of buckets with fewer calls than this are hollow. */
  hollowBelow?: number
  releases?: readonly ReleaseMark[]
  bands?: readonly Band[]
  exemplars?: readonly Exemplar[]
  /** A bucket was clicked, or Enter pressed at the crosshair. */
  onOpen?: (range: TimeRange) => void
  /** A stretch was selected by dragging, or with shift and arrows. */
  onZoom?: (range: TimeRange) => void
  /** Double click or Backspace. */
  onZoomOut?: () => void
  onExemplar?: (exemplar: Exemplar) => void
}
