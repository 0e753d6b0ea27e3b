import { expect, test } from 'vitest'
import { Moments, growthOf, isLarger } from './statistics.ts'

test.each([
  [{ count: 90, of: 100 }, { count: 50, of: 100 }, true],
  [{ count: 55, of: 100 }, { count: 50, of: 100 }, false],
  [{ count: 5, of: 5 }, { count: 0, of: 400 }, true],
  [{ count: 3, of: 4 }, { count: 100, of: 400 }, false],
  [{ count: 40, of: 100 }, { count: 50, of: 100 }, false],
  [{ count: 0, of: 0 }, { count: 0, of: 0 }, false],
])('%o against %o is larger beyond chance: %s', (share, than, isBeyond) => {
  expect(isLarger(share, than)).toBe(isBeyond)
})

function moments(values: number[]): { moments: Moments; n: number } {
  const all = new Moments()
  for (const value of values) all.add(value)
  return { moments: all, n: values.length }
}

const around = (middle: number, n: number) =>
  moments(Array.from({ length: n }, (_, i) => middle + (i % 2 === 0 ? 100 : -100)))

test('a mean that grew beyond its noise grew by the difference', () => {
  expect(growthOf(around(1_500, 100), around(1_000, 100))).toBeCloseTo(500)
})

test('what may be chance, a fall, or a handful of values is no growth', () => {
  expect(growthOf(around(1_010, 100), around(1_000, 100))).toBe(0)
  expect(growthOf(around(500, 100), around(1_000, 100))).toBe(0)
  expect(growthOf(around(9_000, 8), around(1_000, 100))).toBe(0)
})

test('units without an amount count as none', () => {
  const some = moments([100, 100])

  expect(some.moments.mean(4)).toBe(50)
})
