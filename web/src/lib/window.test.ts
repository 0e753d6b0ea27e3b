import { expect, test } from 'vitest'
import { completeRange, stepFor, subscribeFrom, windowOf } from './window.ts'

const MIN = 60_000
const HOUR = 60 * MIN
const at = (clock: string): number => Date.parse(`2026-11-22T${clock}Z`)
const point = (t: number, partial: boolean) => ({ t, value: 1, n: 1, partial })

test.each([
  [HOUR, MIN],
  [6 * HOUR, MIN],
  [24 * HOUR, 5 * MIN],
  [7 * 24 * HOUR, 30 * MIN],
])('a range of %d ms is cut into buckets of %d ms', (length, step) => {
  expect(stepFor(length)).toBe(step)
})

test('the complete range ends at the first bucket that may still grow and keeps its length', () => {
  const points = [
    point(at('14:48:00'), false),
    point(at('14:49:00'), true),
    point(at('14:50:00'), true),
  ]

  const range = completeRange(windowOf({}), at('14:50:24'), points)

  expect(range).toEqual({ from: at('13:49:00'), to: at('14:49:00') })
})

test('without a partial bucket the complete range ends with the last whole bucket', () => {
  const range = completeRange(windowOf({}), at('14:50:24'), [point(at('14:40:00'), false)])

  expect(range).toEqual({ from: at('13:50:00'), to: at('14:50:00') })
})

test('a fixed range never reaches beyond its end, nor into what is not stored yet', () => {
  const window = windowOf({ from: at('14:00:30'), to: at('15:00:00') })

  expect(completeRange(window, at('16:00:00'), [])).toEqual({
    from: at('14:00:00'),
    to: at('15:00:00'),
  })
  expect(completeRange(window, at('14:10:20'), [])).toEqual({
    from: at('14:00:00'),
    to: at('14:10:00'),
  })
  expect(completeRange(window, at('13:00:00'), [])).toEqual({
    from: at('14:00:00'),
    to: at('14:00:00'),
  })
})

test('a rolling length is a whole number of its buckets', () => {
  const window = windowOf({ t: '361m' })

  expect(window.lengthMs % window.stepMs).toBe(0)
})

test('a subscription reaches back far enough for the period before the complete range', () => {
  const window = windowOf({})
  const now = at('14:50:24')
  const latest = at('14:35:00')

  expect(subscribeFrom(window, now)).toBeLessThanOrEqual(latest - 2 * HOUR)
})
