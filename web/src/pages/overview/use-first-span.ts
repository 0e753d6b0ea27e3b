import { LiveFirstSpan } from '@sightline/server/contract'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { anyTraceQuery, keys } from '../../api/queries.ts'
import { useSubscription } from '../../live/use-subscription.ts'

export type FirstSpan = Omit<LiveFirstSpan, 'id'>

export type Arrival =
  | { status: 'pending' }
  | { status: 'error'; error: unknown; retry: () => void }
  | { status: 'waiting' }
  | { status: 'arrived'; span: FirstSpan; dismiss: () => void }
  | { status: 'known' }

/** Has this project ever received anything? Told by the socket the moment it does. */
export function useFirstSpan(): Arrival {
  const queryClient = useQueryClient()
  const known = useQuery(anyTraceQuery)
  const [span, setSpan] = useState<FirstSpan | null>(null)
  const isEmpty = known.data !== undefined && known.data.items.length === 0
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
  // Asked before the span is let go: still empty, the page would listen again and be told again.
  const dismiss = (): void => {
    void queryClient.invalidateQueries({ queryKey: keys.anyTrace }).then(() => setSpan(null))
  }
  if (span !== null) return { status: 'arrived', span, dismiss }
  if (known.isPending) return { status: 'pending' }
  if (known.isError)
    return { status: 'error', error: known.error, retry: () => void known.refetch() }
  return { status: isEmpty ? 'waiting' : 'known' }
}
