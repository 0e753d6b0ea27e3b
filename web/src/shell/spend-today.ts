import type { MetricResult } from '@sightline/server/contract'

export type Spend = {
  todayUsd: number
  /** What yesterday had cost at the end of the same quarter of an hour. */
  yesterdayUsd: number
  yesterdayUntil: number
  /** Calls of today without a price: what they cost is not in the sum. */
  unpricedCalls: number
}
type Day = { yesterday: number; today: number; storedThrough: number; stepMs: number }

/** Sums of the day so far and of yesterday up to this time; null when neither had a priced call. */
export function spendOf([cost, requests]: readonly MetricResult[], day: Day): Spend | null {
  const { yesterday, today, storedThrough, stepMs } = day
  const points = (result: MetricResult | undefined) => result?.series[0]?.points ?? []
  const sinceMidnight = storedThrough - today
  const yesterdayUntil = yesterday + Math.floor(sinceMidnight / stepMs) * stepMs
  const all = points(cost)
  const todays = all.filter(({ t }) => t >= today)
  const yesterdays = all.filter(({ t }) => t >= yesterday && t + stepMs <= yesterdayUntil)
  const priced = sum(todays.map(({ n }) => n))
  if (priced + sum(yesterdays.map(({ n }) => n)) === 0) return null
  const calls = sum(
    points(requests)
      .filter(({ t }) => t >= today)
      .map(({ value }) => value ?? 0),
  )
  return {
    todayUsd: sum(todays.map(({ value }) => value ?? 0)),
    yesterdayUsd: sum(yesterdays.map(({ value }) => value ?? 0)),
    yesterdayUntil,
    unpricedCalls: Math.max(0, calls - priced),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
