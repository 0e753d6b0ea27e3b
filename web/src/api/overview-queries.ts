import {
  ExemplarList,
  ExplainResult,
  IncidentList,
  ReleaseList,
  ScoreList,
  ScoreMetricResult,
} from '@sightline/server/contract'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { fetchJson } from './client.ts'
import type { RangeQuery, Total } from './queries.ts'

export const openIncidentsKey = ['incidents', 'open'] as const

/** Kept up by the alert feed; asked apart, so that an old open one is not cut off by newer ones. */
export const openIncidentsQuery = queryOptions({
  queryKey: openIncidentsKey,
  queryFn: ({ signal }) =>
    fetchJson(IncidentList, '/alerts/incidents', { query: { state: 'open', limit: 100 }, signal }),
})

export type ExplainQuery = {
  metric: string
  f: readonly string[]
  from: number
  to: number
  baselineFrom: number
  baselineTo: number
}

/** Which values are over-represented among the worse traces. */
export function explainQuery(query: ExplainQuery) {
  return queryOptions({
    queryKey: ['explain', query] as const,
    queryFn: ({ signal }) =>
      fetchJson(ExplainResult, '/explain', { query: { ...query, scope: 'trace' }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    // Only a longer stretch of the same thing may show what was known before.
    placeholderData: (known, before) => {
      const asked = before?.queryKey[1]
      return asked?.from === query.from && asked.metric === query.metric ? known : undefined
    },
  })
}

export function releasesQuery(range: { from: number; to: number }) {
  return queryOptions({
    queryKey: ['releases', range] as const,
    queryFn: ({ signal }) =>
      fetchJson(ReleaseList, '/releases', { query: { ...range, limit: 100 }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Single calls behind a latency chart, the slowest and random ones. */
export function exemplarsQuery(range: RangeQuery & { step: number }) {
  return queryOptions({
    queryKey: ['exemplars', range] as const,
    queryFn: ({ signal }) =>
      fetchJson(ExemplarList, '/metrics/exemplars', {
        query: { metric: 'latency', ...range },
        signal,
      }),
    enabled: range.to > range.from,
    placeholderData: keepPreviousData,
  })
}

/** The newest scores, from which the most used name is taken. */
export function newestScoresQuery(from: number) {
  return queryOptions({
    queryKey: ['scores', 'newest', from] as const,
    queryFn: ({ signal }) =>
      fetchJson(ScoreList, '/scores', { query: { from, limit: 500 }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The share of passed scores of one name, over a whole range. */
export function passRateQuery(name: string, range: RangeQuery, revision: string) {
  return queryOptions({
    queryKey: ['pass-rate', name, range, revision] as const,
    queryFn: async ({ signal }): Promise<Total> => {
      const { from, to } = range
      const query = { metric: `score_pass_rate.${name}`, step: 'all', ...range }
      const result = await fetchJson(ScoreMetricResult, '/metrics', { query, signal })
      const point = result.series[0]?.points[0]
      const { storedThrough } = result
      return { value: point?.value ?? null, n: point?.n ?? 0, from, to, storedThrough }
    },
    enabled: name !== '' && range.to > range.from,
    placeholderData: keepPreviousData,
  })
}

/** The same, a point a bucket. */
export function passRateSeriesQuery(name: string, range: RangeQuery & { step: number }) {
  return queryOptions({
    queryKey: ['pass-rate-series', name, range] as const,
    queryFn: ({ signal }) =>
      fetchJson(ScoreMetricResult, '/metrics', {
        query: { metric: `score_pass_rate.${name}`, ...range },
        signal,
      }),
    enabled: name !== '' && range.to > range.from,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}
