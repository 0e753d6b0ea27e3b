import { Score, ScoreList, type ScoreInput } from '@sightline/server/contract'
import { queryOptions } from '@tanstack/react-query'
import { fetchJson } from './client.ts'

const MAX_SCORES = 500

/** The scores of a trace, of its spans and of its responses, newest first. */
export function traceScoresQuery(traceId: string) {
  return queryOptions({
    queryKey: ['trace-scores', traceId] as const,
    queryFn: ({ signal }) =>
      fetchJson(ScoreList, '/scores', { query: { traceId, limit: MAX_SCORES }, signal }),
  })
}

export const postScore = (score: ScoreInput): Promise<Score> =>
  fetchJson(Score, '/scores', { send: { method: 'POST', body: score } })
