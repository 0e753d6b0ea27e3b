import type { Score } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { scoresOfSpan, scoreText, verdictOf } from './score-text.ts'

const SPAN = { spanId: 'a'.repeat(16), responseId: 'resp-1' }
const score = (overrides: Partial<Score>): Score => ({
  id: '1',
  traceId: 't',
  spanId: null,
  responseId: null,
  name: 'helpful',
  value: null,
  label: null,
  comment: null,
  source: 'user',
  at: 0,
  ...overrides,
})

test('a score reads as its label, its value, or both', () => {
  expect(scoreText({ value: 0.625, label: null })).toBe('0.63')
  expect(scoreText({ value: 87, label: null })).toBe('87')
  expect(scoreText({ value: 1, label: 'up' })).toBe('up, 1.00')
})

test('only a label says that it passed', () => {
  expect([verdictOf({ label: 'UP' }), verdictOf({ label: 'fail' })]).toEqual(['ok', 'crit'])
  expect([verdictOf({ label: 'half' }), verdictOf({ label: null })]).toEqual([null, null])
})

test('scores are of the span, by its id or its response, of the trace, or of other spans', () => {
  const bySpan = score({ id: 'span', spanId: SPAN.spanId })
  const byResponse = score({ id: 'response', responseId: 'resp-1' })
  const ofTrace = score({ id: 'trace' })
  const ofOther = score({ id: 'other', spanId: 'b'.repeat(16) })

  expect(scoresOfSpan([bySpan, byResponse, ofTrace, ofOther], SPAN)).toEqual({
    own: [bySpan, byResponse],
    ofTrace: [ofTrace],
    others: [ofOther],
  })
})
