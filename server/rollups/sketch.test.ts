import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'
import { SKETCH_SCALE, Sketch, cellIndex, cellUpper } from './sketch.ts'

const MAX_RELATIVE_ERROR = 0.011
type ReferenceEntry = {
  statistic: string
  input: { values: number[]; scale: number }
  expected: { indices: number[] }
}
const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000_000 }), { maxLength: 200 })
const positives = fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), {
  minLength: 1,
  maxLength: 200,
})

function sketchOf(list: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of list) sketch.add(value)
  return sketch
}

function encode(sketch: Sketch): Buffer {
  const out = new ByteWriter()
  sketch.write(out)
  return Buffer.from(out.view())
}

function decode(bytes: Buffer): Sketch {
  const sketch = new Sketch()
  sketch.addEncoded(new ByteReader(bytes))
  return sketch
}

/** Quantile with linear interpolation, of the values themselves. */
function exactQuantile(list: readonly number[], q: number): number {
  const sorted = list.toSorted((a, b) => a - b)
  const position = q * (sorted.length - 1)
  const low = sorted[Math.floor(position)] ?? 0
  const high = sorted[Math.ceil(position)] ?? 0
  return low + (high - low) * (position - Math.floor(position))
}

test('a power of two lies at the upper border of its cell', () => {
  for (let exponent = -20; exponent <= 50; exponent += 1) {
    expect(cellIndex(2 ** exponent)).toBe(exponent * 32 - 1)
  }
})

test('cell indices are those of the reference values', () => {
  const file = new URL('../../test/fixtures/stats/reference.json', import.meta.url)
  const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: ReferenceEntry[] }
  const entry = entries.find(
    ({ statistic, input }) => statistic === 'exp_histogram_index' && input.scale === SKETCH_SCALE,
  )

  expect(entry?.input.values.map(cellIndex)).toEqual(entry?.expected.indices)
})

test('a value lies between the borders of its cell', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (value) => {
      const index = cellIndex(value)
      expect(value).toBeLessThanOrEqual(cellUpper(index) * (1 + 1e-12))
      expect(value).toBeGreaterThan(cellUpper(index - 1) * (1 - 1e-12))
    }),
  )
})

test('a quantile errs by at most 1.1 % of the interpolated one', () => {
  fc.assert(
    fc.property(positives, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const exact = exactQuantile(list, q)
      const got = sketchOf(list).quantile(q) ?? Number.NaN
      expect(Math.abs(got - exact)).toBeLessThanOrEqual(exact * MAX_RELATIVE_ERROR)
    }),
  )
})

test('negative values and zeros come before positive ones', () => {
  const sketch = sketchOf([5, -100, 0, -1, 0, 7])

  expect(sketch.quantile(0)).toBe(-100)
  expect(sketch.quantile(0.4)).toBe(0)
  expect(sketch.quantile(1)).toBe(7)
  expect(sketch.n).toBe(6)
})

test('an empty sketch has no quantile', () => {
  expect(new Sketch().quantile(0.5)).toBeNull()
})

test('merging in any order and grouping gives the same bytes as adding one by one', () => {
  fc.assert(
    fc.property(values, values, values, (a, b, c) => {
      const whole = encode(sketchOf([...a, ...b, ...c]))
      const left = sketchOf(c)
      left.merge(sketchOf(a))
      left.merge(sketchOf(b))
      const inner = sketchOf(b)
      inner.merge(sketchOf(c))
      const right = sketchOf(a)
      right.merge(inner)
      expect(encode(left)).toEqual(whole)
      expect(encode(right)).toEqual(whole)
    }),
  )
})

test('decoding gives back what was encoded', () => {
  fc.assert(
    fc.property(values, (list) => {
      const sketch = sketchOf(list)
      const decoded = decode(encode(sketch))
      expect([decoded.n, decoded.sum, decoded.zeros]).toEqual([sketch.n, sketch.sum, sketch.zeros])
      expect([decoded.min, decoded.max]).toEqual([sketch.min, sketch.max])
      expect(encode(decoded)).toEqual(encode(sketch))
    }),
  )
})

test('cells are visited in ascending order and hold every value', () => {
  fc.assert(
    fc.property(values, (list) => {
      const uppers: number[] = []
      let total = 0
      sketchOf(list).forEachCell((upper, count) => {
        uppers.push(upper)
        total += count
      })
      expect(uppers).toEqual(uppers.toSorted((a, b) => a - b))
      expect(total).toBe(list.length)
    }),
  )
})

test('twenty log-normal latencies take few bytes', () => {
  const latencies = Array.from({ length: 20 }, (_, i) =>
    Math.round(800_000 * Math.exp(Math.sin(i * 12.9898) * 0.6)),
  )

  expect(encode(sketchOf(latencies)).length).toBeLessThan(70)
})
