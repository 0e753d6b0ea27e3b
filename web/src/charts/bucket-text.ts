import { countText, metricText, spanText } from '../lib/format.ts'
import { clockText, dayClockText, type Zone } from '../lib/zone.ts'
import { valueOf, type Row } from './rows.ts'
import type { TimeChartProps } from './time-chart-props.ts'

/** `14:41`; with the day where a bucket is an hour or more. */
export function bucketText(t: number, stepMs: number, zone: Zone): string {
  return stepMs >= 3_600_000 ? dayClockText(t, zone) : clockText(t, zone)
}

/** One bucket in words: `14:41: p50 1.35 s, p95 4.91 s, n 2,184`. */
export function bucketSentence(
  row: Row,
  { kind, series, stepMs, zone, unit, completeTo }: TimeChartProps,
): string {
  const time = bucketText(row.t, stepMs, zone)
  if (row.isGap) return `${time}: no data`
  const values = series.map(({ key, label }) => {
    const value = valueOf(row, key)
    return `${label} ${value === null ? 'none' : metricText(value, unit)}`
  })
  const partial = row.t >= completeTo ? ', not complete yet' : ''
  const n = kind === 'line' ? `, n ${countText(row.n)}` : ''
  return `${time}: ${values.join(', ')}${n}${partial}`
}

const STEP_NAMES: Record<number, string> = {
  60_000: 'minute',
  3_600_000: 'hour',
  86_400_000: 'day',
}

/** Length of a bucket after `per`: `minute`, `5 min`, `hour`. */
export function stepText(stepMs: number): string {
  return STEP_NAMES[stepMs] ?? spanText(stepMs)
}
