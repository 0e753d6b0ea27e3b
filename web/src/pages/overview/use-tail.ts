import { LiveTrace, type TraceList, type TraceSummary } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { tracesQuery } from '../../api/queries.ts'
import { serverNow } from '../../lib/server-time.ts'
import type { Window } from '../../lib/window.ts'
import { useSubscription } from '../../live/use-subscription.ts'
import { EMPTY_TAIL, freshCount, released, withItems, type Tail } from './tail.ts'
import { withTick, type TailTick } from './tail-rate.ts'

export type TailState = {
  tail: Tail
  ticks: readonly TailTick[]
  /** When this list began, in the server's time. */
  since: number
  isPending: boolean
  error: unknown
  release: () => void
  retry: () => void
}

type Stored = {
  key: string
  list: TraceList | undefined
  tail: Tail
  ticks: readonly TailTick[]
  since: number
}

/** The newest traces: fetched once, then pushed; a frozen range is fetched only. */
export function useTail(window: Window, filters: readonly string[], isPaused: boolean): TailState {
  const isRolling = window.status === 'rolling'
  const range = isRolling ? undefined : { from: window.from, to: window.to }
  const key = JSON.stringify([filters, range])
  const fetched = useQuery({ ...tracesQuery(filters, range), staleTime: 0 })
  const [stored, setStored] = useState<Stored>(() => emptyOf(key))

  const list = fetched.isPlaceholderData ? undefined : fetched.data
  if (list !== undefined && (list !== stored.list || key !== stored.key)) {
    const isOther = key !== stored.key || stored.list === undefined
    const before = isOther ? emptyOf(key) : stored
    setStored({ ...before, list, tail: withItems(before.tail, list.items, isPaused && !isOther) })
  }

  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { f: filters },
    enabled: isRolling,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (!parsed.success) return
      const { items, sampled } = parsed.data
      setStored((before) => ({
        ...before,
        tail: withItems(before.tail, items, isPaused),
        ticks: withTick(before.ticks, {
          at: serverNow(),
          fresh: freshCount(before.tail, items),
          sampled,
          // Errors go first: where something else was shown too, none was left out.
          keepsErrors: sampled >= 1 || items.some((item) => !hasError(item)),
        }),
      }))
    },
    // What came between this page's own reading and its subscription was told to nobody.
    onSubscribed: () => void fetched.refetch(),
    onResubscribed: () => void fetched.refetch(),
  })

  return {
    tail: stored.tail,
    ticks: stored.ticks,
    since: stored.since,
    isPending: fetched.isPending,
    error: fetched.error,
    release: () => setStored((before) => ({ ...before, tail: released(before.tail) })),
    retry: () => void fetched.refetch(),
  }
}

function emptyOf(key: string): Stored {
  return { key, list: undefined, tail: EMPTY_TAIL, ticks: [], since: serverNow() }
}

function hasError({ status, errorCount }: TraceSummary): boolean {
  return status === 'error' || errorCount > 0
}
