import { useContext, useId, useMemo, useState, type MouseEvent } from 'react'
import { axisText } from '../lib/format.ts'
import { Exemplars, Limits, Points, Releases } from './Annotations.tsx'
import { keptAxis, timeTicks, valueAxis, type ValueAxis } from './axis.ts'
import { bucketSentence } from './bucket-text.ts'
import { Backdrop } from './Backdrop.tsx'
import type { ChartInput } from './chart-input.ts'
import type { Band, Exemplar, Mark, ReleaseMark, TimeRange } from './chart-series.ts'
import { Crosshair } from './Crosshair.tsx'
import { CrosshairChip } from './CrosshairChip.tsx'
import { plotOf, type Plot } from './geometry.ts'
import { HoverContext } from './hover.ts'
import { PartialBuckets } from './PartialBuckets.tsx'
import { columnMax, gapsOf, rowsEqual, stackedMax, type Row } from './rows.ts'
import { SeriesLayer } from './SeriesLayer.tsx'
import type { TimeChartProps } from './time-chart-props.ts'
import { useChartKeys } from './use-chart-keys.ts'
import { useChartPointer } from './use-chart-pointer.ts'
import { useKept } from './use-kept.ts'

const NO_MARKS: readonly Mark[] = []
const NO_BANDS: readonly Band[] = []
const NO_RELEASES: readonly ReleaseMark[] = []
const NO_EXEMPLARS: readonly Exemplar[] = []

type ChartDrawingProps = TimeChartProps & { width: number }

/**
 * recharts between layers of our own. With a tick only the last, unfinished bucket is drawn anew;
 * the other layers keep their props until a complete bucket, the axis or the size changes.
 */
export function ChartDrawing(props: ChartDrawingProps) {
  const { rows, series, kind, stepMs, zone, completeTo, unit, ghostKey } = props
  const hover = useContext(HoverContext)
  const chartId = useId()
  const layout = useLayout(props)
  const { plot, axis, from, to, ticks, complete, gaps, ghostRows } = layout
  const [selection, setSelection] = useState<TimeRange | null>(null)
  const input: ChartInput = {
    chartId,
    plot,
    rows,
    stepMs,
    hover,
    selection,
    setSelection,
    describe: (row) => bucketSentence(row, props),
    onOpen: props.onOpen,
    onZoom: props.onZoom,
    onZoomOut: props.onZoomOut,
  }
  const pointer = useChartPointer(input)
  const keys = useChartKeys(input)
  const onClick = ({ target }: MouseEvent): void => {
    const dot = target instanceof Element ? target.closest<SVGElement>('.exemplar') : null
    const traceId = dot?.dataset['exemplar']
    const exemplar = props.exemplars?.find((one) => one.traceId === traceId)
    if (exemplar !== undefined) props.onExemplar?.(exemplar)
  }
  return (
    <>
      <Backdrop
        {...{ plot, gaps, stepMs, ghostRows, ghostKey }}
        patternId={chartId}
        ticks={axis.ticks}
        bands={props.bands ?? NO_BANDS}
      />
      <div className="chart-layer" aria-hidden="true">
        <SeriesLayer
          {...{ kind, series, plot, axis, from, to, unit, zone }}
          rows={complete}
          timeTicks={ticks}
        />
      </div>
      <svg
        className={props.onOpen === undefined ? 'chart-layer' : 'chart-layer chart-opens'}
        width={plot.width}
        height={plot.height}
        role="img"
        aria-label={props.summary}
        tabIndex={0}
        {...pointer}
        {...keys}
        onClick={onClick}
      >
        <PartialBuckets {...{ plot, rows, series, kind, completeTo, stepMs }} />
        {kind === 'line' && (
          <Points {...{ plot, series }} rows={complete} hollowBelow={props.hollowBelow ?? 0} />
        )}
        <Limits plot={plot} marks={props.marks ?? NO_MARKS} />
        <Releases plot={plot} releases={props.releases ?? NO_RELEASES} />
        <Exemplars
          plot={plot}
          exemplars={props.exemplars ?? NO_EXEMPLARS}
          isLinked={props.onExemplar !== undefined}
        />
        {selection !== null && <Selection plot={plot} range={selection} stepMs={stepMs} />}
        <Crosshair {...{ plot, rows, zone, stepMs }} series={kind === 'line' ? series : []} />
      </svg>
      {props.onOpen !== undefined && (
        <CrosshairChip
          {...{ chartId, plot, rows, stepMs }}
          withN={kind === 'line'}
          onOpen={props.onOpen}
        />
      )}
    </>
  )
}

