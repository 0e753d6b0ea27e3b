import { expect, test } from 'vitest'
import { choiceOf, toggleExcluded, toggleIncluded, withoutChoices } from './filter-edit.ts'

test('a chosen value is looked for, a second one makes a list, each choice can be taken back', () => {
  const one = toggleIncluded(['latency:gt:5'], 'model', 'a')
  const two = toggleIncluded(one, 'model', 'b,c')
  const back = toggleIncluded(two, 'model', 'a')

  expect(one).toEqual(['latency:gt:5', 'model:eq:a'])
  expect(two).toEqual(['latency:gt:5', 'model:in:a,b%2Cc'])
  expect(back).toEqual(['latency:gt:5', 'model:eq:b,c'])
  expect(toggleIncluded(back, 'model', 'b,c')).toEqual(['latency:gt:5'])
})

test('to exclude a value that was looked for turns it around, and the other way', () => {
  const excluded = toggleExcluded(['model:in:a,b'], 'model', 'a')

  expect(excluded).toEqual(['model:eq:b', 'model:ne:a'])
  expect(toggleExcluded(excluded, 'model', 'a')).toEqual(['model:eq:b'])
  expect(toggleIncluded(['model:ne:a'], 'model', 'a')).toEqual(['model:eq:a'])
})

test('percent signs of a value survive the list', () => {
  const filters = toggleIncluded(toggleIncluded([], 'name', '100%2C'), 'name', 'x')

  expect(choiceOf(filters, 'name').included).toEqual(['100%2C', 'x'])
})

test('the other values of a field are counted under the rest of the filter', () => {
  const filters = ['model:in:a,b', 'model:ne:c', 'model:has:gpt', 'status:eq:error']

  expect(withoutChoices(filters, 'model')).toEqual(['model:has:gpt', 'status:eq:error'])
  expect(choiceOf(filters, 'model')).toEqual({ included: ['a', 'b'], excluded: ['c'] })
})
