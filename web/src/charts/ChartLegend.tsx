import { memo } from 'react'
import { countText, metricText } from '../lib/format.ts'
import { bucketText } from './bucket-text.ts'
import type { ChartSeries } from './chart-series.ts'
import { useHover, useIsPinned } from './hover.ts'
import { rowAt, valueOf, type Row } from './rows.ts'
import type { TimeChartProps } from './time-chart-props.ts'
import type { SeriesSelection } from './use-series-selection.ts'

/** `before` says when the compared value was: `at 13:41`. */
export type GhostLabel = { label: string; before: (t: number) => string }

type ChartLegendProps = {
  name: string
  chart: TimeChartProps
  series: readonly ChartSeries[]
  selection: SeriesSelection
  ghost: GhostLabel | undefined
}

const MOST_WITH_ZEROS = 3

/**
 * Names the series and reads them out: at the crosshair, and for lines also at rest, where it is
 * the last complete bucket. A click shows one alone, with shift it hides one.
 */
export const ChartLegend = memo(function ChartLegend(props: ChartLegendProps) {
  const { name, chart, series, selection, ghost } = props
  const at = useHover()
  const isPinned = useIsPinned()
  const { rows, stepMs, zone, unit, kind } = chart
  const hovered = rowAt(rows, stepMs, at)
  const row = hovered ?? (kind === 'line' ? lastComplete(chart) : undefined)
  // Of a stack of many, a crowded readout names those that are there.
  const listed =
    row === undefined || kind === 'line' || series.length <= MOST_WITH_ZEROS
      ? series
      : series.filter(({ key }) => (valueOf(row, key) ?? 0) > 0)
  return (
    <div className="r num legend" data-testid={`${name}-readout`} data-t={row?.t}>
      {row !== undefined && (
        <span className={isPinned ? 'chip chip-time chip-pinned' : 'chip chip-time'}>
          <b>{bucketText(row.t, stepMs, zone)}</b>
          <span>{stateText(row, chart)}</span>
        </span>
      )}
      {listed.map(({ key, label, color }) => (
        <button
          key={key}
          type="button"
          className={`key legend-key ${kind === 'line' ? '' : 'sq'}`}
          style={{ '--c': color }}
          aria-pressed={selection.isVisible(key)}
          title={`${label} — click: only this one, ⇧ click: hide or show`}
          onClick={(event) => (event.shiftKey ? selection.toggle(key) : selection.isolate(key))}
        >
          <span>{label}</span>
          {row !== undefined && <b>{valueText(row, key, unit)}</b>}
        </button>
      ))}
      {ghost !== undefined && row !== undefined && <GhostValue {...{ ghost, row, chart }} />}
    </div>
  )
})

type GhostValueProps = { ghost: GhostLabel; row: Row; chart: TimeChartProps }

function GhostValue({ ghost, row, chart }: GhostValueProps) {
  const { ghostKey, unit } = chart
  const value = ghostKey === undefined ? null : valueOf(row, ghostKey)
  if (value === null) return null
  return (
    <span className="key da wide-only" style={{ '--c': 'var(--ctl)' }}>
      {ghost.label} {ghost.before(row.t)} <b>{metricText(value, unit)}</b>
    </span>
  )
}

function lastComplete({ rows, completeTo }: TimeChartProps): Row | undefined {
  return rows.findLast((row) => row.t < completeTo)
}

function stateText(row: Row, { kind, completeTo }: TimeChartProps): string {
  const partial = row.t >= completeTo ? 'partial' : ''
  if (row.isGap) return 'no data'
  if (kind !== 'line') return partial
  return partial === '' ? `n ${countText(row.n)}` : `n ${countText(row.n)}, partial`
}

function valueText(row: Row, key: string, unit: string): string {
  const value = valueOf(row, key)
  return value === null ? '–' : metricText(value, unit)
}
