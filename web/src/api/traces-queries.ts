import {
  FacetList,
  MetricResult,
  SavedView,
  SavedViewList,
  TraceDetail,
  TraceList,
  type LiveMetricEntry,
  type SavedViewInput,
} from '@sightline/server/contract'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import * as z from 'zod/mini'
import { fetchJson } from './client.ts'

/** `openedAt` stands for the reading: the same list read again later is another one. */
export type TraceListQuery = {
  f: readonly string[]
  from: number
  to?: number
  sort?: string | undefined
  openedAt: number
}

export const PAGE_TRACES = 100
/** More rows than anyone scrolls through; a narrower filter shows the rest. */
export const MAX_TRACE_PAGES = 100
/** A list is kept this long for the way back from a trace. */
const KEPT_MS = 20 * 60_000

const traceListKey = (query: TraceListQuery) => ['trace-list', query] as const

export function traceListQuery(query: TraceListQuery) {
  return infiniteQueryOptions({
    queryKey: traceListKey(query),
    queryFn: ({ signal, pageParam }) => fetchTracePage(query, { signal, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page, pages) => (pages.length < MAX_TRACE_PAGES ? page.nextCursor : null),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
  })
}

/** The newest of a list, to learn what was missed while the socket was away. */
export function fetchNewest(query: TraceListQuery, signal: AbortSignal): Promise<TraceList> {
  return fetchTracePage(query, { signal, cursor: null })
}

function fetchTracePage(
  { f, from, to, sort }: TraceListQuery,
  { signal, cursor }: { signal: AbortSignal; cursor: string | null },
): Promise<TraceList> {
  const query = { f, from, to, sort, limit: PAGE_TRACES, cursor: cursor ?? undefined }
  return fetchJson(TraceList, '/traces', { query, signal })
}

export type FacetQuery = {
  field: string
  /** Only values that hold this. */
  q?: string | undefined
  from: number
  to?: number | undefined
  f: readonly string[]
  limit?: number
}

export function facetQuery(query: FacetQuery, enabled = true) {
  return queryOptions({
    queryKey: ['facet', query] as const,
    queryFn: ({ signal }) => fetchJson(FacetList, '/facets', { query, signal }),
    // Counts of one field must not stand under the name of another.
    placeholderData: (known, before) =>
      before?.queryKey[1]?.field === query.field ? known : undefined,
    enabled,
  })
}

/** The first spans of a trace, for a look at it beside the list. */
export function peekQuery(traceId: string, spanCount: number) {
  return queryOptions({
    queryKey: ['trace-peek', traceId, spanCount] as const,
    queryFn: ({ signal }) =>
      fetchJson(TraceDetail, `/traces/${traceId}`, { query: { limit: 200 }, signal }),
    placeholderData: (known) => (known?.traceId === traceId ? known : undefined),
  })
}

/** The histogram of a fixed range; that of a rolling one is pushed. */
export function traceCountsQuery(
  entry: LiveMetricEntry,
  range: { from: number; to: number },
  enabled: boolean,
) {
  const { metric, step, groupBy, f, scope } = entry
  const query = { metric, step, groupBy: groupBy?.join(','), f, scope, ...range }
  return queryOptions({
    queryKey: ['trace-counts', query] as const,
    queryFn: ({ signal }) => fetchJson(MetricResult, '/metrics', { query, signal }),
    enabled,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: 0,
  })
}

export const tracesViewsKey = ['views', 'traces'] as const

export const tracesViewsQuery = queryOptions({
  queryKey: tracesViewsKey,
  queryFn: ({ signal }) =>
    fetchJson(SavedViewList, '/views', { query: { page: 'traces', limit: 1_000 }, signal }),
})

export const createView = (view: SavedViewInput): Promise<SavedView> =>
  fetchJson(SavedView, '/views', { send: { method: 'POST', body: view } })
export const updateView = (id: string, view: SavedViewInput): Promise<SavedView> =>
  fetchJson(SavedView, `/views/${id}`, { send: { method: 'PUT', body: view } })
export const deleteView = (id: string): Promise<unknown> =>
  fetchJson(z.unknown(), `/views/${id}`, { send: { method: 'DELETE' } })
