import { expect, test } from 'vitest'
import { passagesOf } from './passages.ts'

test('hits with ids and scores are passages', () => {
  expect(passagesOf([{ id: 'es-1', score: 7.6 }])).toEqual([
    { title: 'es-1', text: null, score: 7.6 },
  ])
})

test('a list under its usual name, with metadata, is found', () => {
  const value = {
    query: 'refund',
    results: [{ page_content: 'Refunds take 5 days.\nMore', metadata: { title: 'Refunds' } }],
  }

  expect(passagesOf(value)).toEqual([
    { title: 'Refunds', text: 'Refunds take 5 days.\nMore', score: null },
  ])
})

test('a passage without a title goes by its first line', () => {
  expect(passagesOf([{ text: 'First line\nsecond', similarity: 0.5 }])).toEqual([
    { title: 'First line', text: 'First line\nsecond', score: 0.5 },
  ])
})

test('other lists and values are no passages', () => {
  for (const value of [
    [],
    ['a', 'b'],
    [1],
    [{ name: 'only a name' }],
    [{ id: 'x', score: 1 }, 'y'],
    { lamps: 1 },
    'text',
    null,
  ]) {
    expect(passagesOf(value)).toBeNull()
  }
})
