import { memo } from 'react'
import { Area, Bar, ComposedChart, Line, XAxis, YAxis } from 'recharts'
import { axisText } from '../lib/format.ts'
import { clockText, dayText, offsetMinutes, type Zone } from '../lib/zone.ts'
import type { ValueAxis } from './axis.ts'
import type { ChartSeries } from './chart-series.ts'
import { MARGIN, type Plot } from './geometry.ts'
import { runsOf, valueOf, type Row } from './rows.ts'

/** As a prop: recharts writes its own grey into the style attribute, which no sheet overrides. */
const TICK = { fill: 'var(--t3)' }
/** Stacks of their own in one chart; older runs of a range with more gaps than this are left out. */
const MAX_RUNS = 12
const LINE_WIDTH = 1.4

type Datum = { t: number } & Record<string, number | null>

type SeriesLayerProps = {
  kind: 'line' | 'area' | 'bar'
  /** Complete buckets only. */
  rows: readonly Row[]
  series: readonly ChartSeries[]
  plot: Plot
  axis: ValueAxis
  from: number
  to: number
  timeTicks: readonly number[]
  unit: string
  zone: Zone
}

/** recharts with fixed domains, ticks and pixel sizes; it draws when a complete bucket changes. */
export const SeriesLayer = memo(function SeriesLayer(props: SeriesLayerProps) {
  const { kind, rows, series, plot, axis, unit, zone } = props
  // Stacked areas must not bridge a gap: each run without one is a stack of its own.
  const runs = kind === 'area' ? runsOf(rows, (row) => !row.isGap).slice(-MAX_RUNS) : []
  return (
    <ComposedChart
      width={plot.width}
      height={plot.height}
      data={dataOf(rows, series, runs)}
      margin={{ top: plot.top, right: MARGIN.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
      barCategoryGap="20%"
    >
      <XAxis
        dataKey="t"
        type="number"
        scale="time"
        domain={[props.from, props.to]}
        ticks={[...props.timeTicks]}
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
        domain={[0, axis.max]}
        ticks={axis.ticks}
        interval={0}
        width={plot.left}
        axisLine={false}
        tickLine={false}
        allowDataOverflow
        tickFormatter={(value: number) => axisText(value, unit, axis.step)}
        tick={TICK}
        className="ax"
      />
      {kind === 'line' &&
        thickestLast(series).map(({ key, color, width = LINE_WIDTH, index }) => (
          <Line
            key={key}
            dataKey={`s${index}`}
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
        series.map(({ key, color }, index) => (
          <Bar
            key={key}
            dataKey={`s${index}`}
            fill={color}
            stackId="all"
            isAnimationActive={false}
            maxBarSize={9}
          />
        ))}
      {runs.flatMap((_, run) =>
        series.map(({ key, color }, index) => (
          <Area
            key={`${run}:${key}`}
            dataKey={`r${run}s${index}`}
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
})

function thickestLast(series: readonly ChartSeries[]): (ChartSeries & { index: number })[] {
  return series
    .map((one, index) => ({ ...one, index }))
    .toSorted((a, b) => (a.width ?? LINE_WIDTH) - (b.width ?? LINE_WIDTH))
}

/** Columns by position: a name with dots would be read as a path. */
function dataOf(
  rows: readonly Row[],
  series: readonly ChartSeries[],
  runs: readonly Row[][],
): Datum[] {
  if (runs.length === 0) return rows.map((row) => datumOf(row, series, { prefix: '', empty: null }))
  return runs.flatMap((run, index) =>
    run.map((row) => datumOf(row, series, { prefix: `r${index}`, empty: 0 })),
  )
}

function datumOf(
  row: Row,
  series: readonly ChartSeries[],
  { prefix, empty }: { prefix: string; empty: 0 | null },
): Datum {
  const datum: Datum = { t: row.t }
  series.forEach(({ key }, index) => {
    datum[`${prefix}s${index}`] = valueOf(row, key) ?? empty
  })
  return datum
}

/** The date stands where a day begins. */
function timeTickText(t: number, zone: Zone): string {
  const local = t + offsetMinutes(t, zone) * 60_000
  return local % 86_400_000 === 0 ? dayText(t, zone) : clockText(t, zone)
}
