import { LiveFirstSpan, LiveTrace, type TraceSummary } from '@sightline/server/contract'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { anyTraceQuery, keys } from '../../api/queries.ts'
import { useSubscription } from '../../live/use-subscription.ts'

export type FirstSpan = Omit<LiveFirstSpan, 'id'>

export type Arrival =
  | { status: 'pending' }
  | { status: 'error'; error: unknown; retry: () => void }
  | { status: 'waiting' }
  | { status: 'arrived'; span: FirstSpan }
  /** Something had come before this page was opened; `latest` is the newest trace since. */
  | { status: 'known'; latest: TraceSummary | undefined; isNew: boolean }

/** Has this project ever received anything? Told by the socket the moment it does. */
export function useArrival(): Arrival & { settle: () => Promise<void> } {
  const queryClient = useQueryClient()
  const known = useQuery(anyTraceQuery)
  const [span, setSpan] = useState<FirstSpan | null>(null)
  const [latest, setLatest] = useState<TraceSummary | null>(null)
  const isEmpty = known.data !== undefined && known.data.items.length === 0
  const isKnown = known.data !== undefined && !isEmpty
  useSubscription({
    subscribe: 'subscribe-first-span',
    event: 'first-span',
    enabled: isEmpty && span === null,
    onEvent: (body) => {
      const parsed = LiveFirstSpan.safeParse(body)
      if (parsed.success) setSpan(parsed.data)
    },
    onResubscribed: () => void known.refetch(),
  })
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    enabled: isKnown && span === null,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      const newest = parsed.success
        ? parsed.data.items.toSorted((a, b) => b.startTime - a.startTime)[0]
        : undefined
      if (newest !== undefined) setLatest(newest)
    },
  })
  /** What other pages know is brought up to date: they would send the reader back here. */
  const settle = (): Promise<void> =>
    queryClient.invalidateQueries({ queryKey: keys.anyTrace, refetchType: 'all' })
  return { ...arrival(), settle }

  function arrival(): Arrival {
    if (span !== null) return { status: 'arrived', span }
    if (known.isPending) return { status: 'pending' }
    if (known.isError)
      return { status: 'error', error: known.error, retry: () => void known.refetch() }
    if (isEmpty) return { status: 'waiting' }
    return { status: 'known', latest: latest ?? known.data.items[0], isNew: latest !== null }
  }
}
