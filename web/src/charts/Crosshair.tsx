import type { Zone } from '../lib/zone.ts'
import { bucketText } from './bucket-text.ts'
import type { ChartSeries } from './chart-series.ts'
import type { Plot } from './geometry.ts'
import { useHover, useIsPinned } from './hover.ts'
import { rowAt, valueOf, type Row } from './rows.ts'

type CrosshairProps = {
  plot: Plot
  rows: readonly Row[]
  /** Series whose lines get a dot; none for bars and areas. */
  series: readonly ChartSeries[]
  zone: Zone
  stepMs: number
}

/** The page's one crosshair in this chart, its time a flag on the axis. */
export function Crosshair({ plot, rows, series, zone, stepMs }: CrosshairProps) {
  const at = useHover()
  const isPinned = useIsPinned()
  const row = rowAt(rows, stepMs, at)
  if (row === undefined) return null
  const x = plot.x(row.t)
  const text = bucketText(row.t, stepMs, zone)
  const half = text.length * 3 + 7
  const flagX = Math.min(plot.width - half - 1, Math.max(half + 1, x))
  return (
    <g pointerEvents="none" data-crosshair={row.t} data-pinned={isPinned}>
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
        fill={isPinned ? 'var(--info)' : 'var(--t1)'}
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
