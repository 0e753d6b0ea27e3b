import { memo } from 'react'
import { pathOf } from './geometry.ts'
import { runsOf, valueOf, type Row } from './rows.ts'
import { useWidth } from './use-width.ts'

type SparklineProps = {
  rows: readonly Row[]
  valueKey: string
  ghostKey?: string
  completeTo: number
  color: string
}

const HEIGHT = 30

/** A small line with the period before as a dotted ghost; the partial end is dashed. */
export const Sparkline = memo(function Sparkline(props: SparklineProps) {
  const { ref, width } = useWidth()
  return (
    <div ref={ref} className="sparkline" style={{ height: HEIGHT }} aria-hidden="true">
      {width > 0 && <SparkPath {...props} width={width} />}
    </div>
  )
})

function SparkPath({
  rows,
  valueKey,
  ghostKey,
  completeTo,
  color,
  width,
}: SparklineProps & { width: number }) {
  const known = (key: string): number[] =>
    rows.flatMap((row) => {
      const value = valueOf(row, key)
      return value === null ? [] : [value]
    })
  const values = [...known(valueKey), ...(ghostKey === undefined ? [] : known(ghostKey))]
  if (values.length === 0) return null
  const low = Math.min(...values)
  const high = Math.max(...values, low + 1e-12)
  const x = (index: number): number => 1 + (index * (width - 5)) / Math.max(1, rows.length - 1)
  const y = (value: number): number => HEIGHT - 3 - ((value - low) / (high - low)) * (HEIGHT - 6)
  const indexed = rows.map((row, index) => ({ row, index }))
  const pathsOf = (key: string, isDrawn: (row: Row) => boolean): string[] =>
    runsOf(indexed, ({ row }) => isDrawn(row) && valueOf(row, key) !== null).map((run) =>
      pathOf(run.map(({ row, index }) => [x(index), y(valueOf(row, key) ?? 0)])),
    )
  const lastComplete = indexed.findLast(
    ({ row }) => row.t < completeTo && valueOf(row, valueKey) !== null,
  )
  const tail = indexed.filter(
    ({ row, index }) =>
      index >= (lastComplete?.index ?? Number.POSITIVE_INFINITY) && valueOf(row, valueKey) !== null,
  )
  return (
    <svg width={width} height={HEIGHT}>
      {ghostKey !== undefined &&
        pathsOf(ghostKey, () => true).map((d) => (
          <path key={d} d={d} fill="none" stroke="var(--ctl)" strokeDasharray="2 2" opacity={0.8} />
        ))}
      {pathsOf(valueKey, (row) => row.t < completeTo).map((d) => (
        <path key={d} d={d} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" />
      ))}
      {tail.length > 1 && (
        <path
          d={pathOf(tail.map(({ row, index }) => [x(index), y(valueOf(row, valueKey) ?? 0)]))}
          fill="none"
          stroke={color}
          strokeWidth={1.5}
          strokeDasharray="2 2"
        />
      )}
      {lastComplete !== undefined && (
        <circle
          cx={x(lastComplete.index)}
          cy={y(valueOf(lastComplete.row, valueKey) ?? 0)}
          r={2}
          fill={color}
        />
      )}
    </svg>
  )
}
