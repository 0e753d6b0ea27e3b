import { expect, test } from 'vitest'
import {
  accepted,
  completionAt,
  keySuggestions,
  ownSuggestions,
  valueSuggestions,
} from './completion.ts'
import { parseQuery } from '../../lib/query-text.ts'

/** The line with `|` where the caret stands. */
function at(line: string): ReturnType<typeof completionAt> {
  return completionAt(line.replace('|', ''), line.indexOf('|'))
}
const insertsOf = (line: string): string[] => ownSuggestions(at(line)).map(({ insert }) => insert)

test.each([
  ['|', { kind: 'field', typed: '' }],
  ['mod|', { kind: 'field', typed: 'mod', from: 0, to: 3 }],
  ['status:error mo|', { kind: 'field', typed: 'mo', from: 13, to: 15 }],
  ['-mo|', { kind: 'field', typed: 'mo', sign: '-' }],
  ['model:|', { kind: 'value', typed: '', from: 6, to: 6 }],
  ['model:gp|t', { kind: 'value', typed: 'gp', from: 6, to: 9 }],
  ['model:a,"b c|', { kind: 'value', typed: 'b c', from: 8 }],
  ['model:"a,b|', { kind: 'value', typed: 'a,b', from: 6 }],
  ['dur>4|', { kind: 'value', typed: '4' }],
  ['mo|del:x', { kind: 'none' }],
  ['"late par|', { kind: 'none' }],
  ['colour:r|', { kind: 'none' }],
])('at %s this is completed: %j', (line, expected) => {
  expect(at(line)).toMatchObject(expected)
})

test('the other terms of the line narrow the values', () => {
  expect(at('status:error model:| dur>4s')).toMatchObject({
    others: ['status:eq:error', 'latency:gt:4000'],
  })
})

test('fields are offered by their beginning, with the comparison they mostly need', () => {
  expect(insertsOf('m|')).toContain('model:')
  expect(insertsOf('du|')).toContain('dur>')
  expect(insertsOf('lat|')).toContain('dur>')
  expect(insertsOf('-mod|')).toEqual(['-model:'])
  expect(insertsOf('err|')).toEqual(['status:error', 'error.type:', 'err'])
})

test('a whole name offers its comparisons', () => {
  expect(insertsOf('model|')).toEqual(['model:', '-model:', 'model~', 'model:*', '-model:*'])
  expect(insertsOf('dur|').slice(0, 4)).toEqual(['dur>', 'dur>=', 'dur<', 'dur<='])
})

test('a value that needs quotes gets them and reads back as itself', () => {
  const line = 'status:error name:ans dur>4s'
  const completion = completionAt(line, 21)
  const [suggestion] = valueSuggestions([{ value: 'answer "a", b', count: 3 }])
  if (completion.kind !== 'value' || suggestion === undefined) throw new Error('no value here')

  const { text, caret } = accepted(line, completion, suggestion)

  expect(parseQuery(text).terms).toEqual([
    'status:eq:error',
    'name:eq:answer "a", b',
    'latency:gt:4000',
  ])
  expect(text.slice(caret)).toBe('dur>4s')
})

test('a chosen value at the end is followed by a blank, a chosen field is not', () => {
  const [value] = valueSuggestions([{ value: 'x', count: 1 }])
  const [key] = keySuggestions([{ value: 'my key', count: 1 }])
  if (value === undefined || key === undefined) throw new Error('nothing is suggested')

  expect(accepted('model:', { from: 6, to: 6 }, value)).toEqual({ text: 'model:x ', caret: 8 })
  expect(accepted('attr.my', { from: 0, to: 7 }, key)).toEqual({
    text: 'attr."my key":',
    caret: 14,
  })
})
