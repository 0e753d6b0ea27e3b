import { useEffect, useEffectEvent, useState } from 'react'
import type { PlainAck } from '@sightline/server/contract'
import { liveSocket, nextSubscriptionId, request, unsubscribe } from './socket.ts'
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
}

/** One plain subscription, taken anew after each reconnect and each return to the tab. */
export function useSubscription(options: Options): { error: string | null } {
  const { subscribe, event, payload = {}, enabled = true } = options
  const { epoch, status } = useConnection()
  const visible = usePageVisible()
  const [error, setError] = useState<string | null>(null)
  const [first] = useState(() => ({ done: false }))
  const onEvent = useEffectEvent(options.onEvent)
  const onResubscribed = useEffectEvent(() => options.onResubscribed?.())
  const payloadText = JSON.stringify(payload)

  useEffect(() => {
    if (!enabled || !visible || status !== 'live') return
    const id = nextSubscriptionId(subscribe)
    const listen = (body: unknown): void => {
      if (isFor(body, id)) onEvent(body)
    }
    liveSocket().on(event, listen)
    const fields: object = JSON.parse(payloadText)
    void request<PlainAck>(subscribe, { id, ...fields }).then((ack) => {
      setError(ack.ok ? null : ack.error)
      if (ack.ok && first.done) onResubscribed()
      first.done = true
    })
    return () => {
      liveSocket().off(event, listen)
      unsubscribe(id)
    }
  }, [enabled, visible, status, epoch, subscribe, event, payloadText, first])

  return { error }
}

function isFor(body: unknown, id: string): boolean {
  return typeof body === 'object' && body !== null && 'id' in body && body.id === id
}
