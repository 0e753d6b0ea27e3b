import { memo } from 'react'
import type { ChartSeries, Exemplar, Mark, ReleaseMark } from './chart-series.ts'
import type { Plot } from './geometry.ts'
import { placeExemplars, placeMarks, placeReleases, type PlacedExemplar } from './place-labels.ts'
import { valueOf, type Row } from './rows.ts'

/** Narrower charts beside a wide one mark the instant alone. */
const NAMES_FROM_WIDTH = 480
/** A name that stays readable over lines. */
const ON_LINES = { stroke: 'var(--bg1)', strokeWidth: 4, paintOrder: 'stroke' } as const

/** Limits: dashed and named. */
export const Limits = memo(function Limits(props: { plot: Plot; marks: readonly Mark[] }) {
  const { plot, marks } = props
  return placeMarks(marks, plot).map(({ label, color, x, lineY, textY }) => (
    <g key={label} data-limit={label}>
      <line
        x1={plot.left}
        x2={plot.right}
        y1={lineY}
        y2={lineY}
        stroke={color}
        strokeDasharray="5 3"
        opacity={0.85}
      />
      <text className="ax" x={x} y={textY} style={{ fill: color, ...ON_LINES }}>
        {label}
      </text>
    </g>
  ))
})

/** Releases: ◆ on a dotted line. */
export const Releases = memo(function Releases(props: {
  plot: Plot
  releases: readonly ReleaseMark[]
}) {
  const { plot, releases } = props
  const { placed, more } = placeReleases(releases, plot)
  return (
    <>
      {placed.map(({ at, label, x, text }) => (
        <g key={`${at}:${label}`} data-release={label}>
          <title>{label}</title>
          <line
            x1={x}
            x2={x}
            y1={plot.top}
            y2={plot.bottom}
            stroke="var(--t2)"
            strokeDasharray="2 3"
          />
          <path
            d={`M${x} ${plot.top - 5}l4.5 4.5-4.5 4.5-4.5-4.5z`}
            fill="var(--bg1)"
            stroke="var(--t1)"
            strokeWidth={1.3}
          />
          {text !== undefined && plot.width >= NAMES_FROM_WIDTH && (
            <text
              className="ax"
              x={text.x}
              y={plot.top + 3}
              textAnchor={text.anchor}
              style={{ fill: 'var(--t2)', ...ON_LINES }}
            >
              {label}
            </text>
          )}
        </g>
      ))}
      {more > 0 && (
        <text
          className="ax"
          x={plot.left + 4}
          y={plot.top + 3}
          style={{ fill: 'var(--t2)', ...ON_LINES }}
        >
          ◆ +{more}
        </text>
      )}
    </>
  )
})

type ExemplarsProps = {
  plot: Plot
  exemplars: readonly Exemplar[]
  /** A click on one leads somewhere; the overlay takes it. */
  isLinked: boolean
}

/** Single traces as hollow dots, the slow ones red; one above the axis stands as a hollow triangle at its top. */
export const Exemplars = memo(function Exemplars(props: ExemplarsProps) {
  const { plot, exemplars, isLinked } = props
  return placeExemplars(exemplars, plot).map((exemplar) => (
    <g
      key={exemplar.traceId}
      className={isLinked ? 'exemplar' : ''}
      data-exemplar={exemplar.traceId}
    >
      <title>{exemplar.kind === 'slowest' ? 'a slow trace' : 'a trace picked at random'}</title>
      <circle cx={exemplar.x} cy={exemplar.y} r={9} fill="transparent" />
      <path
        d={shapeOf(exemplar)}
        fill="var(--bg1)"
        stroke={exemplar.kind === 'slowest' ? 'var(--crit)' : 'var(--t2)'}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </g>
  ))
})

function shapeOf({ x, y, isOffScale }: PlacedExemplar): string {
  return isOffScale ? `M${x} ${y - 3.5}l3.5 6h-7z` : `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`
}

type PointsProps = {
  plot: Plot
  rows: readonly Row[]
  series: readonly ChartSeries[]
  hollowBelow: number
}

/** Points that no line shows (without neighbours), and hollow ones that rest on too few calls. */
export const Points = memo(function Points({ plot, rows, series, hollowBelow }: PointsProps) {
  return series.flatMap(({ key, color }) =>
    rows.flatMap((row, index) => {
      const value = valueOf(row, key)
      if (value === null) return []
      const isHollow = row.n < hollowBelow
      const isAlone = !isKnown(rows[index - 1], key) && !isKnown(rows[index + 1], key)
      if (!isHollow && !isAlone) return []
      return [
        <circle
          key={`${key}${row.t}`}
          cx={plot.x(row.t)}
          cy={plot.y(value)}
          r={isHollow ? 2 : 1.8}
          fill={isHollow ? 'var(--bg1)' : color}
          stroke={color}
          strokeWidth={isHollow ? 1.2 : 0}
        />,
      ]
    }),
  )
})

function isKnown(row: Row | undefined, key: string): boolean {
  return row !== undefined && valueOf(row, key) !== null
}
