import type { LiveAlert } from '../contract/index.ts'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import type { BusEvents } from './bus.ts'
import { isReading, type Client } from './client.ts'
import { DirtyMinutes } from './coalesce.ts'
import { framesOf, type MetricFeed, type MetricSource } from './metric-feed.ts'
import type { TraceMinutes } from './trace-minutes.ts'
import type { createTraceTail } from './trace-tail.ts'

export function markDirty(
  clients: Set<Client>,
  stored: BusEvents['spans-amended'],
  traceMinutes: TraceMinutes,
): void {
  const minutes = new DirtyMinutes()
  for (const span of stored.spans) minutes.add(span.endUs / 1_000)
  const ofTraces = traceMinutes.add(stored.projectId, stored.spans)
  for (const { subscriptions } of clients) {
    for (const subscription of subscriptions.values()) {
      if (subscription.kind !== 'metrics') continue
      const { feed } = subscription
      if (feed.projectId !== stored.projectId) continue
      feed.dirty.call.addAll(minutes)
      feed.dirty.trace.addAll(ofTraces)
    }
  }
}

type Feeds = Map<MetricFeed, Client>
type FrameParts = { metrics: MetricSource; clock: Clock; log: Log }

export async function sendFrames(clients: Set<Client>, parts: FrameParts): Promise<void> {
  const owners: Feeds = new Map()
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
  for (const feeds of byProject.values()) await sendProjectFrames(feeds, owners, parts)
}

/** All feeds of a project in one query; when that fails, each by itself, to find the one at fault. */
async function sendProjectFrames(
  feeds: MetricFeed[],
  owners: Feeds,
  parts: FrameParts,
): Promise<void> {
  try {
    const frames = await framesOf(feeds, parts.metrics, parts.clock.nowMs())
    for (const [feed, frame] of frames) {
      const owner = owners.get(feed)
      if (owner !== undefined && isOpen(owner, feed)) owner.socket.emit('update', frame)
    }
  } catch (error) {
    const [only] = feeds
    if (feeds.length > 1) {
      for (const feed of feeds) await sendProjectFrames([feed], owners, parts)
    } else if (only !== undefined) endFeed(only, error, { owners, log: parts.log })
  }
}

/** A feed that can no longer be answered is closed with its reason; an outage closes nothing. */
function endFeed(
  feed: MetricFeed,
  error: unknown,
  { owners, log }: { owners: Feeds; log: Log },
): void {
  if (!(error instanceof AppError) || error.status !== 422) {
    log.warn({ error, projectId: feed.projectId }, 'live frame failed')
    return
  }
  const owner = owners.get(feed)
  if (owner === undefined || !isOpen(owner, feed)) return
  owner.subscriptions.delete(feed.id)
  owner.socket.emit('closed', { id: feed.id, error: error.message })
}

/** False once the page has unsubscribed, or subscribed anew under the same id. */
function isOpen({ subscriptions }: Client, feed: MetricFeed): boolean {
  const subscription = subscriptions.get(feed.id)
  return subscription?.kind === 'metrics' && subscription.feed === feed
}

export async function sendTraces(
  clients: Set<Client>,
  tail: ReturnType<typeof createTraceTail>,
  log: Log,
): Promise<void> {
  const wanted = [...clients].flatMap((client) =>
    [...client.subscriptions].flatMap(([id, subscription]) =>
      subscription.kind === 'traces' ? [{ client, id, subscription }] : [],
    ),
  )
  const news = tail.take()
  const answers = new Map<string, ReturnType<typeof tail.summaries>>()
  for (const { client, id, subscription } of wanted) {
    const { projectId, filter, traceId } = subscription
    const fresh = onlyTrace(news.get(projectId), traceId)
    if (fresh === undefined || !isReading(client)) continue
    try {
      const key = JSON.stringify([projectId, filter, traceId])
      const answer = answers.get(key) ?? tail.summaries(projectId, fresh, filter)
      answers.set(key, answer)
      const { items, sampled } = await answer
      if (items.length > 0) client.socket.emit('trace', { id, items, sampled })
    } catch (error) {
      log.warn({ error, projectId }, 'live traces failed')
    }
  }
}

type Fresh = { traceIds: string[]; updates: string[] }

function onlyTrace(fresh: Fresh | undefined, traceId: string | undefined): Fresh | undefined {
  if (fresh === undefined || traceId === undefined) return fresh
  const hasChanged = fresh.traceIds.includes(traceId) || fresh.updates.includes(traceId)
  return hasChanged ? { traceIds: [traceId], updates: [] } : undefined
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
