import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sketch } from '../../rollups/sketch.ts'
import { binCounts, quantileBins } from './quantile-bins.ts'

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return sketch
}

const lengths = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 300 })

test('bins hold every value and their edges ascend', () => {
  fc.assert(
    fc.property(lengths, lengths, (reference, current) => {
      const edges = quantileBins(sketchOf(reference), 10)
      expect(edges).toEqual([...new Set(edges)].toSorted((a, b) => a - b))
      expect(edges.length).toBeGreaterThanOrEqual(1)
      expect(edges.length).toBeLessThanOrEqual(9)
      const counts = binCounts(sketchOf(current), edges)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(current.length)
    }),
  )
})

test('a wide distribution is parted into ten bins of about equal share', () => {
  const reference = sketchOf(Array.from({ length: 10_000 }, (_, i) => 1_000 + i * 3))

  const counts = binCounts(reference, quantileBins(reference, 10))

  expect(counts.length).toBe(10)
  for (const count of counts) expect(count / 10_000).toBeCloseTo(0.1, 1)
})

test('a value that most calls share gets a bin of its own', () => {
  const spread = Array.from({ length: 500 }, (_, i) => 100 + i * 10)
  const same = Array.from({ length: 1_500 }, () => 2_000)
  const reference = sketchOf([...spread, ...same])

  const counts = binCounts(reference, quantileBins(reference, 10))

  expect(counts.some((count) => count >= 1_500 && count < 1_520)).toBe(true)
})

test('a reference of one value still tells smaller and larger ones apart', () => {
  for (const value of [0, 1, 100, 4_096]) {
    const edges = quantileBins(sketchOf([value, value, value]), 10)
    const around = sketchOf([value, Math.ceil(value * 1.1) + 1])

    expect(binCounts(sketchOf([value]), edges)).toEqual([0, 1, 0])
    expect(binCounts(around, edges)).toEqual([0, 1, 1])
    if (value > 0) expect(binCounts(sketchOf([Math.floor(value * 0.9)]), edges)).toEqual([1, 0, 0])
  }
})
