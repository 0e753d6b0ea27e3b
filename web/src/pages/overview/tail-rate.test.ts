import { expect, test } from 'vitest'
import { tailRate, withTick, type TailTick } from './tail-rate.ts'

const tick = (at: number, overrides: Partial<TailTick> = {}): TailTick => ({
  at,
  fresh: 10,
  sampled: 1,
  keepsErrors: true,
  ...overrides,
})

test('traces that were not shown count towards the rate', () => {
  const ticks = [tick(1_000), tick(2_000, { sampled: 0.125 })]

  expect(tailRate(ticks, { since: -9_000, now: 5_000 })).toMatchObject({ perSecond: 9, oneIn: 4.5 })
})

test('what lies more than ten seconds back is forgotten', () => {
  const ticks = withTick([tick(0), tick(4_000)], tick(12_000))

  expect(ticks.map(({ at }) => at)).toEqual([4_000, 12_000])
  expect(tailRate(ticks, { since: 0, now: 15_000 })?.perSecond).toBe(1)
})

test('one frame that may have lost an error takes the promise back', () => {
  expect(
    tailRate([tick(1), tick(2, { keepsErrors: false })], { since: 0, now: 4_000 })?.keepsErrors,
  ).toBe(false)
})

test('a tail that has just begun is measured by the time it has run', () => {
  expect(tailRate([tick(1_000)], { since: 0, now: 2_000 })).toBeNull()
  expect(tailRate([tick(1_000)], { since: 0, now: 4_000 })?.perSecond).toBe(2.5)
  expect(tailRate([], { since: 0, now: 4_000 })?.perSecond).toBe(0)
})
