import type { PointerEvent } from 'react'
import { clockText, dayClockText, type Zone } from '../lib/zone.ts'
import { pathOf, type Plot } from './geometry.ts'
import { useHover } from './hover.ts'
import { gapsOf, runsOf, valueOf, type Row } from './rows.ts'
import type { ChartSeries, Mark } from './chart-series.ts'

type BackdropProps = {
  plot: Plot
  rows: readonly Row[]
  ticks: readonly number[]
  stepMs: number
  patternId: string
}

/** Grid lines and hatched gaps, under the data. */
export function Backdrop({ plot, rows, ticks, stepMs, patternId }: BackdropProps) {
  const gaps = gapsOf(rows, stepMs)
  const clamp = (x: number): number => Math.min(plot.right, Math.max(plot.left, x))
  return (
    <svg className="chart-layer" width={plot.width} height={plot.height} aria-hidden="true">
      <HatchPattern id={patternId} />
      {ticks.map((value) => (
        <line
          key={value}
          x1={plot.left}
          x2={plot.right}
          y1={plot.y(value)}
          y2={plot.y(value)}
          stroke="var(--grid)"
        />
      ))}
      {gaps.map((gap) => {
        const x = clamp(plot.x(gap.from - stepMs / 2))
        const width = clamp(plot.x(gap.to - stepMs / 2)) - x
        const height = plot.bottom - plot.top
        return (
          <g key={gap.from} data-gap-from={gap.from} data-gap-to={gap.to}>
            <rect
              x={x}
              y={plot.top}
              width={width}
              height={height}
              fill={`url(#${patternId})`}
              opacity={0.8}
            />
            {width > 48 && (
              <text className="ax" x={x + width / 2} y={plot.top + 12} textAnchor="middle">
                no data
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

export function HatchPattern({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width={6}
        height={6}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1={0} y1={0} x2={0} y2={6} stroke="var(--hatch)" strokeWidth={2} />
      </pattern>
    </defs>
  )
}

type OverlayProps = {
  plot: Plot
  rows: readonly Row[]
  series: readonly ChartSeries[]
  kind: 'line' | 'area' | 'bar'
  marks: readonly Mark[]
  completeTo: number
  stepMs: number
  zone: Zone
  ghostKey: string | undefined
  summary: string
  onPointerMove: (event: PointerEvent<SVGSVGElement>) => void
  onPointerLeave: () => void
}

/** Partial buckets, limits, the previous period and the crosshair, above the data. */
export function Overlay(props: OverlayProps) {
  const { plot, rows, series, marks, ghostKey, summary, onPointerMove, onPointerLeave } = props
  return (
    <svg
      className="chart-layer"
      width={plot.width}
      height={plot.height}
      role="img"
      aria-label={summary}
      onPointerMove={onPointerMove}
      onPointerLeave={onPointerLeave}
    >
      {marks.map((mark, index) => (
        <g key={mark.label}>
          <line
            x1={plot.left}
            x2={plot.right}
            y1={plot.y(mark.value)}
            y2={plot.y(mark.value)}
            stroke={mark.color}
            strokeDasharray="5 3"
            opacity={0.85}
          />
          <text
            className="ax"
            x={plot.left + 6 + index * 116}
            y={plot.y(mark.value) - 5}
            style={{
              fill: mark.color,
              stroke: 'var(--bg1)',
              strokeWidth: 4,
              paintOrder: 'stroke',
            }}
          >
            {mark.label}
          </text>
        </g>
      ))}
      {ghostKey !== undefined &&
        runsOf(rows, (row) => valueOf(row, ghostKey) !== null).map((run) => (
          <path
            key={run[0]?.t}
            fill="none"
            stroke="var(--ctl)"
            strokeWidth={1.2}
            strokeDasharray="3 3"
            d={pathOf(run.map((row) => [plot.x(row.t), plot.y(valueOf(row, ghostKey) ?? 0)]))}
          />
        ))}
      <PartialBuckets {...props} />
      {props.kind === 'line' && <LonePoints {...props} />}
      <Crosshair
        plot={plot}
        rows={rows}
        series={props.kind === 'line' ? series : []}
        zone={props.zone}
        stepMs={props.stepMs}
      />
    </svg>
  )
}

function PartialBuckets({ plot, rows, series, kind, completeTo, stepMs }: OverlayProps) {
  const first = rows.findIndex((row) => row.t >= completeTo)
  if (first < 0) return null
  const from = rows[first]?.t ?? 0
  const shadeFrom = Math.max(plot.left, plot.x(from - stepMs / 2))
  return (
    <g data-testid="partial-bucket">
      <rect
        x={shadeFrom}
        y={plot.top}
        width={Math.max(0, plot.right + 5 - shadeFrom)}
        height={plot.bottom - plot.top}
        fill="var(--t3)"
        opacity={0.07}
      />
      {kind === 'bar' &&
        rows
          .slice(first)
          .map((row) => <PartialBars key={row.t} {...{ plot, row, series, stepMs }} />)}
      {kind !== 'bar' &&
        series.map(({ key, color, width = 1.4 }, index) => {
          const keys = kind === 'area' ? series.slice(0, index + 1).map((one) => one.key) : [key]
          const points = rows.slice(Math.max(0, first - 1)).flatMap((row) => {
            const isKnown = kind === 'area' ? !row.isGap : valueOf(row, key) !== null
            const top = keys.reduce((sum, one) => sum + (valueOf(row, one) ?? 0), 0)
            return isKnown ? [[plot.x(row.t), plot.y(top)] as const] : []
          })
          return points.length > 1 ? (
            <path
              key={key}
              d={pathOf(points)}
              fill="none"
              stroke={color}
              strokeWidth={width}
              strokeDasharray="2.5 2.5"
            />
          ) : null
        })}
    </g>
  )
}

type PartialBarsProps = { plot: Plot; row: Row; series: readonly ChartSeries[]; stepMs: number }

function PartialBars({ plot, row, series, stepMs }: PartialBarsProps) {
  const width = Math.min(9, (plot.x(row.t + stepMs) - plot.x(row.t)) * 0.8)
  let sum = 0
  return series.map(({ key, color }) => {
    const value = valueOf(row, key) ?? 0
    sum += value
    const height = plot.bottom - plot.y(value)
    return value > 0 ? (
      <rect
        key={key}
        x={plot.x(row.t) - width / 2}
        y={plot.y(sum)}
        width={width}
        height={height}
        fill={color}
        opacity={0.4}
        stroke={color}
        strokeDasharray="2 2"
      />
    ) : null
  })
}

/** A point without neighbours has no line to be seen by. */
function LonePoints({ plot, rows, series, completeTo }: OverlayProps) {
  return series.map(({ key, color }) =>
    runsOf(rows, (row) => row.t < completeTo && valueOf(row, key) !== null)
      .filter((run) => run.length === 1)
      .map(
        ([row]) =>
          row !== undefined && (
            <circle
              key={`${key}${row.t}`}
              cx={plot.x(row.t)}
              cy={plot.y(valueOf(row, key) ?? 0)}
              r={1.8}
              fill={color}
            />
          ),
      ),
  )
}

type CrosshairProps = {
  plot: Plot
  rows: readonly Row[]
  series: readonly ChartSeries[]
  zone: Zone
  stepMs: number
}

function Crosshair({ plot, rows, series, zone, stepMs }: CrosshairProps) {
  const at = useHover()
  const row = at === null ? undefined : rows.find((one) => one.t === at)
  if (row === undefined) return null
  const x = plot.x(row.t)
  const text = stepMs >= 3_600_000 ? dayClockText(row.t, zone) : clockText(row.t, zone)
  const half = text.length * 3 + 7
  const flagX = Math.min(plot.width - half - 1, Math.max(half + 1, x))
  return (
    <g pointerEvents="none">
      <line x1={x} x2={x} y1={plot.top} y2={plot.bottom} stroke="var(--t3)" />
      {series.map(({ key, color }) => {
        const value = valueOf(row, key)
        return value === null ? null : (
          <circle
            key={key}
            cx={x}
            cy={plot.y(value)}
            r={3.5}
            fill={color}
            stroke="var(--bg1)"
            strokeWidth={1.5}
          />
        )
      })}
      <rect
        x={flagX - half}
        y={plot.bottom + 3}
        width={half * 2}
        height={17}
        rx={4}
        fill="var(--t1)"
      />
      <text
        className="ax"
        x={flagX}
        y={plot.bottom + 15}
        textAnchor="middle"
        style={{ fill: 'var(--inv)', fontWeight: 600 }}
      >
        {text}
      </text>
    </g>
  )
}
