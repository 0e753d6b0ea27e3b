import { LiveTrace, type TraceList } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
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

type Stored = { key: string; list: TraceList | undefined; tail: Tail }

/** The newest traces: fetched once, then pushed; a frozen range is fetched only. */
export function useTail(window: Window, filters: readonly string[], isPaused: boolean): TailState {
  const isRolling = window.status === 'rolling'
  const range = isRolling ? undefined : { from: window.from, to: window.to }
  const key = JSON.stringify([filters, range])
  const fetched = useQuery({ ...tracesQuery(filters, range), staleTime: 0 })
  const [stored, setStored] = useState<Stored>({ key, list: undefined, tail: EMPTY_TAIL })
  const [sampled, setSampled] = useState(1)

  const list = fetched.isPlaceholderData ? undefined : fetched.data
  if (list !== undefined && (list !== stored.list || key !== stored.key)) {
    const isOther = key !== stored.key || stored.list === undefined
    const before = isOther ? EMPTY_TAIL : stored.tail
    setStored({ key, list, tail: withItems(before, list.items, isPaused && !isOther) })
  }
  const change = (next: (tail: Tail) => Tail): void =>
    setStored((before) => ({ ...before, tail: next(before.tail) }))

  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { f: filters },
    enabled: isRolling,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (!parsed.success) return
      setSampled(parsed.data.sampled)
      change((tail) => withItems(tail, parsed.data.items, isPaused))
    },
    onResubscribed: () => void fetched.refetch(),
  })

  return {
    tail: stored.tail,
    sampled,
    isPending: fetched.isPending,
    error: fetched.error,
    release: () => change(released),
    retry: () => void fetched.refetch(),
  }
}
