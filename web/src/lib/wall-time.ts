import { offsetMinutes, type Zone } from './zone.ts'

/** A reading of a wall clock; `month` counts from 1. Days past the end of a month run on. */
export type WallTime = {
  year: number
  month: number
  day: number
  hour?: number
  minute?: number
  second?: number
  ms?: number
}

const DAY_MS = 86_400_000

/**
 * The instant at which the zone's clocks show this. A time that is shown twice means its first
 * showing; one that is skipped means the same time after the jump, as far past it.
 */
export function instantOf(wall: WallTime, zone: Zone): number {
  const asUtc = utcOf(wall)
  const candidates = [asUtc - DAY_MS, asUtc + DAY_MS].map(
    (near) => asUtc - offsetMinutes(near, zone) * 60_000,
  )
  const shown = candidates.filter((at) => at + offsetMinutes(at, zone) * 60_000 === asUtc)
  return shown.length > 0 ? Math.min(...shown) : (candidates[0] ?? asUtc)
}

export function wallTimeOf(at: number, zone: Zone): Required<WallTime> {
  const local = new Date(at + offsetMinutes(at, zone) * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    ms: local.getUTCMilliseconds(),
  }
}

/** First instant of the local day `days` after that of `at`. */
export function startOfDay(at: number, zone: Zone, days = 0): number {
  const { year, month, day } = wallTimeOf(at, zone)
  return instantOf({ year, month, day: day + days }, zone)
}

/** False for readings no calendar has, such as 31 April or 24:01. */
export function isWallTime(wall: WallTime): boolean {
  const { year, month, day, hour = 0, minute = 0, second = 0, ms = 0 } = wall
  const date = new Date(utcOf(wall))
  return (
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    [hour < 24, minute < 60, second < 60, ms < 1_000].every(Boolean)
  )
}

function utcOf({ year, month, day, hour = 0, minute = 0, second = 0, ms = 0 }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}
