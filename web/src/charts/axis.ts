import { offsetMinutes, type Zone } from '../lib/zone.ts'
import { OVERSHOOT } from './geometry.ts'

const MINUTE = 60_000
const TIME_STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 14_400]

/** What an axis without data reaches to. */
const EMPTY_MAX: Record<string, number> = { ms: 1_000, USD: 1, ratio: 0.1 }

export type ValueAxis = { max: number; ticks: number[]; step: number }

/** Zero-based axis with at most five round ticks. */
export function valueAxis(dataMax: number, unit: string): ValueAxis {
  const target = dataMax > 0 ? dataMax * 1.05 : (EMPTY_MAX[unit] ?? 4)
  const step = roundStep(target / 4, unit)
  const count = Math.ceil(target / step - 1e-9)
  const ticks = Array.from({ length: count + 1 }, (_, index) => round(index * step))
  return { max: round(count * step), ticks, step }
}

/** The axis as it stands, unless data leaves it by a tenth or would fill a smaller one as well. */
export function keptAxis(kept: ValueAxis, dataMax: number, unit: string): ValueAxis {
  if (dataMax > kept.max * (1 + OVERSHOOT)) return valueAxis(dataMax, unit)
  const smaller = valueAxis(dataMax * (1 + OVERSHOOT), unit)
  return smaller.max < kept.max ? smaller : kept
}

/** At most `most` ticks on round local times of the zone, both ends of the range included or not. */
export function timeTicks([from, to]: readonly [number, number], zone: Zone, most = 5): number[] {
  const stepMin = TIME_STEPS_MIN.find((min) => (to - from) / (min * MINUTE) <= most) ?? 43_200
  const step = stepMin * MINUTE
  const ticks: number[] = []
  let at = Math.ceil(from / MINUTE) * MINUTE
  while (at <= to && ticks.length < most + 1) {
    const local = at + offsetMinutes(at, zone) * MINUTE
    const rest = local % step
    if (rest === 0) ticks.push(at)
    at += rest === 0 ? step : step - rest
  }
  return ticks
}

function roundStep(raw: number, unit: string): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const bases = unit === 'ms' ? [1, 2, 2.5, 3, 5, 10] : [1, 2, 2.5, 5, 10]
  const whole = unit === '1'
  const base = bases.find((one) => one * power >= raw - 1e-12) ?? 10
  const step = base * power
  return whole ? Math.max(1, Math.ceil(step)) : step
}

function round(value: number): number {
  return Number(value.toPrecision(12))
}
