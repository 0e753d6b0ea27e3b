import { expect, test } from 'vitest'
import type { TraceSummary } from '@sightline/server/contract'
import { EMPTY_TAIL, released, withItems } from './tail.ts'

function traceOf(
  traceId: string,
  startTime: number,
  overrides: Partial<TraceSummary> = {},
): TraceSummary {
  return {
    traceId,
    name: 'answer',
    startTime,
    durationMs: 10,
    ttftMs: null,
    status: 'ok',
    spanCount: 1,
    errorCount: 0,
    models: [],
    usage: {
      inputTokens: 0,
      outputTokens: 0,
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

const ids = (rows: readonly TraceSummary[]): string[] => rows.map(({ traceId }) => traceId)

test('new traces go on top, newest first', () => {
  const tail = withItems(
    withItems(EMPTY_TAIL, [traceOf('a', 1)], false),
    [traceOf('c', 3), traceOf('b', 2)],
    false,
  )

  expect(ids(tail.shown)).toEqual(['c', 'b', 'a'])
})

test('while paused no row moves: new traces wait, known ones change in place', () => {
  const before = withItems(EMPTY_TAIL, [traceOf('a', 1)], false)

  const tail = withItems(before, [traceOf('b', 2), traceOf('a', 1, { status: 'error' })], true)

  expect(ids(tail.shown)).toEqual(['a'])
  expect(tail.shown[0]?.status).toBe('error')
  expect(ids(tail.waiting)).toEqual(['b'])
})

test('what waited is shown on release, each trace once', () => {
  const paused = withItems(withItems(EMPTY_TAIL, [traceOf('a', 1)], false), [traceOf('b', 2)], true)

  const tail = released(withItems(paused, [traceOf('b', 2)], true))

  expect(ids(tail.shown)).toEqual(['b', 'a'])
  expect(tail.waiting).toEqual([])
})

test('the list is bounded', () => {
  const many = Array.from({ length: 600 }, (_, index) => traceOf(`t${index}`, index))

  expect(withItems(EMPTY_TAIL, many, false).shown).toHaveLength(500)
})
