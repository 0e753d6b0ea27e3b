import type { MetricPoint } from '@sightline/server/contract'

export type Column = {
  key: string
  points: readonly MetricPoint[]
  /** What a bucket without points is worth while a collector ran: 0 for sums, null else. */
  empty: 0 | null
  /** Of another period, to compare with: no data of this bucket, and none of its calls. */
  isReference?: boolean
}

/** One bucket of a chart; `null` = nothing to draw here. */
export type Row = { t: number; n: number; isGap: boolean; values: Record<string, number | null> }

export type RowRange = {
  from: number
  /** Start of the last bucket to draw. */
  last: number
  stepMs: number
  up: readonly (readonly [number, number])[]
}

const MAX_ROWS = 2_000

/** Gives each bucket a row: true zeros where a collector ran, gaps where none did. */
export function buildRows(range: RowRange, columns: readonly Column[]): Row[] {
  const rows: Row[] = []
  const lookups = columns.map(({ points }) => new Map(points.map((point) => [point.t, point])))
  for (let t = range.from; t <= range.last && rows.length < MAX_ROWS; t += range.stepMs) {
    const isUp = range.up.some(([from, to]) => from < t + range.stepMs && to > t)
    // Without a prototype: a model may be called `__proto__`.
    const values: Record<string, number | null> = Object.create(null)
    let n = 0
    let hasPoint = false
    columns.forEach(({ key, empty, isReference = false }, index) => {
      const point = lookups[index]?.get(t)
      if (point !== undefined && !isReference) {
        hasPoint = true
        n = Math.max(n, point.n)
      }
      values[key] = point?.value ?? (isUp ? empty : null)
    })
    rows.push({ t, n, values, isGap: !isUp && !hasPoint })
  }
  return rows
}

/** Runs of gap rows as half-open intervals of bucket starts. */
export function gapsOf(rows: readonly Row[], stepMs: number): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = []
  for (const row of rows) {
    if (!row.isGap) continue
    const last = gaps.at(-1)
    if (last !== undefined && last.to === row.t) last.to = row.t + stepMs
    else gaps.push({ from: row.t, to: row.t + stepMs })
  }
  return gaps
}

/** Consecutive rows in which `isDrawn` holds; each run is drawn as a shape of its own. */
export function runsOf<T>(rows: readonly T[], isDrawn: (row: T) => boolean): T[][] {
  const runs: T[][] = []
  let open: T[] | null = null
  for (const row of rows) {
    if (!isDrawn(row)) {
      open = null
      continue
    }
    if (open === null) runs.push((open = []))
    open.push(row)
  }
  return runs
}

export function valueOf(row: Row, key: string): number | null {
  return row.values[key] ?? null
}

/** The sum of the given columns below and including each, for stacked tops. */
export function stackedMax(rows: readonly Row[], columnKeys: readonly string[]): number {
  return rows.reduce((max, row) => {
    const sum = columnKeys.reduce((total, key) => total + (valueOf(row, key) ?? 0), 0)
    return Math.max(max, sum)
  }, 0)
}

export function columnMax(rows: readonly Row[], columnKeys: readonly string[]): number {
  return rows.reduce(
    (max, row) => Math.max(max, ...columnKeys.map((key) => valueOf(row, key) ?? 0)),
    0,
  )
}

/** Whether two lists of rows draw the same for the given columns. */
export function rowsEqual(
  before: readonly Row[],
  after: readonly Row[],
  columnKeys: readonly string[],
): boolean {
  if (before === after) return true
  if (before.length !== after.length) return false
  return before.every((row, index) => {
    const other = after[index]
    if (other === undefined || row.t !== other.t) return false
    if (row === other) return true
    if (row.isGap !== other.isGap || row.n !== other.n) return false
    return columnKeys.every((key) => valueOf(row, key) === valueOf(other, key))
  })
}

/** The bucket an instant lies in. */
export function rowAt(rows: readonly Row[], stepMs: number, at: number | null): Row | undefined {
  const first = rows[0]
  if (first === undefined || at === null) return undefined
  return rows[Math.floor((at - first.t) / stepMs)]
}
