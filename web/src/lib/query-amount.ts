import type { FieldUnit } from './query-fields.ts'

const FACTORS: Record<FieldUnit, Record<string, number>> = {
  ms: { '': 1, us: 0.001, ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 },
  USD: { '': 1 },
  tokens: { '': 1, k: 1_000, K: 1_000, M: 1_000_000 },
}
const AMOUNT = /^(-?)\$?(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)([a-zA-Z]*)$/

/** A typed amount (`4s`, `$0.01`, `2k`) as the API's number; undefined where it is none. */
export function parseAmount(typed: string, unit?: FieldUnit): string | undefined {
  const match = AMOUNT.exec(typed)
  if (match === null || (typed.includes('$') && unit !== 'USD')) return undefined
  const factor =
    unit === undefined ? (match[3] === '' ? 1 : undefined) : FACTORS[unit][match[3] ?? '']
  if (factor === undefined) return undefined
  const size = Number((Number(match[2]) * factor).toPrecision(12))
  return Number.isFinite(size) ? String(match[1] === '-' ? -size : size) : undefined
}

/** The API's number as one types it; the number itself where a unit would not say the same. */
export function amountText(value: string, unit: FieldUnit): string {
  const size = Number(value)
  if (unit !== 'ms' || !Number.isFinite(size)) return value
  const short = Math.abs(size) >= 1_000 ? `${size / 1_000}s` : `${size}ms`
  return parseAmount(short, unit) === value ? short : value
}
