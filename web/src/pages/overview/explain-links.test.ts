import { expect, test } from 'vitest'
import { itemFilter } from './explain-links.ts'

test('an explained value becomes the filter that lists its traces', () => {
  expect(itemFilter({ field: 'release', value: '2026.11.22-3' })).toBe('release:eq:2026.11.22-3')
  expect(itemFilter({ field: 'model', value: 'llama3.2:3b' })).toBe('model:eq:llama3.2:3b')
})

test('a tool and a step go by the names that the trace list knows', () => {
  expect(itemFilter({ field: 'tool', value: 'search_kb' })).toBe(
    'attr.gen_ai.tool.name:eq:search_kb',
  )
  expect(itemFilter({ field: 'step', value: 'plan' })).toBe('name:eq:plan')
})

test('a field without a filter adds none', () => {
  expect(itemFilter({ field: 'finish_reason', value: 'length' })).toBeNull()
})
