import type { Socket } from 'socket.io'
import type { FilterTerm } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import type { MetricFeed } from './metric-feed.ts'

const MAX_SUBSCRIPTIONS = 20
const MAX_MESSAGES_PER_SECOND = 20
/** A socket that does not read is skipped; after this long it is closed. */
const MAX_STALLED_MS = 30_000

export type Subscription =
  | { kind: 'metrics'; feed: MetricFeed }
  | { kind: 'traces'; projectId: string; filter: FilterTerm[]; traceId: string | undefined }
  | { kind: 'alerts'; projectId: string }
  | { kind: 'first-span'; projectId: string }
  | { kind: 'health'; projectId: string }

export type Client = {
  socket: Socket
  subscriptions: Map<string, Subscription>
  messages: { secondStartMs: number; count: number }
  stalledSinceMs: number | null
}

export function open(client: Client, id: string, subscription: Subscription): void {
  if (!client.subscriptions.has(id) && client.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    throw new InvalidValueError(`${MAX_SUBSCRIPTIONS} subscriptions are open on this socket`, 'id')
  }
  client.subscriptions.set(id, subscription)
}

export function isWithinRate({ messages }: Client): boolean {
  const nowMs = Date.now()
  if (nowMs - messages.secondStartMs >= 1_000) {
    messages.secondStartMs = nowMs
    messages.count = 0
  }
  messages.count += 1
  return messages.count <= MAX_MESSAGES_PER_SECOND
}

/** Frames are skipped, never queued, for a socket that has not taken the last one. */
export function isReading(client: Client): boolean {
  const backlog = client.socket.conn.transport.writable ? 0 : 1
  if (backlog === 0) {
    client.stalledSinceMs = null
    return true
  }
  client.stalledSinceMs ??= Date.now()
  if (Date.now() - client.stalledSinceMs > MAX_STALLED_MS) client.socket.disconnect(true)
  return false
}
