import { LIVE_NAMESPACE, LiveClosed } from '@sightline/server/contract'
import { io, type Socket } from 'socket.io-client'

export type Connection = {
  status: 'connecting' | 'live' | 'lost'
  /** When the connection was lost; null while it stands. */
  lostAt: number | null
  /** Counts connections, so that subscribers subscribe anew after each. */
  epoch: number
}

const ACK_TIMEOUT_MS = 10_000
const SENT_AWAY_MS = 2_000

let socket: Socket | undefined
let connection: Connection = { status: 'connecting', lostAt: null, epoch: 0 }
const listeners = new Set<() => void>()

/** The one socket of the page, opened on first use. */
export function liveSocket(): Socket {
  if (socket !== undefined) return socket
  const made = io(LIVE_NAMESPACE, {
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 10_000,
  })
  made.on('connect', () =>
    setConnection({ status: 'live', lostAt: null, epoch: connection.epoch + 1 }),
  )
  const onLost = (): void => {
    setConnection({ ...connection, status: 'lost', lostAt: connection.lostAt ?? Date.now() })
  }
  made.on('disconnect', (reason) => {
    onLost()
    // After a server-side disconnect socket.io leaves reconnecting to us; one that is sent away
    // each time it comes must not come at once.
    if (reason === 'io server disconnect') setTimeout(() => made.connect(), SENT_AWAY_MS)
  })
  made.on('connect_error', onLost)
  socket = made
  return made
}

export function subscribeConnection(listener: () => void): () => void {
  listeners.add(listener)
  liveSocket()
  return () => listeners.delete(listener)
}

export function currentConnection(): Connection {
  return connection
}

/** Emits with an acknowledgement; a lost answer becomes `{ok:false}`. */
export async function request<Ack>(
  event: string,
  payload: object,
): Promise<Ack | { ok: false; error: string }> {
  try {
    const ack: Ack = await liveSocket().timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload)
    return ack
  } catch {
    return { ok: false, error: `the server did not answer '${event}' within 10 s` }
  }
}

export function unsubscribe(id: string): void {
  if (socket?.connected === true) socket.emit('unsubscribe', { id }, () => undefined)
}

/** Told when the server gives a subscription up because it can no longer be answered. */
export function onClosed(id: string, listener: (error: string) => void): () => void {
  const listen = (body: unknown): void => {
    const closed = LiveClosed.safeParse(body)
    if (closed.success && closed.data.id === id) listener(closed.data.error)
  }
  liveSocket().on('closed', listen)
  return () => liveSocket().off('closed', listen)
}

let lastId = 0
/** Subscription ids are unique per page, so that late events of an old one are told apart. */
export function nextSubscriptionId(kind: string): string {
  lastId += 1
  return `${kind}-${lastId}`
}

function setConnection(next: Connection): void {
  connection = next
  for (const listener of listeners) listener()
}
