import { expect, test } from 'vitest'
import { parseKeyMap } from './key-map.ts'

test('pairs of keys are read back', () => {
  expect([...parseKeyMap('[["c","x"],["g o","1"]]')]).toEqual([
    ['c', 'x'],
    ['g o', '1'],
  ])
})

test.each([null, '', '{', '{"a":"b"}', '"x"', '[["c",5],["c"],null]'])(
  'what is no list of pairs is no map: %s',
  (stored) => {
    expect(parseKeyMap(stored).size).toBe(0)
  },
)
