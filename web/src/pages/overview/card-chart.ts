import type { ChartCardActions } from '../../charts/ChartMenu.tsx'
import type { TimeChartProps } from '../../charts/time-chart-props.ts'
import { colorsOf } from '../../charts/colors.ts'
import type { ChartSeries, TimeRange } from '../../charts/chart-series.ts'
import type { ChartCardInput } from './card-props.ts'

const FOCUSED_HEIGHT = 420

/** The filters under which a card's traces are opened, besides those of the page. */
type Traces = { f: readonly string[]; sort?: '-durationMs' | '-cost' }

export function sizeOf(
  { isFocused = false }: ChartCardInput,
  usual: { className: 'c4' | 'c8'; height: number },
): { className: string; height: number } {
  return isFocused ? { className: 'c12', height: FOCUSED_HEIGHT } : usual
}

export function openerOf(
  { onOpenTraces }: ChartCardInput,
  { f, sort }: Traces,
): Pick<TimeChartProps, 'onOpen'> {
  if (onOpenTraces === undefined) return {}
  return { onOpen: (range: TimeRange) => onOpenTraces(range, f, sort) }
}

export function zoomOf({
  onZoom,
  onZoomOut,
}: ChartCardInput): Pick<TimeChartProps, 'onZoom' | 'onZoomOut'> {
  return {
    ...(onZoom === undefined ? {} : { onZoom }),
    ...(onZoomOut === undefined ? {} : { onZoomOut }),
  }
}

export function actionsOf(
  input: ChartCardInput,
  { metric, f, sort }: Traces & { metric: string },
): ChartCardActions {
  const { model, onOpenTraces, onCreateAlert, onFocus, isFocused } = input
  return {
    onTraces: onOpenTraces && (() => onOpenTraces(model.complete, f, sort)),
    onAlert: onCreateAlert && (() => onCreateAlert(metric)),
    onFocus,
    isFocused,
  }
}

/** One series a group, its colour from its name. `names` is one text so that it can be compared. */
export function groupSeries(names: string): ChartSeries[] {
  const list = names === '' ? [] : names.split('\n')
  const colors = colorsOf(list)
  return list.map((name) => ({ key: name, label: name, color: colors.get(name) ?? 'var(--s0)' }))
}
