/**
 * The joint dimensions of a series, in the order of a packed row. Any filter and grouping over them
 * is answered from rollups exactly. `prompt` is `name@version`, or the name alone.
 */
export const TUPLE_FIELDS = [
  'service',
  'environment',
  'release',
  'operation',
  'provider',
  'model',
  'prompt',
  'status',
  'error.type',
  'task',
  'type',
] as const
export type TupleField = (typeof TUPLE_FIELDS)[number]
export const TUPLE_SIZE = TUPLE_FIELDS.length
const STATUS_INDEX = TUPLE_FIELDS.indexOf('status')
const TYPE_INDEX = TUPLE_FIELDS.indexOf('type')

/** Values in the order of TUPLE_FIELDS; null = not sent. */
export type SeriesTuple = readonly (string | null)[]

export const COUNTERS = {
  requests: 0,
  errors: 1,
  inputTokens: 2,
  outputTokens: 3,
  cacheReadTokens: 4,
  cacheWriteTokens: 5,
  reasoningTokens: 6,
  pricedCalls: 7,
  unpricedCalls: 8,
  costNanoUsd: 9,
  /** Of `requests` those whose sender keeps only a share. */
  sampledCalls: 10,
} as const
export type CounterName = keyof typeof COUNTERS
export const COUNTER_COUNT = Object.keys(COUNTERS).length

/** Histograms hold whole numbers: microseconds, tokens, and 1/10,000 token per second. */
export const HISTOGRAMS = {
  latencyUs: 0,
  ttftUs: 1,
  outputRate: 2,
  inputTokens: 3,
  outputTokens: 4,
} as const
export type HistogramName = keyof typeof HISTOGRAMS
export const HISTOGRAM_COUNT = Object.keys(HISTOGRAMS).length
export const OUTPUT_RATE_SCALE = 10_000

/** Series of one packed row; what comes beyond folds into one `__other__` per type and status. */
export const MAX_SERIES = 2_000
/** Longer dimension values are cut, so that one hostile attribute cannot swell every row. */
export const MAX_TUPLE_TEXT = 200
const OTHER_VALUE = '__other__'

/** An unambiguous key: each value with its length in front. */
export function tupleKey(tuple: SeriesTuple): string {
  let key = ''
  for (const value of tuple) key += value === null ? '-' : `${value.length}:${value}`
  return key
}

/** The series that takes what the cap leaves no room for; counts by status and type stay exact. */
export function otherTuple(tuple: SeriesTuple): SeriesTuple {
  return tuple.map((value, i) => (i === STATUS_INDEX || i === TYPE_INDEX ? value : OTHER_VALUE))
}

export function clipTupleText(value: string | null): string | null {
  if (value === null || value.length <= MAX_TUPLE_TEXT) return value
  return value.slice(0, MAX_TUPLE_TEXT)
}
