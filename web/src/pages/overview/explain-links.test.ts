import { expect, test } from 'vitest'
import type { ExplainItem } from '@sightline/server/contract'
import { itemFilter, leadingItems } from './explain-links.ts'

test('an explained value becomes the filter that lists its traces', () => {
  expect(itemFilter({ field: 'release', value: '2026.11.22-3' })).toBe('release:eq:2026.11.22-3')
  expect(itemFilter({ field: 'model', value: 'llama3.2:3b' })).toBe('model:eq:llama3.2:3b')
})

test('a tool and a step go by the names that the trace list knows', () => {
  expect(itemFilter({ field: 'tool', value: 'search_kb' })).toBe('tool:eq:search_kb')
  expect(itemFilter({ field: 'step', value: 'plan' })).toBe('name:eq:plan')
})

test('a field without a filter adds none', () => {
  expect(itemFilter({ field: 'finish_reason', value: 'length' })).toBeNull()
})

test('the tool that makes up most of the growth stands before a release that goes along with it', () => {
  const itemOf = (field: string, contribution: number): ExplainItem => ({
    field,
    value: `some ${field}`,
    share: 1,
    baselineShare: 0.5,
    lift: 2,
    n: 100,
    contribution,
  })
  const items = [
    itemOf('release', 0.98),
    itemOf('tool', 0.74),
    itemOf('provider', 0.4),
    itemOf('model', 0.2),
    itemOf('prompt', 0.1),
  ]

  const shown = leadingItems(items, 4).map(({ field }) => field)

  expect(shown).toEqual(['tool', 'release', 'model', 'prompt'])
})
