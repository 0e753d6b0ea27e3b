import { expect, test } from 'vitest'
import { sampleSpan } from './sample-span.ts'
import { traceModelOf } from './trace-model.ts'
import type { TraceModel } from './trace-node.ts'
import { foldTarget, treeKeyTarget } from './tree-keys.ts'
import { autoDepthOf, GROUP_KEY, unfoldedTo, visibleRows, type Folds } from './visible-rows.ts'

const OPEN: Folds = { byHand: new Map(), autoDepth: Infinity }
const keysOf = (model: TraceModel, folds: Folds): string[] =>
  visibleRows(model, folds).map(({ key }) => key)

const model = traceModelOf([
  sampleSpan('root', { ms: 100 }),
  sampleSpan('a', { parent: 'root', start: 1, ms: 20 }),
  sampleSpan('a1', { parent: 'a', start: 2, ms: 5 }),
  sampleSpan('b', { parent: 'root', start: 30, ms: 70 }),
  sampleSpan('lost', { parent: 'gone', start: 3, ms: 5 }),
])

test('what is folded hides what is in it; unattached spans stand under a row of their own', () => {
  expect(keysOf(model, OPEN)).toEqual(['root', 'a', 'a1', 'b', GROUP_KEY, 'lost'])
  const folded = { ...OPEN, byHand: new Map([['a', true]]) }
  expect(keysOf(model, folded)).toEqual(['root', 'a', 'b', GROUP_KEY, 'lost'])
  const shut = new Map([
    ['root', true],
    [GROUP_KEY, true],
  ])
  expect(keysOf(model, { ...OPEN, byHand: shut })).toEqual(['root', GROUP_KEY])
})

test('the critical path alone keeps what its spans hang on', () => {
  const rows = visibleRows(model, OPEN, ({ span }) => span.spanId === 'a1')

  expect(rows.map(({ key }) => key)).toEqual(['root', 'a', 'a1', GROUP_KEY])
})

test('over 5,000 spans open folded below the last level that fits, and by hand further', () => {
  const spans = [sampleSpan('root', { ms: 10_000 })]
  for (let step = 0; step < 1_000; step += 1) {
    spans.push(sampleSpan(`s${step}`, { parent: 'root', start: step, ms: 1 }))
    for (let part = 0; part < 5; part += 1) {
      spans.push(sampleSpan(`s${step}-${part}`, { parent: `s${step}`, start: step, ms: 1 }))
    }
  }
  const large = traceModelOf(spans)

  const autoDepth = autoDepthOf(large)

  expect(autoDepth).toBe(1)
  expect(keysOf(large, { byHand: new Map(), autoDepth })).toHaveLength(1_001)
  const node = large.byId.get('s7-3')
  expect(node).toBeDefined()
  const byHand = node === undefined ? new Map<string, boolean>() : unfoldedTo(node, new Map())
  expect(keysOf(large, { byHand, autoDepth })).toContain('s7-3')
  expect(keysOf(large, { byHand, autoDepth })).toHaveLength(1_006)
})

test('a flat trace of any size shows all its rows', () => {
  const flat = traceModelOf([
    sampleSpan('root', { ms: 10_000 }),
    ...Array.from({ length: 7_000 }, (_, at) =>
      sampleSpan(`s${at}`, { parent: 'root', start: at, ms: 1 }),
    ),
  ])

  expect(keysOf(flat, { byHand: new Map(), autoDepth: autoDepthOf(flat) })).toHaveLength(7_001)
})

test('arrow keys move, fold and open as in any tree', () => {
  const rows = visibleRows(model, OPEN)

  expect(treeKeyTarget('ArrowDown', rows, 0)).toBe(1)
  expect(treeKeyTarget('ArrowUp', rows, 0)).toBe(0)
  expect(treeKeyTarget('End', rows, 0)).toBe(5)
  expect(treeKeyTarget('Home', rows, 4)).toBe(0)
  expect(treeKeyTarget('Enter', rows, 2)).toBe('select')
  expect(treeKeyTarget('x', rows, 2)).toBeUndefined()
  expect(foldTarget(true, rows, 1)).toBe('fold')
  expect(foldTarget(true, rows, 2)).toBe(1)
  expect(foldTarget(false, rows, 1)).toBe(2)
  expect(foldTarget(false, rows, 2)).toBe(2)
})
