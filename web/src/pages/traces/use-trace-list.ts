import { LiveTrace, type TraceSummary } from '@sightline/server/contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { fetchNewest, traceListQuery, type TraceListQuery } from '../../api/traces-queries.ts'
import { useSubscription } from '../../live/use-subscription.ts'
import { distinctTraces, NO_NEWS, takeNews, withUpdates, type ListNews } from './list-state.ts'

const PATIENCE_MS = 20_000
const NO_TRACES: readonly TraceSummary[] = []

/** The list with what the socket tells of it: rows change in place, new traces are counted. */
export function useTraceList(query: TraceListQuery, isLive: boolean) {
  const list = useInfiniteQuery(traceListQuery(query))
  const { data, hasNextPage, isPlaceholderData } = list
  const listed = useMemo(
    () => (data === undefined ? NO_TRACES : distinctTraces(data.pages)),
    [data],
  )
  const { news, onTold } = useNews(query.openedAt, listed, hasNextPage)
  const readNewest = (): void => {
    void fetchNewest(query, AbortSignal.timeout(PATIENCE_MS)).then(
      ({ items, nextCursor }) =>
        onTold({ items, isWhole: nextCursor === null || overlaps(items, listed) }),
      // The list stands as it was; the status bar says what became of the connection.
      () => undefined,
    )
  }
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { f: query.f },
    enabled: isLive,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (!parsed.success || isPlaceholderData) return
      onTold({ items: parsed.data.items, isWhole: parsed.data.sampled >= 1 })
    },
    // What came between the list's own reading and its subscription was told to nobody.
    onSubscribed: () => {
      if (listed.length > 0) readNewest()
    },
    onResubscribed: readNewest,
  })
  const traces = useMemo(() => withUpdates(listed, news.updates), [listed, news.updates])
  return { list, traces, news }
}

function useNews(openedAt: number, listed: readonly TraceSummary[], hasMore: boolean) {
  const [held, setHeld] = useState<{ openedAt: number; news: ListNews }>({
    openedAt,
    news: NO_NEWS,
  })
  if (held.openedAt !== openedAt) setHeld({ openedAt, news: NO_NEWS })
  const ids = useMemo(() => new Set(listed.map(({ traceId }) => traceId)), [listed])
  const oldestMs = hasMore ? (listed.at(-1)?.startTime ?? 0) : 0
  const onTold = (told: Parameters<typeof takeNews>[2]): void =>
    setHeld((before) => ({
      ...before,
      news: takeNews(before.news, { has: (id) => ids.has(id), oldestMs }, told),
    }))
  return { news: held.news, onTold }
}

/** The newest page reaches down to a row that is shown, so that nothing in between was missed. */
function overlaps(items: readonly TraceSummary[], listed: readonly TraceSummary[]): boolean {
  const newest = listed[0]?.traceId
  return newest === undefined || items.some(({ traceId }) => traceId === newest)
}

/** Loads the next page, one at a time and not again after a failure. */
export function useLoadMore(
  list: {
    hasNextPage: boolean
    isFetching: boolean
    isFetchNextPageError: boolean
    fetchNextPage: () => Promise<unknown>
  },
  enabled: boolean,
): () => void {
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list
  const isReady = enabled && hasNextPage && !isFetching && !isFetchNextPageError
  return useCallback(() => {
    if (isReady) void fetchNextPage()
  }, [isReady, fetchNextPage])
}
