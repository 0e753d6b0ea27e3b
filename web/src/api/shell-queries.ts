import { FacetList, MetricResult, SavedViewList, TraceList } from '@sightline/server/contract'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { serverNow } from '../lib/server-time.ts'
import { fetchJson, RequestError } from './client.ts'
import type { RangeQuery } from './queries.ts'

/** Longer than any retention: the store answers with what it still has. */
const EVER_MS = 400 * 86_400_000

/** Values that a field has in a range, most traces first. */
export function fieldValuesQuery(field: string, range: RangeQuery, enabled = true) {
  return queryOptions({
    queryKey: ['field-values', field, range] as const,
    queryFn: ({ signal }) =>
      fetchJson(FacetList, '/facets', { query: { field, ...range }, signal }),
    enabled,
    retry: false,
    placeholderData: keepPreviousData,
  })
}

export const savedViewsQuery = queryOptions({
  queryKey: ['views'] as const,
  queryFn: ({ signal }) => fetchJson(SavedViewList, '/views', { query: { limit: 200 }, signal }),
  retry: false,
})

/** The newest trace at all that a filter keeps; null when there is none. */
export function newestTraceQuery(f: readonly string[], enabled: boolean) {
  return queryOptions({
    queryKey: ['newest-trace', f] as const,
    queryFn: async ({ signal }) => {
      const query = { from: serverNow() - EVER_MS, limit: 1, f }
      const { items } = await fetchJson(TraceList, '/traces', { query, signal })
      return items[0] ?? null
    },
    enabled,
    staleTime: 10_000,
  })
}

/** How many traces of a range a filter keeps. */
export function traceCountQuery({ from, to, f }: RangeQuery, enabled: boolean) {
  return queryOptions({
    queryKey: ['trace-count', from, to, f] as const,
    queryFn: async ({ signal }) => {
      const query = { metric: 'requests', scope: 'trace', step: 'all', from, to, f }
      const result = await fetchJson(MetricResult, '/metrics', { query, signal })
      return result.series[0]?.points[0]?.value ?? 0
    },
    enabled,
    retry: false,
  })
}

/** What the server counted since it started, of its own health. */
export const serverCountsQuery = queryOptions({
  queryKey: ['server-counts'] as const,
  queryFn: async ({ signal }) => {
    const response = await fetch('/metrics', { signal })
    if (!response.ok) throw new RequestError(`/metrics answered ${response.status}`)
    const text = await response.text()
    const count = (name: string): number =>
      Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
    return {
      rejected: count('sightline_spans_rejected_total'),
      busy: count('sightline_requests_busy_total'),
    }
  },
  retry: false,
})
