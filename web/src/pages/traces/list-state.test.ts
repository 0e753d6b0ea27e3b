import type { TraceSummary } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { distinctTraces, NO_NEWS, takeNews, withUpdates } from './list-state.ts'

function traceOf(traceId: string, overrides: Partial<TraceSummary> = {}): TraceSummary {
  return {
    traceId,
    name: 'answer_ticket',
    startTime: 1_000,
    durationMs: 10,
    ttftMs: null,
    status: 'ok',
    spanCount: 1,
    errorCount: 0,
    models: [],
    usage: {
      inputTokens: 1,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    },
    cost: { totalUsd: null, unpricedCalls: 0 },
    service: null,
    environment: null,
    release: null,
    userId: null,
    sessionId: null,
    scores: [],
    rootReceived: true,
    segments: [],
    ...overrides,
  }
}

const listed = { has: (id: string) => id === 'a' || id === 'b', oldestMs: 500 }

test('a trace that two pages hold stands in its first place only', () => {
  const pages = [
    { items: [traceOf('a'), traceOf('b')] },
    { items: [traceOf('b', { name: 'again' }), traceOf('c')] },
  ]

  const traces = distinctTraces(pages)

  expect(traces.map(({ traceId }) => traceId)).toEqual(['a', 'b', 'c'])
  expect(traces[1]?.name).toBe('answer_ticket')
})

test('news of a listed trace changes its row and counts nothing', () => {
  const told = { items: [traceOf('b', { status: 'error' })], isWhole: true }

  const news = takeNews(NO_NEWS, listed, told)
  const rows = withUpdates([traceOf('a'), traceOf('b')], news.updates)

  expect(rows.map(({ traceId, status }) => [traceId, status])).toEqual([
    ['a', 'ok'],
    ['b', 'error'],
  ])
  expect(news.arrived.size).toBe(0)
})

test('a new trace is counted once, however often it is told', () => {
  const told = { items: [traceOf('n')], isWhole: true }

  const news = takeNews(takeNews(NO_NEWS, listed, told), listed, told)

  expect([...news.arrived]).toEqual(['n'])
  expect(news.isExact).toBe(true)
})

test('a trace older than the last row is left to the pages to come', () => {
  const told = { items: [traceOf('old', { startTime: 499 })], isWhole: true }

  expect(takeNews(NO_NEWS, listed, told).arrived.size).toBe(0)
})

test('once a part was left out the count stays a lower bound', () => {
  const sampled = takeNews(NO_NEWS, listed, { items: [traceOf('n')], isWhole: false })

  expect(takeNews(sampled, listed, { items: [traceOf('m')], isWhole: true }).isExact).toBe(false)
})

test('the count of new traces is bounded and says so', () => {
  const items = Array.from({ length: 1_500 }, (_, index) => traceOf(`t${index}`))

  const news = takeNews(NO_NEWS, listed, { items, isWhole: true })

  expect(news.arrived.size).toBe(1_000)
  expect(news.isExact).toBe(false)
})
