import type { ChartSeries } from './chart-series.ts'
import { pathOf, type Plot } from './geometry.ts'
import { valueOf, type Row } from './rows.ts'

type PartialBucketsProps = {
  plot: Plot
  rows: readonly Row[]
  series: readonly ChartSeries[]
  kind: 'line' | 'area' | 'bar'
  completeTo: number
  stepMs: number
}

/** Buckets that may still grow: dashed on a shade. The one layer that is drawn with every tick. */
export function PartialBuckets(props: PartialBucketsProps) {
  const { plot, rows, series, kind, completeTo, stepMs } = props
  const first = rows.findIndex((row) => row.t >= completeTo)
  if (first < 0) return null
  const from = rows[first]?.t ?? 0
  const shadeFrom = Math.max(plot.left, plot.x(from - stepMs / 2))
  return (
    <g
      data-testid="partial-bucket"
      data-partial={rows
        .slice(first)
        .map(({ t, n }) => `${t}:${n}`)
        .join(',')}
    >
      <rect
        x={shadeFrom}
        y={plot.top}
        width={Math.max(0, plot.right + 5 - shadeFrom)}
        height={plot.bottom - plot.top}
        fill="var(--t3)"
        opacity={0.07}
      />
      {kind === 'bar'
        ? rows
            .slice(first)
            .map((row) => <PartialBars key={row.t} {...{ plot, row, series, stepMs }} />)
        : series.map(({ key, color, width = 1.4 }, index) => {
            const keys = kind === 'area' ? series.slice(0, index + 1).map((one) => one.key) : [key]
            const points = rows.slice(Math.max(0, first - 1)).flatMap((row) => {
              const isDrawn = kind === 'area' ? !row.isGap : valueOf(row, key) !== null
              const top = keys.reduce((sum, one) => sum + (valueOf(row, one) ?? 0), 0)
              return isDrawn ? [[plot.x(row.t), plot.y(top)] as const] : []
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
