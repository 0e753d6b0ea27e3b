import { expect, test } from 'vitest'
import { findSpans } from './find-spans.ts'
import { minimapPaths, MAP_LANES } from './minimap-paths.ts'
import { sampleSpan } from './sample-span.ts'
import { sortedNodes } from './span-columns.ts'
import { traceModelOf } from './trace-model.ts'

const model = traceModelOf([
  sampleSpan('root', { name: 'answer_ticket', ms: 100 }),
  sampleSpan('a', {
    parent: 'root',
    name: 'draft',
    type: 'llm',
    model: 'gpt-5-mini',
    start: 5,
    ms: 40,
  }),
  sampleSpan('b', {
    parent: 'root',
    name: 'search_kb',
    type: 'tool',
    start: 50,
    ms: 20,
    status: 'error',
    error: { type: 'timeout', message: 'No answer within 3 s', statusCode: null },
  }),
])
const found = (text: string): string[] => findSpans(model, text).map(({ span }) => span.spanId)

test('spans are found by name, model, kind and error, each word anywhere', () => {
  expect(found('GPT-5')).toEqual(['a'])
  expect(found('no answer search')).toEqual(['b'])
  expect(found('timeout')).toEqual(['b'])
  expect(found('retrieval')).toEqual([])
  expect(found('  ')).toEqual([])
})

test('the table sorts either way, what has no value last', () => {
  const order = (id: string, isDescending: boolean) =>
    sortedNodes(model.nodes, { id, isDescending }).map(({ span }) => span.spanId)

  expect(order('duration', true)).toEqual(['root', 'a', 'b'])
  expect(order('duration', false)).toEqual(['b', 'a', 'root'])
  expect(order('what', false)).toEqual(['a', 'root', 'b'])
  expect(order('what', true)).toEqual(['a', 'root', 'b'])
})

test('the strip has one path a colour, whatever the number of spans, and failures stay seen', () => {
  const spans = [sampleSpan('root', { ms: 20_000 })]
  for (let at = 0; at < 20_000; at += 1) {
    const status = at === 9_000 ? ('error' as const) : ('ok' as const)
    spans.push(sampleSpan(`s${at}`, { parent: 'root', type: 'tool', start: at, ms: 1, status }))
  }

  const paths = minimapPaths(traceModelOf(spans))

  expect(paths.map(({ color }) => color).toSorted()).toEqual([
    'var(--crit)',
    'var(--s5)',
    'var(--t2)',
  ])
  expect(paths.find(({ color }) => color === 'var(--crit)')?.d).toMatch(/^M\d+ \d+\.5H\d+$/)
  const moves = paths.reduce((sum, { d }) => sum + d.split('M').length - 1, 0)
  expect(moves).toBeLessThan(MAP_LANES * 10)
})
