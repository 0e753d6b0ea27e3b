import type { MetricResult } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { spendOf } from './spend-today.ts'

const HOUR = 3_600_000
const STEP = HOUR / 4
const yesterday = Date.parse('2026-11-21T00:00Z')
const today = yesterday + 24 * HOUR
const day = { yesterday, today, storedThrough: today + 10 * HOUR + 7 * 60_000, stepMs: STEP }

function resultOf(points: readonly { t: number; value: number; n?: number }[]): MetricResult {
  return {
    metric: 'cost',
    unit: 'USD',
    stepMs: STEP,
    storedThrough: day.storedThrough,
    source: 'rollups',
    scope: 'call',
    up: [],
    series: [{ group: {}, points: points.map((one) => ({ n: 1, partial: false, ...one })) }],
  }
}

test('today is what has come since midnight, yesterday only what had come by the same time', () => {
  const cost = resultOf([
    { t: yesterday, value: 1 },
    { t: yesterday + 10 * HOUR - STEP, value: 2 },
    { t: yesterday + 10 * HOUR, value: 4 },
    { t: yesterday + 20 * HOUR, value: 8 },
    { t: today, value: 16 },
    { t: today + 10 * HOUR, value: 32 },
  ])

  expect(spendOf([cost], day)).toEqual({
    todayUsd: 48,
    yesterdayUsd: 3,
    yesterdayUntil: yesterday + 10 * HOUR,
    unpricedCalls: 0,
  })
})

test('calls without a price are counted beside the sum', () => {
  const cost = resultOf([{ t: today, value: 1, n: 3 }])
  const requests = resultOf([
    { t: yesterday, value: 100 },
    { t: today, value: 5 },
  ])

  expect(spendOf([cost, requests], day)?.unpricedCalls).toBe(2)
})

test('without a priced call there is nothing to say', () => {
  expect(spendOf([resultOf([])], day)).toBeNull()
  expect(spendOf([resultOf([{ t: today, value: 0, n: 0 }])], day)).toBeNull()
})
