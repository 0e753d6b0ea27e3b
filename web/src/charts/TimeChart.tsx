import { memo, useContext, useId, useMemo, type PointerEvent } from 'react'
import { Area, Bar, ComposedChart, Line, XAxis, YAxis } from 'recharts'
import { axisText } from '../lib/format.ts'
import { clockText, dayText, offsetMinutes, type Zone } from '../lib/zone.ts'
import { timeTicks, valueAxis, type ValueAxis } from './axis.ts'
import type { ChartSeries, Mark } from './chart-series.ts'
import { MARGIN, plotOf } from './geometry.ts'
import { HoverContext } from './hover.ts'
import { Backdrop, Overlay } from './layers.tsx'
import { columnMax, runsOf, stackedMax, valueOf, type Row } from './rows.ts'
import { useWidth } from './use-width.ts'

export type TimeChartProps = {
  kind: 'line' | 'area' | 'bar'
  rows: readonly Row[]
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
}

type Datum = { t: number } & Record<string, number | null>

/** recharts with fixed domains and ticks and no animation; our own layers below and above it. */
export const TimeChart = memo(function TimeChart(props: TimeChartProps) {
  const { ref, width } = useWidth()
  return (
    <div ref={ref} className="chart" style={{ height: props.height }}>
      {width > 0 && props.rows.length > 0 ? <Drawing {...props} width={width} /> : null}
    </div>
  )
})

function Drawing(props: TimeChartProps & { width: number }) {
  const { rows, series, kind, unit, stepMs, zone, width, height, marks = [] } = props
  const hover = useContext(HoverContext)
  const patternId = useId()
  const axis = useMemo(() => axisOf(props), [props])
  const left = axisWidth(axis, unit)
  const domain = domainOf(rows, kind, stepMs)
  const plot = plotOf({ width, height, left, domain, max: axis.max })
  const complete = rows.filter((row) => row.t < props.completeTo)
  const ticks = timeTicks(domain, zone, props.timeTickCount ?? 5)

  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    const at = plot.timeAt(x)
    const nearest =
      rows[Math.max(0, Math.min(rows.length - 1, Math.round((at - (rows[0]?.t ?? 0)) / stepMs)))]
    hover.set(nearest?.t ?? null)
  }

  return (
    <>
      <Backdrop plot={plot} rows={rows} ticks={axis.ticks} stepMs={stepMs} patternId={patternId} />
      <div className="chart-layer" aria-hidden="true">
        <Marks
          {...{ kind, series, stepMs, zone, unit, width, height, left, domain, ticks }}
          rows={complete}
          max={axis.max}
          valueTicks={axis.ticks}
          valueStep={axis.step}
        />
      </div>
      <Overlay
        {...{ plot, rows, series, marks, zone, stepMs, kind }}
        completeTo={props.completeTo}
        ghostKey={props.ghostKey}
        summary={props.summary}
        onPointerMove={onPointerMove}
        onPointerLeave={() => hover.set(null)}
      />
    </>
  )
}

/** As a prop: recharts writes its own grey into the style attribute, which no sheet overrides. */
const TICK = { fill: 'var(--t3)' }

type MarksProps = {
  kind: TimeChartProps['kind']
  rows: readonly Row[]
  series: readonly ChartSeries[]
  stepMs: number
  zone: Zone
  unit: string
  width: number
  height: number
  left: number
  domain: readonly [number, number]
  max: number
  ticks: number[]
  valueTicks: number[]
  valueStep: number
}

function Marks(props: MarksProps) {
  const { kind, rows, series, unit, zone, left, valueStep } = props
  // Stacked areas must not bridge a gap: each run without one is a stack of its own.
  const runs = kind === 'area' ? runsOf(rows, (row) => !row.isGap).slice(-12) : []
  const data = rows.map((row) => datumOf(row, series, runs))
  return (
    <ComposedChart
      width={props.width}
      height={props.height}
      data={data}
      margin={{ top: MARGIN.top, right: MARGIN.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
      barCategoryGap="20%"
    >
      <XAxis
        dataKey="t"
        type="number"
        scale="time"
        domain={[...props.domain]}
        ticks={props.ticks}
        interval={0}
        height={MARGIN.bottom}
        axisLine={false}
        tickLine={false}
        allowDataOverflow
        tickFormatter={(t: number) => timeTickText(t, zone)}
        tick={TICK}
        className="ax"
      />
      <YAxis
        type="number"
        domain={[0, props.max]}
        ticks={props.valueTicks}
        interval={0}
        width={left}
        axisLine={false}
        tickLine={false}
        allowDataOverflow
        tickFormatter={(value: number) => axisText(value, unit, valueStep)}
        tick={TICK}
        className="ax"
      />
      {kind === 'line' &&
        series.map(({ key, color, width = 1.4 }) => (
          <Line
            key={key}
            dataKey={key}
            stroke={color}
            strokeWidth={width}
            type="linear"
            dot={false}
            activeDot={false}
            isAnimationActive={false}
            strokeLinejoin="round"
          />
        ))}
      {kind === 'bar' &&
        series.map(({ key, color }) => (
          <Bar
            key={key}
            dataKey={key}
            fill={color}
            stackId="all"
            isAnimationActive={false}
            maxBarSize={9}
          />
        ))}
      {kind === 'area' &&
        runs.flatMap((_, run) =>
          series.map(({ key, color }) => (
            <Area
              key={`${run}:${key}`}
              dataKey={`${run}:${key}`}
              stackId={run}
              stroke={color}
              strokeWidth={1.3}
              fill={color}
              fillOpacity={0.3}
              type="linear"
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          )),
        )}
    </ComposedChart>
  )
}

function datumOf(row: Row, series: readonly ChartSeries[], runs: readonly Row[][]): Datum {
  const datum: Datum = { t: row.t }
  if (runs.length === 0) {
    for (const { key } of series) datum[key] = valueOf(row, key)
    return datum
  }
  const run = runs.findIndex((one) => {
    const [first, last] = [one[0]?.t ?? 0, one.at(-1)?.t ?? 0]
    return row.t >= first && row.t <= last
  })
  if (run >= 0) for (const { key } of series) datum[`${run}:${key}`] = valueOf(row, key) ?? 0
  return datum
}

function axisOf({ kind, rows, series, marks = [], ghostKey, unit }: TimeChartProps) {
  const keys = series.map(({ key }) => key)
  const drawn = kind === 'line' ? columnMax(rows, keys) : stackedMax(rows, keys)
  const ghost = ghostKey === undefined ? 0 : columnMax(rows, [ghostKey])
  return valueAxis(Math.max(drawn, ghost, ...marks.map((mark) => mark.value)), unit)
}

function domainOf(rows: readonly Row[], kind: string, stepMs: number): [number, number] {
  const pad = kind === 'bar' ? stepMs / 2 : 0
  const [first, last] = [rows[0]?.t ?? 0, rows.at(-1)?.t ?? 0]
  return [first - pad, Math.max(last, first + stepMs) + pad]
}

/** Room for the widest label; in steps, so that a new digit seldom moves the plot. */
function axisWidth({ ticks, step }: ValueAxis, unit: string): number {
  const longest = Math.max(...ticks.map((tick) => axisText(tick, unit, step).length))
  return Math.min(84, Math.max(36, 16 + Math.ceil(longest / 2) * 12))
}

/** The date stands where a day begins. */
function timeTickText(t: number, zone: Zone): string {
  const local = t + offsetMinutes(t, zone) * 60_000
  return local % 86_400_000 === 0 ? dayText(t, zone) : clockText(t, zone)
}
