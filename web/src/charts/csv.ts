import { offsetMinutes, type Zone } from '../lib/zone.ts'
import type { ChartSeries } from './chart-series.ts'
import { valueOf, type Row } from './rows.ts'

export type CsvInput = {
  rows: readonly Row[]
  series: readonly ChartSeries[]
  completeTo: number
  unit: string
  zone: Zone
  withN: boolean
}

/** RFC 4180. Zone and unit stand in the header; buckets that may still grow say so. */
export function chartCsv({ rows, series, completeTo, unit, zone, withN }: CsvInput): string {
  const header = [
    `time (${zone.name})`,
    ...series.map(({ label }) => `${label} (${unitName(unit)})`),
    ...(withN ? ['n'] : []),
    'state',
  ]
  const lines = rows.map((row) => [
    localIso(row.t, zone),
    ...series.map(({ key }) => numberCell(valueOf(row, key))),
    ...(withN ? [numberCell(row.isGap ? null : row.n)] : []),
    stateOf(row, completeTo),
  ])
  return csvText([header, ...lines])
}

export function csvText(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('')
}

const NUMERIC = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const FORMULA = /^[=+\-@\t\r]/

/** A spreadsheet takes a leading `=`, `+`, `-`, `@` or tab for a formula; numbers stay numbers. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMERIC.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** `2026-11-22T14:41:00+01:00` */
export function localIso(at: number, zone: Zone): string {
  const minutes = offsetMinutes(at, zone)
  const wall = new Date(at + minutes * 60_000).toISOString().slice(0, 19)
  if (minutes === 0) return `${wall}Z`
  const pad = (value: number): string => String(value).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${wall}${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

function stateOf(row: Row, completeTo: number): string {
  if (row.isGap) return 'no data'
  return row.t >= completeTo ? 'partial' : 'complete'
}

function numberCell(value: number | null): string {
  return value === null ? '' : String(value)
}

function unitName(unit: string): string {
  return unit === '1' ? 'count' : unit
}
