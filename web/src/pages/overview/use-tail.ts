import { LiveTrace } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { tracesQuery } from '../../api/queries.ts'
import type { Window } from '../../lib/window.ts'
import { useSubscription } from '../../live/use-subscription.ts'
import { EMPTY_TAIL, released, withItems, type Tail } from './tail.ts'

export type TailState = {
  tail: Tail
  sampled: number
  isPending: boolean
  error: unknown
  release: () => void
  retry: () => void
}

/** The newest traces: fetched once, then pushed; a frozen range is fetched only. */
export function useTail(window: Window, filters: readonly string[], isPaused: boolean): TailState {
  const isRolling = window.status === 'rolling'
  const range = isRolling ? undefined : { from: window.from, to: window.to }
  const fetched = useQuery({
    ...tracesQuery(filters, range),
    staleTime: 0,
    refetchOnMount: 'always',
  })
  const [tail, setTail] = useState<Tail>(EMPTY_TAIL)
  const [sampled, setSampled] = useState(1)
  const key = JSON.stringify([filters, range])

  const onFetched = useEffectEvent((items: Tail['shown'], isOther: boolean) => {
    setTail((before) => withItems(isOther ? EMPTY_TAIL : before, items, isPaused && !isOther))
  })
  const [seen] = useState({ key: '' })
  useEffect(() => {
    if (fetched.data === undefined || fetched.isPlaceholderData) return
    onFetched(fetched.data.items, seen.key !== key)
    seen.key = key
  }, [fetched.data, fetched.isPlaceholderData, key, seen])

  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { f: filters },
    enabled: isRolling,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (!parsed.success) return
      setSampled(parsed.data.sampled)
      setTail((before) => withItems(before, parsed.data.items, isPaused))
    },
    onResubscribed: () => void fetched.refetch(),
  })

  return {
    tail,
    sampled,
    isPending: fetched.isPending,
    error: fetched.error,
    release: () => setTail(released),
    retry: () => void fetched.refetch(),
  }
}
