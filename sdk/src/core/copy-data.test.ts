import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyData } from './copy-data.ts'

test('a copy of JSON is equal and shares no array or object', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const copy = copyData(value)

      expect(copy).toEqual(value)
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value)
    }),
  )
})

test('what is left out is left out at every depth', () => {
  const value = { a: [{ secret: 1, b: { secret: 2, c: 3 } }], secret: 4 }

  expect(copyData(value, new Set(['secret']))).toEqual({ a: [{ b: { c: 3 } }] })
})

test('bytes are shared', () => {
  const bytes = new Uint8Array(3)

  expect((copyData({ bytes }) as { bytes: unknown }).bytes).toBe(bytes)
})

test('a key named like the prototype stays a key', () => {
  const value: unknown = JSON.parse('{"__proto__":{"polluted":true}}')

  expect(JSON.stringify(copyData(value))).toBe('{"__proto__":{"polluted":true}}')
})

test('what refers to itself, or is endless, ends somewhere', () => {
  const circle: unknown[] = []
  circle.push(circle)
  const wide = { many: Array.from({ length: 20_000 }, () => ({ deep: {} })) }

  expect(JSON.stringify(copyData(circle))).toContain('[more]')
  expect(JSON.stringify(copyData(wide)).match(/deep/g)?.length ?? 0).toBeLessThan(5_001)
})

test('of an object with very many keys only some are copied', () => {
  const wide = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]),
  )

  expect(Object.keys(copyData(wide) as object).length).toBeLessThan(5_001)
})
