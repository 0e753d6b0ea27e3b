import { expect, test } from 'vitest'
import { sampleSpan, SAMPLE_START } from './sample-span.ts'
import { traceModelOf } from './trace-model.ts'
import type { TraceNode } from './trace-node.ts'

const FAILED = { status: 'error' as const }
const idsOf = (nodes: readonly TraceNode[]): string[] => nodes.map(({ span }) => span.spanId)

test('rows stand depth first, children by start, with their place among siblings', () => {
  const { nodes } = traceModelOf([
    sampleSpan('late', { parent: 'root', start: 50, ms: 10 }),
    sampleSpan('leaf', { parent: 'early', start: 6, ms: 1 }),
    sampleSpan('root'),
    sampleSpan('early', { parent: 'root', start: 5, ms: 10 }),
  ])

  expect(nodes.map(({ span, depth }) => [span.spanId, depth])).toEqual([
    ['root', 0],
    ['early', 1],
    ['leaf', 2],
    ['late', 1],
  ])
  expect(nodes.map(({ index, nextIndex }) => [index, nextIndex])).toEqual([
    [0, 4],
    [1, 3],
    [2, 3],
    [3, 4],
  ])
  expect(nodes.map(({ position, siblings }) => `${position}/${siblings}`)).toEqual([
    '1/1',
    '1/2',
    '1/1',
    '2/2',
  ])
})

test('spans whose parent did not come, or that name each other, are unattached and come last', () => {
  const { nodes, roots, unattached } = traceModelOf([
    sampleSpan('orphan', { parent: 'gone', start: 1 }),
    sampleSpan('child', { parent: 'orphan', start: 2 }),
    sampleSpan('a', { parent: 'b', start: 3 }),
    sampleSpan('b', { parent: 'a', start: 4 }),
    sampleSpan('self', { parent: 'self', start: 5 }),
    sampleSpan('second', { start: 6 }),
    sampleSpan('root'),
  ])

  expect(idsOf(roots)).toEqual(['root', 'second'])
  expect(nodes).toHaveLength(7)
  expect(idsOf(nodes).slice(0, 2)).toEqual(['root', 'second'])
  expect(unattached.map(({ span, unattached: why }) => [span.spanId, why])).toEqual([
    ['orphan', 'parent-missing'],
    ['self', 'cycle'],
    ['a', 'cycle'],
  ])
  expect(nodes.every(({ depth }, index) => depth > 0 || index < 2)).toBe(true)
})

test('a child that begins before its parent is drawn from there, with what its service did in it', () => {
  const { nodes, maxSkewMs, startTime } = traceModelOf([
    sampleSpan('root', { service: 'web', ms: 200 }),
    sampleSpan('call', { service: 'api', parent: 'root', start: -3, ms: 50 }),
    sampleSpan('inner', { service: 'api', parent: 'call', start: 7, ms: 10 }),
    sampleSpan('other', { service: 'db', parent: 'call', start: 8, ms: 10 }),
    sampleSpan('jitter', { service: 'web', parent: 'root', start: -0.4, ms: 10 }),
  ])

  expect(maxSkewMs).toBe(3)
  expect(startTime).toBeCloseTo(SAMPLE_START - 0.4, 3)
  const drawn = nodes.map(({ span, skewMs, startMs }) => [
    span.spanId,
    skewMs,
    startMs + startTime - SAMPLE_START,
  ])
  expect(drawn.map(([id, skew, at]) => [id, skew, Math.round(Number(at) * 10) / 10])).toEqual([
    ['root', 0, 0],
    ['jitter', 0, -0.4],
    ['call', 3, 0],
    ['other', 0, 8],
    ['inner', 3, 10],
  ])
})

test('tries are numbered where the earlier failed and ended before the next began', () => {
  const { byId } = traceModelOf([
    sampleSpan('root', { ms: 500 }),
    sampleSpan('t1', { parent: 'root', name: 'search', start: 10, ms: 10, ...FAILED }),
    sampleSpan('t2', { parent: 'root', name: 'search', start: 30, ms: 10, ...FAILED }),
    sampleSpan('t3', { parent: 'root', name: 'search', start: 50, ms: 10 }),
    sampleSpan('again', { parent: 'root', name: 'search', start: 70, ms: 10 }),
    sampleSpan('p1', { parent: 'root', name: 'fan', start: 10, ms: 90, ...FAILED }),
    sampleSpan('p2', { parent: 'root', name: 'fan', start: 20, ms: 10 }),
  ])

  const attempts = ['t1', 't2', 't3', 'again', 'p1', 'p2'].map((id) => byId.get(id)?.attempt)
  expect(attempts).toEqual([
    { number: 1, of: 3 },
    { number: 2, of: 3 },
    { number: 3, of: 3 },
    null,
    null,
    null,
  ])
})

test('the parts of the critical path add up to the duration of the root', () => {
  const { nodes, byId } = traceModelOf([
    sampleSpan('root', { ms: 100 }),
    sampleSpan('a', { parent: 'root', start: 10, ms: 30 }),
    sampleSpan('b', { parent: 'root', start: 20, ms: 50 }),
    sampleSpan('in-b', { parent: 'b', start: 30, ms: 20 }),
    sampleSpan('short', { parent: 'root', start: 25, ms: 5 }),
  ])

  expect(byId.get('root')?.path).toEqual([
    [70, 100],
    [0, 10],
  ])
  expect(byId.get('b')?.path).toEqual([
    [50, 70],
    [20, 30],
  ])
  expect(byId.get('in-b')?.path).toEqual([[30, 50]])
  expect(byId.get('a')?.path).toEqual([[10, 20]])
  expect(byId.get('short')?.path).toEqual([])
  const sum = nodes.flatMap(({ path }) => path).reduce((ms, [from, to]) => ms + to - from, 0)
  expect(sum).toBe(100)
})

test('a trace as deep as it is long has all its rows', () => {
  const spans = Array.from({ length: 30_000 }, (_, index) =>
    sampleSpan(`s${index}`, { parent: index === 0 ? null : `s${index - 1}`, start: index, ms: 1 }),
  )

  const { nodes } = traceModelOf(spans)

  expect(nodes).toHaveLength(30_000)
  expect(nodes.at(-1)?.depth).toBe(29_999)
})

test('without a span there is nothing, and no instant is made up', () => {
  const { nodes, root, lengthMs } = traceModelOf([])

  expect([nodes.length, root]).toEqual([0, null])
  expect(lengthMs).toBeGreaterThan(0)
})
