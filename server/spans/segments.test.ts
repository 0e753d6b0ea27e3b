import fc from 'fast-check'
import { expect, test } from 'vitest'
import { segmentsOf, type SegmentSpan } from './segments.ts'

function part(spanId: string, overrides: Partial<SegmentSpan>): SegmentSpan {
  return {
    spanId,
    parentSpanId: 'root',
    startUs: 0,
    endUs: 0,
    type: 'other',
    ttftUs: null,
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
    }),
  )
})
