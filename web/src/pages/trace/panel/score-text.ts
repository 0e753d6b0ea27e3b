import type { Score, SpanSummary } from '@sightline/server/contract'
import { countText, formatFixed } from '../../../lib/format.ts'

const PASSED = new Set(['pass', 'true', 'up'])
const FAILED = new Set(['fail', 'false', 'down'])

/** Whether a label says that it passed; a bare value says nothing without its limit. */
export function verdictOf({ label }: Pick<Score, 'label'>): 'ok' | 'crit' | null {
  if (label === null) return null
  const word = label.toLowerCase()
  if (PASSED.has(word)) return 'ok'
  return FAILED.has(word) ? 'crit' : null
}

export function scoreText({ value, label }: Pick<Score, 'value' | 'label'>): string {
  const number =
    value === null ? null : Math.abs(value) <= 10 ? formatFixed(value, 2) : countText(value)
  return [label, number].filter((part) => part !== null).join(', ')
}

/** Scores of this span, and those of the trace as a whole. */
export function scoresOfSpan(
  scores: readonly Score[],
  { spanId, responseId }: Pick<SpanSummary, 'spanId' | 'responseId'>,
): { own: Score[]; ofTrace: Score[]; others: Score[] } {
  const isOwn = (score: Score): boolean =>
    score.spanId === spanId ||
    (score.spanId === null && score.responseId !== null && score.responseId === responseId)
  const isOfTrace = (score: Score): boolean => score.spanId === null && score.responseId === null
  return {
    own: scores.filter(isOwn),
    ofTrace: scores.filter((score) => !isOwn(score) && isOfTrace(score)),
    others: scores.filter((score) => !isOwn(score) && !isOfTrace(score)),
  }
}
