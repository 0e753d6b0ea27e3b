import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRejected } from './read-rejected.ts'

test.each([
  ['nothing at all', [], 0],
  ['an empty message', [0x0a, 0], 0],
  ['three, and why', [0x0a, 7, 0x08, 3, 0x12, 3, 0x61, 0x62, 0x63], 3],
  ['why first', [0x0a, 7, 0x12, 3, 0x61, 0x62, 0x63, 0x08, 3], 3],
  ['a number of two bytes', [0x0a, 3, 0x08, 0xac, 2], 300],
  ['only why, a warning', [0x0a, 5, 0x12, 3, 0x61, 0x62, 0x63], 0],
  ['a field nobody knows before it', [0x12, 2, 1, 2, 0x0a, 2, 0x08, 5], 5],
  ['a message cut off', [0x0a, 7, 0x08], 0],
])('an answer of %s', (_, bytes, rejected) => {
  expect(readRejected(Uint8Array.from(bytes))).toBe(rejected)
})

test('whatever the answer, a number comes of it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (body) => {
      const rejected = readRejected(body)
      expect(Number.isSafeInteger(rejected) && rejected >= 0).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
