import { expect, test } from 'vitest'
import { parseFilterTerm } from '../contract/index.ts'
import type { FilterTerm } from '../contract/index.ts'
import { TUPLE_FIELDS } from './series.ts'
import type { TupleField } from './series.ts'
import { tupleMatcher } from './tuple-filter.ts'

function termsOf(...raw: string[]): FilterTerm[] {
  return raw.map((text) => {
    const parsed = parseFilterTerm(text)
    if (parsed.status === 'invalid') throw new Error(parsed.message)
    return parsed.term
  })
}

function matches(filter: string[], values: Partial<Record<TupleField, string>>): boolean {
  const matcher = tupleMatcher(termsOf(...filter))
  if (matcher === undefined) throw new Error(`rollups cannot answer ${filter.join(' ')}`)
  return matcher(TUPLE_FIELDS.map((field) => values[field] ?? null))
}

test.each([
  ['model:eq:llama3.2:3b', { model: 'llama3.2:3b' }, true],
  ['model:eq:llama3.2:3b', { model: 'llama3.2' }, false],
  ['model:ne:a', { model: 'b' }, true],
  ['model:ne:a', { model: 'a' }, false],
  ['model:ne:a', {}, true],
  ['model:in:a,b%2Cc', { model: 'b,c' }, true],
  ['model:in:a,b%2Cc', { model: 'b' }, false],
  ['release:exists:', { release: '1' }, true],
  ['release:exists:true', {}, false],
  ['release:exists:false', {}, true],
  ['model:has:LAMA', { model: 'llama3.2:3b' }, true],
  ['model:has:gpt', { model: 'llama3.2:3b' }, false],
  ['prompt:eq:greet@3', { prompt: 'greet@3' }, true],
  ['prompt:eq:greet', { prompt: 'greet@3' }, true],
  ['prompt:eq:greet@2', { prompt: 'greet@3' }, false],
  ['prompt:eq:gree', { prompt: 'greet@3' }, false],
  ['prompt:ne:greet', {}, true],
  ['error.type:eq:429', { 'error.type': '429' }, true],
])('%s on %o is %s', (filter, values, expected) => {
  expect(matches([filter], values)).toBe(expected)
})

test('all terms must hold', () => {
  const filter = ['service:eq:chat', 'status:eq:error']

  expect(matches(filter, { service: 'chat', status: 'error' })).toBe(true)
  expect(matches(filter, { service: 'chat', status: 'ok' })).toBe(false)
})

test('a field that series do not have leaves the answer to spans', () => {
  expect(tupleMatcher(termsOf('model:eq:a', 'user:eq:u-1'))).toBeUndefined()
  expect(tupleMatcher(termsOf('attr.tenant:eq:t'))).toBeUndefined()
})

test.each([
  'status:eq:failed',
  'type:in:llm,robot',
  'model:gt:5',
  'status:has:o',
  'model:exists:perhaps',
])('%s is refused as a value of f', (filter) => {
  expect(() => tupleMatcher(termsOf(filter))).toThrow(expect.objectContaining({ field: 'f' }))
})
