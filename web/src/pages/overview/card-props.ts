import type { Band, Exemplar, ReleaseMark, TimeRange } from '../../charts/chart-series.ts'
import type { Zone } from '../../lib/zone.ts'
import type { OverviewModel } from './overview-model.ts'

/** What the page does for its cards; one that it leaves out is not offered. */
export type CardHandlers = {
  /** Traces of the range, `f` on top of the page's filters. */
  onOpenTraces?: (range: TimeRange, f: readonly string[], sort?: '-durationMs' | '-cost') => void
  onOpenTrace?: (traceId: string) => void
  onZoom?: (range: TimeRange) => void
  onZoomOut?: () => void
  /** The alerts page with a draft rule on this metric. */
  onCreateAlert?: (metric: string) => void
  onFocus?: () => void
}

export type ChartCardInput = CardHandlers & {
  model: OverviewModel
  filters: readonly string[]
  zone: Zone
  isFocused?: boolean
  isOutdated?: boolean
  releases?: readonly ReleaseMark[]
  bands?: readonly Band[]
  exemplars?: readonly Exemplar[]
}
