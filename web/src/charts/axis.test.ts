import { expect, test } from 'vitest'
import { zoneOf } from '../lib/zone.ts'
import { keptAxis, timeTicks, valueAxis } from './axis.ts'

const HOUR = 3_600_000

test.each([
  [9_300, 'ms'],
  [5.6, 'USD'],
  [38, '1'],
  [0, 'ms'],
  [0.000_09, 'USD'],
  [1_234_567, '1'],
])('the axis of %d %s starts at 0, holds the data and has at most 5 ticks', (max, unit) => {
  const axis = valueAxis(max, unit)

  expect(axis.ticks[0]).toBe(0)
  expect(axis.ticks.at(-1)).toBe(axis.max)
  expect(axis.max).toBeGreaterThanOrEqual(max)
  expect(axis.ticks.length).toBeLessThanOrEqual(5)
})

test('counts have whole ticks', () => {
  expect(valueAxis(1, '1').ticks).toEqual([0, 1, 2])
})

test('time ticks stand on round times of the zone, not of UTC', () => {
  const from = Date.parse('2026-11-22T00:00:00Z')

  const ticks = timeTicks([from, from + 24 * HOUR], zoneOf('Asia/Kolkata'))

  expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual([
    '00:30',
    '06:30',
    '12:30',
    '18:30',
  ])
})

test('an hour has at most five ticks', () => {
  const from = Date.parse('2026-11-22T13:50:00Z')

  const ticks = timeTicks([from, from + HOUR], zoneOf('utc'))

  expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual([
    '14:00',
    '14:15',
    '14:30',
    '14:45',
  ])
})

test('labels stay while data is within a tenth of the axis and change when it leaves', () => {
  const axis = valueAxis(9_300, 'ms')
  expect(axis.max).toBe(10_000)

  expect(keptAxis(axis, 10_900, 'ms')).toBe(axis)
  expect(keptAxis(axis, 11_100, 'ms').max).toBe(12_000)
})

test('the axis shrinks only when data would fill a smaller one with a tenth to spare', () => {
  const axis = valueAxis(9_300, 'ms')

  expect(keptAxis(axis, 7_500, 'ms')).toBe(axis)
  const smaller = keptAxis(axis, 6_500, 'ms')
  expect(smaller.max).toBeLessThan(10_000)
  expect(keptAxis(smaller, 6_500, 'ms')).toBe(smaller)
})
