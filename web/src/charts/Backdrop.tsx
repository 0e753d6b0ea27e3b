import { memo } from 'react'
import type { Band, TimeRange } from './chart-series.ts'
import { pathOf, type Plot } from './geometry.ts'
import { runsOf, valueOf, type Row } from './rows.ts'

type BackdropProps = {
  plot: Plot
  ticks: readonly number[]
  gaps: readonly TimeRange[]
  /** Gaps are of whole buckets, which stand half a step around their start. */
  stepMs: number
  bands: readonly Band[]
  ghostRows: readonly Row[]
  ghostKey: string | undefined
  patternId: string
}

/** What lies under the data: grid, hatched gaps, firing alerts and the period before. */
export const Backdrop = memo(function Backdrop(props: BackdropProps) {
  const { plot, ticks, ghostRows, ghostKey, patternId } = props
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
      <Gaps {...props} />
      <Bands {...props} />
      {ghostKey !== undefined &&
        runsOf(ghostRows, (row) => valueOf(row, ghostKey) !== null).map((run) => (
          <path
            key={run[0]?.t}
            data-ghost={ghostKey}
            fill="none"
            stroke="var(--ctl)"
            strokeWidth={1.2}
            strokeDasharray="3 3"
            d={pathOf(run.map((row) => [plot.x(row.t), plot.y(valueOf(row, ghostKey) ?? 0)]))}
          />
        ))}
    </svg>
  )
})

function Gaps({ plot, gaps, stepMs, patternId }: BackdropProps) {
  return gaps.map((gap) => {
    const x = within(plot, plot.x(gap.from - stepMs / 2))
    const width = within(plot, plot.x(gap.to - stepMs / 2)) - x
    return (
      <g key={gap.from} data-gap-from={gap.from} data-gap-to={gap.to}>
        <rect
          x={x}
          y={plot.top}
          width={width}
          height={plot.bottom - plot.top}
          fill={`url(#${patternId})`}
          data-hatch
          opacity={0.8}
        />
        {width > 16 && (
          <text
            className="ax"
            x={Math.max(plot.left + 22, Math.min(plot.right - 22, x + width / 2))}
            y={plot.top + 12}
            textAnchor="middle"
          >
            no data
          </text>
        )}
      </g>
    )
  })
}

function Bands({ plot, bands }: BackdropProps) {
  return bands.map(({ from, to, label }) => {
    const x = within(plot, plot.x(from))
    const right = to === null ? plot.right : within(plot, plot.x(to))
    // A firing of seconds in a range of days is still seen.
    const width = Math.max(right - x, right >= plot.right || x <= plot.left ? 0 : 2)
    return width === 0 ? null : (
      <g key={`${from}:${label}`} data-band={label}>
        <rect
          x={x}
          y={plot.top}
          width={width}
          height={plot.bottom - plot.top}
          fill="var(--crit)"
          opacity={0.075}
        />
        <rect x={x} y={plot.bottom - 2} width={width} height={2} fill="var(--crit)" />
      </g>
    )
  })
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

function within(plot: Plot, x: number): number {
  return Math.min(plot.right, Math.max(plot.left, x))
}
