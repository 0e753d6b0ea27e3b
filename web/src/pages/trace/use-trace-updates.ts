import { LiveTrace } from '@sightline/server/contract'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { serverNow } from '../../lib/server-time.ts'
import { useSubscription } from '../../live/use-subscription.ts'

/** A trace whose last span is older than this is not read again just because the page listens now. */
const YOUNG_MS = 600_000

type Options = {
  traceId: string
  spanCount: number
  /** End of its last span; 0 = none has come. */
  endTime: number
  isFetching: boolean
  onChange: () => void
}

/**
 * The live feed says when a trace has grown; it is read again then, one reading at a time. Returns
 * when a span last came, or null.
 */
export function useTraceUpdates({ traceId, spanCount, endTime, isFetching, onChange }: Options) {
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
    onSubscribed: () => {
      if (spanCount === 0 || serverNow() - endTime < YOUNG_MS) read()
    },
  })
  useEffect(() => {
    if (!isFetching && isStale.current) read()
  }, [isFetching])
  return lastSpanAt
}
