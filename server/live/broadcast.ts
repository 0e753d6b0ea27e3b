import type { LiveAlert, TraceSummary } from '../contract/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { BusEvents } from './bus.ts'
import { isReading, type Client } from './client.ts'
import { DirtyMinutes } from './coalesce.ts'
import { framesOf, type MetricFeed, type MetricSource } from './metric-feed.ts'
import type { createTraceTail } from './trace-tail.ts'

export function markDirty(clients: Set<Client>, stored: BusEvents['spans-stored']): void {
  const minutes = new DirtyMinutes()
  for (const span of stored.spans) minutes.add(span.endUs / 1_000)
  for (const { subscriptions } of clients) {
    for (const subscription of subscriptions.values()) {
      if (subscription.kind !== 'metrics') continue
      if (subscription.feed.projectId === stored.projectId) subscription.feed.dirty.addAll(minutes)
    }
  }
}

export async function sendFrames(
  clients: Set<Client>,
  parts: { metrics: MetricSource; clock: Clock },
): Promise<void> {
  const owners = new Map<MetricFeed, Client>()
  for (const client of clients) {
    if (!isReading(client)) continue
    for (const subscription of client.subscriptions.values()) {
      // Until the snapshot is out, sentAtMs is infinite and no frame may overtake it.
      if (subscription.kind === 'metrics' && Number.isFinite(subscription.feed.sentAtMs)) {
        owners.set(subscription.feed, client)
      }
    }
  }
  const byProject = Map.groupBy(owners.keys(), (feed) => feed.projectId)
  for (const feeds of byProject.values()) {
    const frames = await framesOf(feeds, parts.metrics, parts.clock.nowMs())
    for (const [feed, frame] of frames) owners.get(feed)?.socket.emit('update', frame)
  }
}

export async function sendTraces(
  clients: Set<Client>,
  tail: ReturnType<typeof createTraceTail>,
): Promise<void> {
  const wanted = [...clients].flatMap((client) =>
    [...client.subscriptions].flatMap(([id, subscription]) =>
      subscription.kind === 'traces' ? [{ client, id, subscription }] : [],
    ),
  )
  const news = tail.take()
  for (const { client, id, subscription } of wanted) {
    const fresh = news.get(subscription.projectId)
    if (fresh === undefined || !isReading(client)) continue
    const items: TraceSummary[] = await tail.summaries(
      subscription.projectId,
      fresh,
      subscription.filter,
    )
    if (items.length > 0) client.socket.emit('trace', { id, items, sampled: fresh.sampled })
  }
}

export function tellFirstSpan(
  clients: Set<Client>,
  { projectId, spans, storedAtMs }: BusEvents['spans-stored'],
): void {
  const [span] = spans
  if (span === undefined) return
  for (const { socket, subscriptions } of clients) {
    for (const [id, subscription] of subscriptions) {
      if (subscription.kind !== 'first-span' || subscription.projectId !== projectId) continue
      subscriptions.delete(id)
      const { traceId, spanId, service } = span
      socket.emit('first-span', { id, traceId, spanId, service, at: storedAtMs })
    }
  }
}

export function tellAlerts(
  clients: Set<Client>,
  projectId: string,
  news: Omit<LiveAlert, 'id'>,
): void {
  for (const { socket, subscriptions } of clients) {
    for (const [id, subscription] of subscriptions) {
      if (subscription.kind === 'alerts' && subscription.projectId === projectId) {
        socket.emit('alert', { id, ...news })
      }
    }
  }
}
