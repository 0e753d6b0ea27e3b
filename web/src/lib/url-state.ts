import { parseFilterTerm } from '@sightline/server/contract'
import { isTimeZone } from './zone.ts'

/** The only store of view state: unknown keys are dropped, faulty values fall back. */
export type ViewState = {
  t?: string
  from?: number
  to?: number
  tz?: string
  /** What a page compares with: the period before (default), a day or a week earlier, or nothing. */
  cmp?: Compare
  f?: string[]
}

export const COMPARES = ['prev', '1d', '7d', 'off'] as const
export type Compare = (typeof COMPARES)[number]
export const DEFAULT_COMPARE: Compare = 'prev'

export const RANGES = ['15m', '1h', '3h', '6h', '24h', '7d'] as const
export const DEFAULT_RANGE = '1h'

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
export const MAX_RANGE_MS = 90 * 86_400_000
const MAX_FILTERS = 20

export function parseViewState(search: Record<string, unknown>): ViewState {
  const view: ViewState = {}
  const from = instant(search['from'])
  const to = instant(search['to'])
  if (from !== undefined && to !== undefined && from < to && to - from <= MAX_RANGE_MS) {
    view.from = from
    view.to = to
  } else {
    const t = search['t']
    if (typeof t === 'string' && t !== DEFAULT_RANGE && parseRange(t) !== undefined) view.t = t
  }
  const tz = search['tz']
  if (isZone(tz)) view.tz = tz
  const cmp = COMPARES.find((one) => one === search['cmp'])
  if (cmp !== undefined && cmp !== DEFAULT_COMPARE) view.cmp = cmp
  const filters = [search['f']].flat().filter(isFilter)
  if (filters.length > 0) view.f = [...new Set(filters)].slice(0, MAX_FILTERS)
  return view
}

/** Length in ms of `15m`, `6h`, `7d`; whole minutes, at most 90 days. */
export function parseRange(raw: string): number | undefined {
  const match = /^(\d{1,4})([mhd])$/.exec(raw)
  if (match === null) return undefined
  const ms = Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0)
  return ms >= 60_000 && ms <= MAX_RANGE_MS ? ms : undefined
}

export function rangeLabel(raw: string): string {
  const match = /^(\d+)([mhd])$/.exec(raw)
  const count = Number(match?.[1] ?? 1)
  const unit = { m: 'minute', h: 'hour', d: 'day' }[match?.[2] ?? 'h'] ?? 'hour'
  return `Past ${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Repeated keys instead of the router's JSON, so that links read like the API's. */
export function parseSearch(raw: string): Record<string, unknown> {
  const params = new URLSearchParams(raw)
  const search: Record<string, unknown> = {}
  for (const key of new Set(params.keys())) {
    search[key] = key === 'f' ? params.getAll(key) : (params.get(key) ?? '')
  }
  return search
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    for (const item of [value].flat()) {
      if (typeof item === 'string' || typeof item === 'number') params.append(key, String(item))
    }
  }
  // A colon is legal in a query and filters are read by people.
  const text = params.toString().replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}

export function withoutFilter(view: ViewState, raw: string): ViewState {
  const { f = [], ...rest } = view
  const left = f.filter((one) => one !== raw)
  return left.length > 0 ? { ...rest, f: left } : rest
}

function isZone(value: unknown): value is string {
  return typeof value === 'string' && (value === 'utc' || isTimeZone(value))
}

function isFilter(raw: unknown): raw is string {
  return typeof raw === 'string' && raw.length <= 500 && parseFilterTerm(raw).status === 'ok'
}

function instant(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const ms = Number(value)
  return value !== '' && Number.isFinite(ms) && ms >= 0 && ms < 8e15 ? Math.floor(ms) : undefined
}
