import {
  SpanSummary,
  SpanType,
  TraceDetail,
  TraceList,
  TraceNeighbours,
  TraceUsual,
} from '@sightline/server/contract'
import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import * as z from 'zod/mini'
import { fetchJson } from './client.ts'

/** What is loaded of a trace so far; `isWhole` once its last page has come. */
export type LoadedTrace = Pick<TraceDetail, 'traceId' | 'spans' | 'totals'> & { isWhole: boolean }

/** A screenful, so that rows are painted before the bulk of a large trace is read. */
const FIRST_PAGE_SPANS = 200
/** Parsing this many takes about 30 ms of the main thread: no page of spans is felt. */
const PAGE_SPANS = 2_500
/** Beyond this many spans a trace is shown in part, and the page says so. */
export const MAX_SPANS = 100_000

const traceKey = (traceId: string) => ['trace', traceId] as const

/**
 * The spans of a trace, page after page: what has come is in the cache at once. A trace that is
 * whole already stays as it is until it has been read anew to its end.
 */
export function traceQuery(traceId: string) {
  return queryOptions({
    queryKey: traceKey(traceId),
    queryFn: ({ client, signal }) => fetchTrace(client, traceId, signal),
    staleTime: 0,
    structuralSharing: false,
  })
}

async function fetchTrace(
  client: QueryClient,
  traceId: string,
  signal: AbortSignal,
): Promise<LoadedTrace> {
  const spans: SpanSummary[] = []
  let cursor: string | undefined
  let shown = 0
  for (;;) {
    const limit = cursor === undefined ? FIRST_PAGE_SPANS : PAGE_SPANS
    const query = { limit, cursor }
    const page = await fetchJson(SpanPage, `/traces/${traceId}`, { query, signal })
    spans.push(...page.spans)
    const { totals, nextCursor } = page
    const isWhole = nextCursor === null
    const loaded: LoadedTrace = { traceId, spans: [...spans], totals, isWhole }
    if (isWhole || spans.length >= MAX_SPANS) return loaded
    cursor = nextCursor
    // The page builds its tree anew each time: after twice as many, not after every page.
    if (spans.length < shown * 2) continue
    shown = spans.length
    client.setQueryData<LoadedTrace>(traceKey(traceId), (before) =>
      before?.isWhole === true ? before : loaded,
    )
  }
}

const TYPES = new Set<unknown>(SpanType.options)

/**
 * The first span of a page is held against the whole contract, the others only against what the
 * tree rests on: 45 fields of 5,000 spans would block the main thread for over a second.
 */
const SpanPage = z.object({
  ...TraceDetail.shape,
  spans: z.custom<SpanSummary[]>(isSpanPage, 'spans are not as the contract has them'),
})

function isSpanPage(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  if (value.length > 0 && !z.safeParse(SpanSummary, value[0]).success) return false
  return value.every(isTreePart)
}

function isTreePart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const span = value as Partial<Record<keyof SpanSummary, unknown>>
  return (
    typeof span.spanId === 'string' &&
    typeof span.name === 'string' &&
    typeof span.startTime === 'number' &&
    typeof span.endTime === 'number' &&
    TYPES.has(span.type)
  )
}

/** How many spans of the trace there are now. */
export async function fetchSpanCount(traceId: string): Promise<number> {
  const { totals } = await fetchJson(SpanPage, `/traces/${traceId}`, { query: { limit: 1 } })
  return totals.spanCount
}

/** The trace against the last 200 of its service and root name, and its fast twin. */
export function usualQuery(traceId: string, spanCount: number) {
  return queryOptions({
    queryKey: ['trace-usual', traceId, spanCount] as const,
    queryFn: ({ signal }) => fetchJson(TraceUsual, `/traces/${traceId}/usual`, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export type ListView = {
  from: number | undefined
  to: number | undefined
  f: readonly string[]
  sort: string | undefined
}

/** Where the trace stands in the list it was opened from. */
export function neighboursQuery(traceId: string, list: ListView) {
  return queryOptions({
    queryKey: ['trace-neighbours', traceId, list] as const,
    queryFn: ({ signal }) =>
      fetchJson(TraceNeighbours, `/traces/${traceId}/neighbours`, { query: list, signal }),
    retry: false,
  })
}

const MAX_TURNS = 1_000
const SESSION_MS = 7 * 86_400_000

/** The traces of a session around one of them, oldest first: its turns. */
export function turnsQuery(sessionId: string, aroundMs: number) {
  const at = Math.floor(aroundMs)
  const query = {
    f: [`session:eq:${sessionId}`],
    from: at - SESSION_MS,
    to: at + SESSION_MS,
    sort: 'startTime',
    limit: MAX_TURNS,
  }
  return queryOptions({
    queryKey: ['trace-turns', sessionId, at] as const,
    queryFn: ({ signal }) => fetchJson(TraceList, '/traces', { query, signal }),
    retry: false,
  })
}
