import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import type { PlainAck } from '@sightline/server/contract'
import { liveSocket, nextSubscriptionId, onClosed, request, unsubscribe } from './socket.ts'
import { useConnection, usePageVisible } from './use-connection.ts'

type Options = {
  /** Event the client emits, such as `subscribe-traces`. */
  subscribe: string
  /** Event the server answers with, such as `trace`. */
  event: string
  payload?: object
  enabled?: boolean
  onEvent: (body: unknown) => void
  /** Runs after each subscription but the first: what happened in between was missed. */
  onResubscribed?: () => void
  /** Runs after the first one: what came between the page's own reading and it was missed. */
  onSubscribed?: () => void
}

/** One plain subscription, taken anew after each reconnect and each return to the tab. */
export function useSubscription(options: Options): { error: string | null; retry: () => void } {
  const { subscribe, event, payload = {}, enabled = true } = options
  const { epoch, status } = useConnection()
  const visible = usePageVisible()
  const [error, setError] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const retry = useCallback(() => setAttempt((count) => count + 1), [])
  const [first] = useState(() => ({ done: false }))
  const onEvent = useEffectEvent(options.onEvent)
  const onResubscribed = useEffectEvent(() => options.onResubscribed?.())
  const onSubscribed = useEffectEvent(() => options.onSubscribed?.())
  const payloadText = JSON.stringify(payload)

  useEffect(() => {
    if (!enabled || !visible || status !== 'live') return
    const id = nextSubscriptionId(subscribe)
    const listen = (body: unknown): void => {
      if (isFor(body, id)) onEvent(body)
    }
    liveSocket().on(event, listen)
    const stopListening = onClosed(id, setError)
    const fields: object = JSON.parse(payloadText)
    let isOver = false
    void request<PlainAck>(subscribe, { id, ...fields }).then((ack) => {
      if (isOver) return
      setError(ack.ok ? null : ack.error)
      if (!ack.ok) return
      if (first.done) onResubscribed()
      else onSubscribed()
      first.done = true
    })
    return () => {
      isOver = true
      stopListening()
      liveSocket().off(event, listen)
      unsubscribe(id)
    }
  }, [enabled, visible, status, epoch, subscribe, event, payloadText, first, attempt])

  return { error, retry }
}

function isFor(body: unknown, id: string): boolean {
  return typeof body === 'object' && body !== null && 'id' in body && body.id === id
}
