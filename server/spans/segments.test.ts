import fc from 'fast-check'
import { expect, test } from 'vitest'
import { budgetOf, segmentsOf, type SegmentSpan } from './segments.ts'

function part(spanId: string, overrides: Partial<SegmentSpan>): SegmentSpan {
  return {
    spanId,
    parentSpanId: 'root',
    startUs: 0,
    endUs: 0,
    type: 'other',
    ttftUs: null,
    isError: false,
    ...overrides,
  }
}

function root(endMs: number, type = 'agent'): SegmentSpan {
  return part('root', { parentSpanId: null, endUs: endMs * 1_000, type })
}

test('a lone model call waits for its first token and then generates', () => {
  const call = { ...root(900, 'llm'), ttftUs: 300_000 }

  expect(segmentsOf([call])).toEqual([
    { kind: 'wait', ms: 300 },
    { kind: 'generation', ms: 600 },
  ])
})

test('a model call that was not streamed only generates', () => {
  expect(segmentsOf([root(900, 'llm')])).toEqual([{ kind: 'generation', ms: 900 }])
})

test('of two parallel steps the one that ended last is on the path, the other as far as it ran alone', () => {
  const segments = segmentsOf([
    root(100),
    part('fast', { type: 'retriever', startUs: 0, endUs: 60_000 }),
    part('slow', { type: 'tool', startUs: 20_000, endUs: 100_000 }),
  ])

  expect(segments).toEqual([
    { kind: 'retrieval', ms: 20 },
    { kind: 'tool', ms: 80 },
  ])
})

test('time in which no child ran belongs to the span itself', () => {
  const segments = segmentsOf([
    root(100),
    part('tool', { type: 'tool', startUs: 30_000, endUs: 50_000 }),
  ])

  expect(segments).toEqual([
    { kind: 'other', ms: 30 },
    { kind: 'tool', ms: 20 },
    { kind: 'other', ms: 50 },
  ])
})

test('spans whose parent has not come count beside each other', () => {
  const segments = segmentsOf([
    part('a', { parentSpanId: 'missing', type: 'tool', startUs: 0, endUs: 10_000 }),
    part('b', { parentSpanId: 'missing', type: 'llm', startUs: 15_000, endUs: 20_000 }),
  ])

  expect(segments).toEqual([
    { kind: 'tool', ms: 10 },
    { kind: 'other', ms: 5 },
    { kind: 'generation', ms: 5 },
  ])
})

test("spans that are each other's parents end and say nothing", () => {
  const segments = segmentsOf([
    part('a', { parentSpanId: 'b', endUs: 1_000 }),
    part('b', { parentSpanId: 'a', endUs: 1_000 }),
  ])

  expect(segments).toEqual([])
})

test('a bar of very many parts is folded to one part a kind', () => {
  const steps = Array.from({ length: 80 }, (_, at) =>
    part(`s${at}`, { type: 'tool', startUs: at * 2_000, endUs: at * 2_000 + 1_000 }),
  )

  const segments = segmentsOf([root(160), ...steps])

  expect(segments).toEqual([
    { kind: 'tool', ms: 80 },
    { kind: 'other', ms: 80 },
  ])
})

test('whatever the spans, the parts add up to the duration of the root', () => {
  const types = ['llm', 'tool', 'retriever', 'chain', 'embedding']
  const child = fc.record({
    parent: fc.nat(20),
    startUs: fc.integer({ min: -50, max: 150 }),
    lengthUs: fc.integer({ min: -10, max: 120 }),
    type: fc.constantFrom(...types),
    ttftUs: fc.option(fc.integer({ min: 0, max: 200 })),
  })
  fc.assert(
    fc.property(fc.array(child, { maxLength: 20 }), (children) => {
      const spans = children.map(({ parent, startUs, lengthUs, type, ttftUs }, at) =>
        part(`c${at}`, {
          parentSpanId: parent < at ? `c${parent}` : 'root',
          startUs,
          endUs: startUs + lengthUs,
          type,
          ttftUs,
        }),
      )
      const whole = part('root', { parentSpanId: null, endUs: 100 })

      const segments = segmentsOf([whole, ...spans])

      const sumUs = segments.reduce((sum, segment) => sum + Math.round(segment.ms * 1_000), 0)
      expect(sumUs).toBe(100)
      const budget = Object.values(budgetOf([whole, ...spans]))
      expect(budget.reduce((sum, ms) => sum + Math.round(ms * 1_000), 0)).toBe(100)
    }),
  )
})

test('time of a failed attempt is failed, that of what succeeded around it keeps its kind', () => {
  const budget = budgetOf([
    root(100),
    part('attempt 1', { type: 'tool', startUs: 10_000, endUs: 40_000, isError: true }),
    part('attempt 2', { type: 'tool', startUs: 50_000, endUs: 70_000 }),
  ])

  expect(budget).toEqual({
    failed: 30,
    retrieval: 0,
    wait: 0,
    generation: 0,
    tool: 20,
    other: 50,
  })
})

test('what a failed span called and what went well there keeps its kind', () => {
  const budget = budgetOf([
    { ...root(100), isError: true },
    part('call', { type: 'llm', startUs: 20_000, endUs: 90_000 }),
  ])

  expect(budget).toMatchObject({ failed: 30, generation: 70 })
})

test('of several roots the first is the trace', () => {
  const segments = segmentsOf([
    part('late', { parentSpanId: null, type: 'tool', startUs: 40_000, endUs: 200_000 }),
    part('first', { parentSpanId: null, type: 'agent', startUs: 0, endUs: 100_000 }),
  ])

  expect(segments).toEqual([
    { kind: 'other', ms: 40 },
    { kind: 'tool', ms: 60 },
  ])
})

test('without a root the trace reaches from the first start to the last end', () => {
  const segments = segmentsOf([
    part('a', { parentSpanId: 'missing', type: 'tool', startUs: 10_000, endUs: 20_000 }),
    part('b', { parentSpanId: 'a', type: 'llm', startUs: 15_000, endUs: 50_000 }),
  ])

  expect(segments.reduce((sum, { ms }) => sum + ms, 0)).toBe(40)
})

test('the parts add up to the whole trace where only its longest spans are known', () => {
  const known = part('a', { parentSpanId: 'missing', type: 'tool', startUs: 5_000, endUs: 9_000 })

  expect(segmentsOf([known], { fromUs: 0, toUs: 10_000 })).toEqual([
    { kind: 'other', ms: 5 },
    { kind: 'tool', ms: 4 },
    { kind: 'other', ms: 1 },
  ])
})
