import { expect, test } from 'vitest'
import { Sketch } from '../rollups/sketch.ts'
import { scoreDrift } from './score-drift.ts'
import type { DriftInput } from './score-drift.ts'

const DAY_MS = 86_400_000

/** Deterministic log-normal-like lengths: `count` quantiles of the same shape around `median`. */
function lengths(count: number, median: number, spread = 0.5): Sketch {
  const sketch = new Sketch()
  for (let i = 0; i < count; i += 1) {
    const u = (i + 0.5) / count
    const normal = Math.log(u / (1 - u)) / 1.702
    sketch.add(Math.round(median * Math.exp(spread * normal)))
  }
  return sketch
}

function score(overrides: Partial<DriftInput>): ReturnType<typeof scoreDrift> {
  return scoreDrift({
    current: lengths(400, 1_840),
    reference: lengths(28_000, 1_840),
    referenceMs: DAY_MS,
    unit: 'tokens',
    ...overrides,
  })
}

test('the same distribution is stable', () => {
  const { verdict, evidence, psi } = score({})

  expect(verdict).toBe('stable')
  expect(evidence).toBeLessThan(1)
  expect(psi).toBe(0)
})

test('a prompt that grew is shifted, with its effect in units', () => {
  const { verdict, text, evidence, medians } = score({ current: lengths(400, 4_610) })

  expect(verdict).toBe('shifted')
  expect(evidence).toBeGreaterThan(50)
  expect(text).toMatch(/^median 1,8\d\d → 4,6\d\d tokens$/)
  expect(medians.from).toBeCloseTo(1_840, -2)
})

test('the ranges that changed most come first, in units', () => {
  const [largest] = score({ current: lengths(400, 4_610) }).contributions

  expect(largest?.label).toMatch(/^over [\d,]+ tokens$/)
  expect(largest?.share).toBeGreaterThan(0.5)
  expect(largest?.referenceShare).toBeCloseTo(0.1, 1)
})

test('a significant change of the median under 7 % is not shifted', () => {
  const { verdict, evidence, medians } = score({ current: lengths(50_000, 1_930) })

  expect(Number(medians.to) / Number(medians.from)).toBeLessThan(1.07)
  expect(evidence).toBeGreaterThan(5)
  expect(verdict).toBe('stable')
})

test('a wider distribution with the same median is not shifted', () => {
  const { verdict, psi } = score({ current: lengths(2_000, 1_840, 1.2) })

  expect(psi).toBeGreaterThan(0.1)
  expect(verdict).toBe('stable')
})

test('an extreme shift keeps a finite evidence although its p-value underflows', () => {
  const { pValue, evidence, verdict } = score({
    current: lengths(20_000, 100_000),
    reference: lengths(200_000, 1_000),
  })

  expect(pValue).toBe(0)
  expect(evidence).toBeGreaterThan(300)
  expect(Number.isFinite(evidence)).toBe(true)
  expect(verdict).toBe('shifted')
})

test('fewer than 200 calls are insufficient, and say how many there were', () => {
  const { verdict, evidence, text } = score({ current: lengths(199, 9_000) })

  expect([verdict, evidence]).toEqual(['insufficient', null])
  expect(text).toBe('too few calls: 199 of 200')
  expect(score({ current: lengths(200, 9_000) }).verdict).toBe('shifted')
})

test('a short or thin reference is still learning', () => {
  expect(score({ reference: lengths(999, 1_840) }).verdict).toBe('learning')
  expect(score({ referenceMs: 6 * 3_600_000 - 1 }).verdict).toBe('learning')
  expect(score({ referenceMs: 6 * 3_600_000 }).verdict).toBe('stable')
})

test('no calls at all make no verdict of either kind', () => {
  const { verdict, medians } = score({ current: new Sketch(), reference: new Sketch() })

  expect(verdict).toBe('learning')
  expect(medians).toEqual({ from: null, to: null })
})
