import { expect, test } from 'vitest'
import { toPlain } from './to-plain.ts'

test('data stays as it is', () => {
  const value = { a: [1, 'two', null, true], b: { c: undefined } }

  expect(toPlain(value)).toEqual(value)
  expect(toPlain(value)).not.toBe(value)
})

test('what JSON has no word for gets one', () => {
  expect(
    toPlain([NaN, 10n, () => 1, new Date(0), new Map([['k', 1]]), new Set([2]), new Uint8Array(3)]),
  ).toEqual(['NaN', '10', '[function]', '1970-01-01T00:00:00.000Z', [['k', 1]], [2], '[3 bytes]'])
  expect(toPlain(new TypeError('no'))).toEqual({ name: 'TypeError', message: 'no' })
})

test('an object inside itself ends the copy, the same object twice does not', () => {
  const shared = { s: 1 }
  const cycle: Record<string, unknown> = { first: shared, second: shared }
  cycle['self'] = cycle

  expect(toPlain(cycle)).toEqual({ first: { s: 1 }, second: { s: 1 }, self: '[cycle]' })
})

test('none of the application runs: getters, toJSON and instances are left alone', () => {
  class Connection {
    password = 'secret'
  }
  const value = {
    get lazy() {
      throw new Error('a getter ran')
    },
    toJSON: 'kept',
    connection: new Connection(),
  }

  expect(toPlain(value)).toEqual({ toJSON: 'kept', connection: '[Connection]' })
})

test('a large value is copied in part', () => {
  const copy = toPlain(Array.from({ length: 100_000 }, () => ({ n: 1 })))

  expect(Array.isArray(copy) ? copy.length : 0).toBeLessThanOrEqual(5_000)
})
