/** The one home of number, money, duration and time formats. */
const MINUS = '−'
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** By number of digits; making one takes longer than all it formats in a tick. */
const fixedFormats = new Map<number, Intl.NumberFormat>()

export function formatFixed(value: number, digits: number): string {
  let format = fixedFormats.get(digits)
  if (format === undefined) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    format = new Intl.NumberFormat('en-US', options)
    fixedFormats.set(digits, format)
  }
  const text = format.format(Math.abs(value))
  return value < 0 ? MINUS + text : text
}

/** A number and its unit apart, so that a tile can set them in two sizes. */
export type Figure = { text: string; unit: string }

const COMPACT = [
  { from: 1e9, unit: 'B' },
  { from: 1e6, unit: 'M' },
  { from: 1e5, unit: 'k' },
] as const

/** Counts: whole below 100,000, then four significant digits with k, M, B. */
export function countFigure(value: number): Figure {
  for (const { from, unit } of COMPACT) {
    if (Math.abs(value) < from) continue
    const scaled = value / (unit === 'k' ? 1e3 : from)
    return { text: formatFixed(scaled, fractionDigits(scaled, 4)), unit }
  }
  if (Number.isInteger(value) || Math.abs(value) >= 100) {
    return { text: integer.format(value).replace('-', MINUS), unit: '' }
  }
  return { text: formatFixed(value, fractionDigits(value, 3)), unit: '' }
}

/** Durations: ms below one second, seconds above. */
export function durationFigure(ms: number): Figure {
  const size = Math.abs(ms)
  if (size < 999.5) return { text: formatFixed(ms, size < 10 && size > 0 ? 1 : 0), unit: 'ms' }
  return { text: formatFixed(ms / 1_000, size < 99_995 ? 2 : 1), unit: 's' }
}

/** Money: two decimals from one dollar on, four below, two significant digits below $0.0001. */
export function moneyText(usd: number): string {
  const size = Math.abs(usd)
  const sign = usd < 0 ? MINUS : ''
  if (size >= 1e6) return `${sign}$${formatFixed(size / 1e6, 3)}M`
  if (size >= 1 || size === 0) return `${sign}$${formatFixed(size, 2)}`
  if (size >= 0.000_1) return `${sign}$${formatFixed(size, 4)}`
  return `${sign}$${formatFixed(size, Math.min(12, 1 - Math.floor(Math.log10(size))))}`
}

const LEAST_SHOWN_USD = 0.000_1

/** Money in a table cell: what four decimals cannot show is said to be less. */
export function moneyCellText(usd: number): string {
  return usd > 0 && usd < LEAST_SHOWN_USD ? `<${moneyText(LEAST_SHOWN_USD)}` : moneyText(usd)
}

export function ratioFigure(ratio: number): Figure {
  return { text: formatFixed(ratio * 100, 2), unit: '%' }
}

/** A metric's value by the unit of the contract (`1`, `ratio`, `ms`, `USD`, `1/s`). */
export function metricFigure(value: number, unit: string): Figure {
  if (unit === 'ms') return durationFigure(value)
  if (unit === 'USD') return { text: moneyText(value), unit: '' }
  if (unit === 'ratio') return ratioFigure(value)
  const figure = countFigure(value)
  return unit === '1/s' ? { text: figure.text + figure.unit, unit: '/s' } : figure
}

export function figureText({ text, unit }: Figure): string {
  if (unit === '') return text
  return unit === 'ms' || unit === 's' ? `${text} ${unit}` : `${text}${unit}`
}

/** `1 record`, `2,394 records`. */
export const countOf = (count: number, one: string): string =>
  `${countText(count)} ${count === 1 ? one : `${one}s`}`

export const countText = (value: number): string => figureText(countFigure(value))
export const durationText = (ms: number): string => figureText(durationFigure(ms))
export const metricText = (value: number, unit: string): string =>
  figureText(metricFigure(value, unit))

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Sizes in powers of 1,000, three significant digits. */
export function bytesFigure(bytes: number): Figure {
  const step = Math.min(
    BYTE_UNITS.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)),
  )
  const scaled = bytes / 1_000 ** step
  const text = formatFixed(scaled, step === 0 ? 0 : fractionDigits(scaled, 3))
  return { text, unit: BYTE_UNITS[step] ?? 'B' }
}

export const bytesText = (bytes: number): string => {
  const { text, unit } = bytesFigure(bytes)
  return `${text} ${unit}`
}

/** Axis labels: as short as the step between two ticks allows. */
export function axisText(value: number, unit: string, step: number): string {
  if (unit === 'ms') {
    if (value === 0) return step >= 500 ? '0 s' : '0 ms'
    return step >= 500 || value >= 1_000
      ? `${trimZeros(formatFixed(value / 1_000, 3))} s`
      : `${trimZeros(formatFixed(value, 1))} ms`
  }
  if (unit === 'USD') {
    return `$${formatFixed(value, digitsOf(step))}`
  }
  if (unit === 'ratio') return `${trimZeros(formatFixed(value * 100, 1))}%`
  if (value >= 1e6) return `${trimZeros(formatFixed(value / 1e6, 1))}M`
  if (value >= 1e3) return `${trimZeros(formatFixed(value / 1e3, 1))}k`
  return trimZeros(formatFixed(value, 2))
}

/** Length of a range or bucket: `24 s`, `1 min`, `13 min`, `6 h`, `7 d`. */
export function spanText(ms: number): string {
  const size = Math.max(0, ms)
  if (size < 59_500) return `${Math.round(size / 1_000)} s`
  if (size < 3_570_000) return `${Math.round(size / 60_000)} min`
  if (size < 172_800_000) return `${trimZeros(formatFixed(size / 3_600_000, 1))} h`
  return `${trimZeros(formatFixed(size / 86_400_000, 1))} d`
}

/** Decimals that write a step without rounding it. */
function digitsOf(step: number): number {
  for (let digits = 0; digits < 9; digits += 1) {
    const scaled = step * 10 ** digits
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits
  }
  return 9
}

function fractionDigits(value: number, significant: number): number {
  const size = Math.abs(value)
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1
  return Math.max(0, significant - whole)
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
