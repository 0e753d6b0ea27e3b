import { LiveTrace } from '@sightline/server/contract'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { serverNow } from '../../lib/server-time.ts'
import { useSubscription } from '../../live/use-subscription.ts'

type Options = {
  traceId: string
  spanCount: number
  isFetching: boolean
  onChange: () => void
}

/**
 * The live feed says when a trace has grown; it is read again then, one reading at a time. Returns
 * when a span last came, or null.
 */
export function useTraceUpdates({ traceId, spanCount, isFetching, onChange }: Options) {
  const [lastSpanAt, setLastSpanAt] = useState<number | null>(null)
  const isStale = useRef(false)
  const read = useEffectEvent(() => {
    isStale.current = isFetching
    if (!isFetching) onChange()
  })
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { traceId },
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      const item = parsed.data?.items.find((one) => one.traceId === traceId)
      if (item === undefined || item.spanCount === spanCount) return
      setLastSpanAt(serverNow())
      read()
    },
    onResubscribed: read,
  })
  useEffect(() => {
    if (!isFetching && isStale.current) read()
  }, [isFetching])
  return lastSpanAt
}
