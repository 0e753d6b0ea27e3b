import {
  Channel,
  ChannelList,
  DriftResult,
  Incident,
  IncidentList,
  MetricResult,
  Rule,
  RuleList,
  Span,
  TraceList,
  isSumMetric,
  type ChannelInput,
  type LiveMetricEntry,
  type MetricName,
  type RuleInput,
} from '@sightline/server/contract'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import * as z from 'zod/mini'
import { serverNow } from '../lib/server-time.ts'
import { fetchJson } from './client.ts'

export type RangeQuery = { from: number; to: number; f: readonly string[] }

/** The only home of query keys. */
export const keys = {
  drift: (range: RangeQuery, revision: string) => ['drift', range, revision] as const,
  traces: (f: readonly string[], range?: { from: number; to: number }) =>
    ['traces', f, range ?? 'latest'] as const,
  anyTrace: ['any-trace'] as const,
  span: (traceId: string, spanId: string) => ['span', traceId, spanId] as const,
  rules: ['rules'] as const,
  channels: ['channels'] as const,
  incidents: ['incidents'] as const,
}

/** A figure with the range and the instant it stands for, so that they are never shown apart. */
export type Total = {
  value: number | null
  n: number
  from: number
  to: number
  storedThrough: number
}

async function fetchTotal(
  metric: MetricName,
  range: RangeQuery,
  signal: AbortSignal,
): Promise<Total> {
  const query = { metric, step: 'all', ...range }
  const result = await fetchJson(MetricResult, '/metrics', { query, signal })
  const point = result.series[0]?.points[0]
  const value = point?.value ?? (isSumMetric(metric) ? 0 : null)
  return {
    value,
    n: point?.n ?? 0,
    from: range.from,
    to: range.to,
    storedThrough: result.storedThrough,
  }
}

/** One figure over a whole range. `revision` changes when the live feed says the range did. */
export function totalQuery(metric: MetricName, range: RangeQuery, revision: string) {
  return queryOptions({
    queryKey: ['total', metric, range, revision] as const,
    queryFn: ({ signal }) => fetchTotal(metric, range, signal),
    enabled: range.to > range.from,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}

export function driftQuery(range: RangeQuery, revision: string) {
  return queryOptions({
    queryKey: keys.drift(range, revision),
    queryFn: ({ signal }) => fetchJson(DriftResult, '/drift', { query: range, signal }),
    enabled: range.to > range.from,
    placeholderData: keepPreviousData,
  })
}

export function tracesQuery(f: readonly string[], range?: { from: number; to: number }) {
  return queryOptions({
    queryKey: keys.traces(f, range),
    queryFn: ({ signal }) =>
      fetchJson(TraceList, '/traces', { query: { limit: 50, f, ...range }, signal }),
    placeholderData: keepPreviousData,
  })
}

const LONGEST_RETENTION_MS = 400 * 86_400_000

/** Has anything ever come in? Asked once, then told by `subscribe-first-span`. */
export const anyTraceQuery = queryOptions({
  queryKey: keys.anyTrace,
  queryFn: ({ signal }) =>
    fetchJson(TraceList, '/traces', {
      query: { from: serverNow() - LONGEST_RETENTION_MS, limit: 1 },
      signal,
    }),
})

export function spanQuery(traceId: string, spanId: string) {
  return queryOptions({
    queryKey: keys.span(traceId, spanId),
    queryFn: ({ signal }) => fetchJson(Span, `/traces/${traceId}/spans/${spanId}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export const rulesQuery = queryOptions({
  queryKey: keys.rules,
  queryFn: ({ signal }) =>
    fetchJson(RuleList, '/alerts/rules', { query: { limit: 1_000 }, signal }),
})

export const channelsQuery = queryOptions({
  queryKey: keys.channels,
  queryFn: ({ signal }) =>
    fetchJson(ChannelList, '/alerts/channels', { query: { limit: 1_000 }, signal }),
})

export const incidentsQuery = queryOptions({
  queryKey: keys.incidents,
  queryFn: ({ signal }) =>
    fetchJson(IncidentList, '/alerts/incidents', { query: { limit: 100 }, signal }),
})

const Anything = z.unknown()

export const createRule = (rule: RuleInput): Promise<Rule> =>
  fetchJson(Rule, '/alerts/rules', { send: { method: 'POST', body: rule } })
export const updateRule = (id: string, rule: RuleInput): Promise<Rule> =>
  fetchJson(Rule, `/alerts/rules/${id}`, { send: { method: 'PUT', body: rule } })
export const deleteRule = (id: string): Promise<unknown> =>
  fetchJson(Anything, `/alerts/rules/${id}`, { send: { method: 'DELETE' } })
export const acknowledgeIncident = (id: string): Promise<Incident> =>
  fetchJson(Incident, `/alerts/incidents/${id}/ack`, { send: { method: 'POST', body: {} } })
export const createChannel = (channel: ChannelInput): Promise<Channel> =>
  fetchJson(Channel, '/alerts/channels', { send: { method: 'POST', body: channel } })
export const deleteChannel = (id: string): Promise<unknown> =>
  fetchJson(Anything, `/alerts/channels/${id}`, { send: { method: 'DELETE' } })
export const testChannel = (id: string): Promise<unknown> =>
  fetchJson(Anything, `/alerts/channels/${id}/test`, { send: { method: 'POST', body: {} } })

/** The series of a fixed range, one request an entry. */
export function fixedSeriesQuery(
  entries: readonly LiveMetricEntry[],
  range: { from: number; to: number },
  enabled: boolean,
) {
  return queryOptions({
    queryKey: ['fixed-series', entries, range] as const,
    queryFn: ({ signal }) =>
      Promise.all(
        entries.map(({ metric, step, groupBy, f }) =>
          fetchJson(MetricResult, '/metrics', {
            query: { metric, step, groupBy: groupBy?.join(','), f, ...range },
            signal,
          }),
        ),
      ),
    enabled,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}
