import { expect, test } from 'vitest'
import {
  parseRange,
  parseSearch,
  parseViewState,
  stringifySearch,
  withoutFilter,
} from './url-state.ts'

test('a link and the state it stands for survive the round trip, colons in values included', () => {
  const view = { t: '6h', tz: 'Europe/Berlin', f: ['model:eq:llama3.2:3b', 'service:eq:a b&c'] }

  expect(parseViewState(parseSearch(stringifySearch(view)))).toEqual(view)
})

test('unknown keys, faulty values and defaults are dropped', () => {
  const search = { t: '1h', tz: 'Mars/Olympus', f: ['model=x', 'nothing:eq:1'], evil: '1' }

  expect(parseViewState(search)).toEqual({})
})

test('a fixed range needs both ends in order, and wins over a rolling one', () => {
  expect(parseViewState({ from: '1000', to: '2000', t: '6h' })).toEqual({ from: 1_000, to: 2_000 })
  expect(parseViewState({ from: '2000', to: '1000', t: '6h' })).toEqual({ t: '6h' })
  expect(parseViewState({ from: '', to: '1000' })).toEqual({})
})

test('the same filter twice is one', () => {
  expect(parseViewState({ f: ['model:eq:a', 'model:eq:a'] })).toEqual({ f: ['model:eq:a'] })
})

test('removing the last filter removes the key', () => {
  expect(withoutFilter({ t: '6h', f: ['model:eq:a'] }, 'model:eq:a')).toEqual({ t: '6h' })
})

test.each([
  ['15m', 900_000],
  ['7d', 604_800_000],
  ['0m', undefined],
  ['91d', undefined],
  ['1w', undefined],
])('the range %s is %s', (raw, ms) => {
  expect(parseRange(raw)).toBe(ms)
})
