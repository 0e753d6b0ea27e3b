import { expect, test } from 'vitest'
import { foldSpans } from './fold-spans.ts'
import type { FoldableSpan } from './fold-spans.ts'
import { RowCursor } from './packed-row.ts'
import { COUNTERS, HISTOGRAMS, TUPLE_FIELDS } from './series.ts'
import { Sketch } from './sketch.ts'

const MINUTE_MS = 60_000
const END_MS = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE_MS) + 30_000

function callOf(overrides: Partial<FoldableSpan> = {}): FoldableSpan {
  return {
    endUs: END_MS * 1_000,
    durationUs: 2_000_000,
    service: 'chat',
    environment: 'production',
    release: '1.0.0',
    type: 'llm',
    task: null,
    operation: 'chat',
    provider: 'openai',
    model: 'm-1',
    countsTokens: true,
    costNanoUsd: 1_500,
    streaming: true,
    ttftUs: 500_000,
    status: 'ok',
    errorType: null,
    promptName: 'greet',
    promptVersion: '3',
    quarantined: false,
    usage: { input: 100, output: 30, cacheRead: 40, cacheWrite: null, reasoning: 5 },
    ...overrides,
  }
}

function soleSeries(spans: FoldableSpan[]): RowCursor {
  const [delta] = foldSpans(spans, END_MS + 1_000)
  const cursor = new RowCursor(delta?.data ?? Buffer.alloc(0))
  expect(cursor.schema.length).toBe(1)
  cursor.next()
  return cursor
}

function histogram(cursor: RowCursor, h: number): Sketch {
  const sketch = new Sketch()
  cursor.addHistogram(h, sketch)
  return sketch
}

function latenessOf(data: Buffer | undefined): Sketch {
  const sketch = new Sketch()
  new RowCursor(data ?? Buffer.alloc(0)).addLateness(sketch)
  return sketch
}

test('a call is counted in the minute of its end with all its amounts', () => {
  const cursor = soleSeries([callOf()])

  expect(foldSpans([callOf()], END_MS)[0]?.bucketMs).toBe(END_MS - 30_000)
  const counters = Object.fromEntries(
    Object.entries(COUNTERS).map(([name, c]) => [name, cursor.counters[c]]),
  )
  expect(counters).toEqual({
    requests: 1,
    errors: 0,
    inputTokens: 100,
    outputTokens: 30,
    cacheReadTokens: 40,
    cacheWriteTokens: 0,
    reasoningTokens: 5,
    pricedCalls: 1,
    unpricedCalls: 0,
    costNanoUsd: 1_500,
    sampledCalls: 0,
  })
  expect(histogram(cursor, HISTOGRAMS.latencyUs).sum).toBe(2_000_000)
  expect(histogram(cursor, HISTOGRAMS.ttftUs).sum).toBe(500_000)
  // 30 tokens in the 1.5 s after the first one.
  expect(histogram(cursor, HISTOGRAMS.outputRate).sum).toBe(200_000)
})

test('the series is named by every dimension, the prompt with its version', () => {
  const cursor = soleSeries([callOf({ status: 'error', errorType: '429' })])
  const named = Object.fromEntries(TUPLE_FIELDS.map((field, i) => [field, cursor.schema[0]?.[i]]))

  expect(named).toEqual({
    service: 'chat',
    environment: 'production',
    release: '1.0.0',
    operation: 'chat',
    provider: 'openai',
    model: 'm-1',
    prompt: 'greet@3',
    status: 'error',
    'error.type': '429',
    task: null,
    type: 'llm',
  })
  expect(cursor.counters[COUNTERS.errors]).toBe(1)
})

test('only model calls that count tokens are folded, and none in quarantine', () => {
  const spans = [
    callOf({ type: 'tool' }),
    callOf({ countsTokens: false }),
    callOf({ quarantined: true }),
  ]

  expect(foldSpans(spans, END_MS)).toEqual([])
  expect(foldSpans([callOf({ type: 'embedding' })], END_MS).length).toBe(1)
})

test('what a call did not send enters no histogram', () => {
  const usage = { input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null }
  const cursor = soleSeries([
    callOf({ durationUs: null, ttftUs: null, costNanoUsd: null, streaming: null, usage }),
  ])

  for (const h of Object.values(HISTOGRAMS)) expect(histogram(cursor, h).n).toBe(0)
  expect(cursor.counters[COUNTERS.unpricedCalls]).toBe(1)
  expect(cursor.counters[COUNTERS.requests]).toBe(1)
})

test('an output rate needs a stream with time after its first token', () => {
  const plain = soleSeries([callOf({ streaming: false })])
  const instant = soleSeries([callOf({ ttftUs: 2_000_000 })])

  expect(histogram(plain, HISTOGRAMS.outputRate).n).toBe(0)
  expect(histogram(instant, HISTOGRAMS.outputRate).n).toBe(0)
})

test('amounts no count can be are left out, and no amount breaks the row', () => {
  const usage = { input: -5, output: Number.NaN, cacheRead: 1e300, cacheWrite: 2, reasoning: null }
  const cursor = soleSeries([callOf({ usage })])

  expect(cursor.counters[COUNTERS.inputTokens]).toBe(0)
  expect(cursor.counters[COUNTERS.outputTokens]).toBe(0)
  expect(cursor.counters[COUNTERS.cacheReadTokens]).toBe(2 ** 52 - 1)
})

test('lateness is the time from end to receipt; an end in the future is no lateness', () => {
  const [late] = foldSpans([callOf()], END_MS + 4_000)
  const [early] = foldSpans([callOf()], END_MS - 4_000)

  expect(latenessOf(late?.data).max).toBe(4_000)
  expect(latenessOf(early?.data).max).toBe(0)
})

test('what comes more than an hour late is backfill and says nothing about lateness', () => {
  const hour = 3_600_000
  const [old] = foldSpans([callOf()], END_MS + hour + 1)
  const [late] = foldSpans([callOf()], END_MS + hour)

  expect(latenessOf(old?.data).n).toBe(0)
  expect(latenessOf(late?.data).n).toBe(1)
})
