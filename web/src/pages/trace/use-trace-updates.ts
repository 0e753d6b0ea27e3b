import { LiveTrace } from '@sightline/server/contract'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { fetchSpanCount } from '../../api/trace-queries.ts'
import { serverNow } from '../../lib/server-time.ts'
import { useSubscription } from '../../live/use-subscription.ts'

type Options = {
  traceId: string
  spanCount: number
  isFetching: boolean
  /** Reads the trace anew. */
  onChange: () => void
}

/**
 * The live feed says when a trace has grown; it is read again then, one reading at a time. Returns
 * when a span last came, or null.
 */
export function useTraceUpdates({ traceId, spanCount, isFetching, onChange }: Options) {
  const [lastSpanAt, setLastSpanAt] = useState<number | null>(null)
  /** How many spans there are by the news; null once a reading has begun that will show them. */
  const news = useRef<number | null>(null)
  const readNews = useEffectEvent(() => {
    if (isFetching || news.current === null) return
    const isOld = news.current === spanCount
    news.current = null
    if (!isOld) onChange()
  })
  /** Nothing was heard for a while: a look at the count tells whether it was missed. */
  const checkCount = (): void => {
    fetchSpanCount(traceId).then(
      (count) => {
        news.current = count
        readNews()
      },
      // What fails here fails in the reading too, which shows it.
      () => undefined,
    )
  }
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    payload: { traceId },
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      const item = parsed.data?.items.find((one) => one.traceId === traceId)
      if (item === undefined) return
      news.current = item.spanCount
      if (!isFetching && item.spanCount !== spanCount) setLastSpanAt(serverNow())
      readNews()
    },
    onSubscribed: checkCount,
    onResubscribed: checkCount,
  })
  useEffect(() => {
    if (!isFetching) readNews()
  }, [isFetching])
  return lastSpanAt
}