function Selection({ plot, range, stepMs }: { plot: Plot; range: TimeRange; stepMs: number }) {
  const x = Math.max(plot.left, plot.x(range.from - stepMs / 2))
  const right = Math.min(plot.right, plot.x(range.to - stepMs / 2))
  return (
    <rect
      data-testid="chart-selection"
      x={x}
      y={plot.top}
      width={Math.max(0, right - x)}
      height={plot.bottom - plot.top}
      fill="var(--info)"
      opacity={0.16}
      stroke="var(--info)"
    />
  )
}

function useLayout(props: ChartDrawingProps) {
  const { rows, series, kind, unit, stepMs, zone, width, height, completeTo, ghostKey } = props
  const seriesKeys = series.map(({ key }) => key)
  const dataMax = dataMaxOf(props)
  const [axis, setAxis] = useState<ValueAxis>(() => valueAxis(dataMax, unit))
  const nextAxis = keptAxis(axis, dataMax, unit)
  if (nextAxis !== axis) setAxis(nextAxis)

  const complete = useKept<readonly Row[]>(
    rows.filter((row) => row.t < completeTo),
    (before, after) => rowsEqual(before, after, seriesKeys),
  )
  const ghostRows = useKept<readonly Row[]>(ghostKey === undefined ? [] : rows, (before, after) =>
    rowsEqual(before, after, ghostKey === undefined ? [] : [ghostKey]),
  )
  const gaps = useKept<readonly TimeRange[]>(gapsOf(rows, stepMs), gapsEqual)
  const { from, to } = domainOf(rows, kind, stepMs)
  const left = axisWidth(nextAxis, unit)
  const { max } = nextAxis
  const plot = useMemo(
    () => plotOf({ width, height, left, domain: [from, to], max }),
    [width, height, left, from, to, max],
  )
  const tickCount = Math.min(props.timeTickCount ?? 5, Math.max(2, Math.floor(width / 90)))
  const ticks = useMemo(() => timeTicks([from, to], zone, tickCount), [from, to, zone, tickCount])
  return { plot, axis: nextAxis, from, to, ticks, complete, gaps, ghostRows }
}

function dataMaxOf({ kind, rows, series, marks = [], ghostKey }: TimeChartProps): number {
  const keys = series.map(({ key }) => key)
  const drawn = kind === 'line' ? columnMax(rows, keys) : stackedMax(rows, keys)
  const ghost = ghostKey === undefined ? 0 : columnMax(rows, [ghostKey])
  return Math.max(drawn, ghost, ...marks.map((mark) => mark.value))
}

function gapsEqual(before: readonly TimeRange[], after: readonly TimeRange[]): boolean {
  return (
    before.length === after.length &&
    before.every((gap, index) => gap.from === after[index]?.from && gap.to === after[index]?.to)
  )
}

function domainOf(rows: readonly Row[], kind: string, stepMs: number): TimeRange {
  const pad = kind === 'bar' ? stepMs / 2 : 0
  const [first, last] = [rows[0]?.t ?? 0, rows.at(-1)?.t ?? 0]
  return { from: first - pad, to: Math.max(last, first + stepMs) + pad }
}

/** Room for the widest label; in steps, so that a new digit seldom moves the plot. */
function axisWidth({ ticks, step }: ValueAxis, unit: string): number {
  const longest = Math.max(...ticks.map((tick) => axisText(tick, unit, step).length))
  return Math.min(84, Math.max(36, 16 + Math.ceil(longest / 2) * 12))
}
