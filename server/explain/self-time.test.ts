import { expect, test } from 'vitest'
import type { SampledSpan, Unit } from './sample.ts'
import { coveredUs, ownTimes } from './self-time.ts'

function span(spanId: string, parentSpanId: string | null, times: [number, number]): SampledSpan {
  return {
    spanId,
    parentSpanId,
    startUs: times[0],
    endUs: times[1],
    name: spanId,
    isError: false,
    service: null,
    environment: null,
    release: null,
    model: null,
    provider: null,
    operation: null,
    prompt: null,
    tool: null,
    errorType: null,
    user: null,
    session: null,
    tags: [],
    finishReasons: [],
    ttftUs: null,
    costNanoUsd: null,
    tokens: null,
  }
}

function ownUs(...spans: SampledSpan[]): Record<string, number> {
  const [root] = spans
  if (root === undefined) throw new Error('a trace has a span')
  const trace: Unit = {
    startUs: root.startUs,
    endUs: root.endUs,
    durationUs: root.endUs - root.startUs,
    isError: false,
    costNanoUsd: null,
    tokens: null,
    spans,
  }
  return Object.fromEntries(
    ownTimes(trace).map((own) => [own.span.spanId, coveredUs(own.intervals)]),
  )
}

test('a span’s own time is what no child of it covers', () => {
  expect(
    ownUs(
      span('root', null, [0, 100]),
      span('a', 'root', [10, 40]),
      span('b', 'root', [50, 90]),
      span('b1', 'b', [60, 70]),
    ),
  ).toEqual({ root: 30, a: 30, b: 30, b1: 10 })
})

test('children at the same time cover it once', () => {
  expect(
    ownUs(
      span('root', null, [0, 100]),
      span('a', 'root', [10, 60]),
      span('b', 'root', [30, 80]),
      span('c', 'root', [40, 50]),
    ),
  ).toMatchObject({ root: 30, a: 50, b: 50, c: 10 })
})

test('what goes on after the root ended makes no trace longer', () => {
  expect(ownUs(span('root', null, [0, 100]), span('late', 'root', [90, 500]))).toEqual({
    root: 90,
    late: 10,
  })
})

test('a span whose parent has not come takes its time from the root', () => {
  expect(ownUs(span('root', null, [0, 100]), span('lost', 'never-came', [20, 70]))).toEqual({
    root: 50,
    lost: 50,
  })
})

test('a span that ends before it starts has no time', () => {
  expect(ownUs(span('root', null, [0, 100]), span('odd', 'root', [50, 40]))).toEqual({
    root: 100,
    odd: 0,
  })
})

test('intervals of several spans are counted once where they overlap', () => {
  expect(
    coveredUs([
      { from: 0, to: 10 },
      { from: 5, to: 20 },
      { from: 30, to: 30 },
      { from: 40, to: 50 },
    ]),
  ).toBe(30)
  expect(coveredUs([])).toBe(0)
})
