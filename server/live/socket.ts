import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { Server, type Namespace, type Socket } from 'socket.io'
import type * as z from 'zod/mini'
import {
  DEFAULT_PROJECT,
  LIVE_NAMESPACE,
  MINUTE_MS,
  Subscribe,
  SubscribeAlerts,
  SubscribeFirstSpan,
  SubscribeTraces,
  Unsubscribe,
  type FilterTerm,
  type LiveFirstSpan,
  type PlainAck,
  type SubscribeAck,
  type TraceSummary,
} from '../contract/index.ts'
import type { Clock } from '../platform/clock.ts'
import { AppError, InvalidValueError } from '../platform/errors.ts'
import { isAllowedHost, isAllowedOrigin } from '../platform/host-guard.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import { parseFilterList, parseInstant } from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'
import type { Bus, BusEvents } from './bus.ts'
import { DirtyMinutes } from './coalesce.ts'
import {
  framesOf,
  liveStepMs,
  snapshotOf,
  type MetricFeed,
  type MetricSource,
} from './metric-feed.ts'
import { createTraceTail, type TraceSource } from './trace-tail.ts'

export type LiveParts = {
  bus: Bus
  clock: Clock
  log: Log
  ownHost: string
  metrics: MetricSource
  traces: TraceSource
  /** Any stored span of the project, for a page that asks after the first one has come. */
  findAnySpan(projectId: string): Promise<Omit<LiveFirstSpan, 'id'> | undefined>
}

const FRAME_MS = 1_000
const MAX_SUBSCRIPTIONS = 20
const MAX_MESSAGES_PER_SECOND = 20
/** A socket that does not read is skipped; after this long it is closed. */
const MAX_STALLED_MS = 30_000

type Subscription =
  | { kind: 'metrics'; feed: MetricFeed }
  | { kind: 'traces'; projectId: string; filter: FilterTerm[] }
  | { kind: 'alerts'; projectId: string }
  | { kind: 'first-span'; projectId: string }

type Client = {
  socket: Socket
  subscriptions: Map<string, Subscription>
  messages: { secondStartMs: number; count: number }
  stalledSinceMs: number | null
}

/** The websocket side of the contract: namespace /live, one frame a second, latest value wins. */
export function startLive(httpServer: HttpServer, parts: LiveParts): AsyncDisposable {
  const server = new Server(httpServer, {
    path: '/socket.io',
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 16 * 1024,
    perMessageDeflate: false,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => decide(null, isOwnPage(request, parts.ownHost)),
  })
  const clients = new Set<Client>()
  const tail = createTraceTail(parts.traces)
  const live = server.of(LIVE_NAMESPACE)
  acceptClients(live, clients, parts)

  const unsubscribe = [
    parts.bus.subscribe('spans-stored', (stored) => {
      markDirty(clients, stored)
      tail.add(stored)
      tellFirstSpan(clients, stored)
    }),
    parts.bus.subscribe('incident-changed', ({ projectId, incident }) => {
      tellAlerts(clients, projectId, { incident })
    }),
    parts.bus.subscribe('rule-evaluated', ({ projectId, ruleId, groups }) => {
      tellAlerts(clients, projectId, { ruleState: { ruleId, groups } })
    }),
  ]
  const loop = startIntervalTask(
    { name: 'live-frames', intervalMs: FRAME_MS, log: parts.log },
    async () => {
      await Promise.all([sendFrames(clients, parts), sendTraces(clients, tail)])
    },
  )
  return {
    async [Symbol.asyncDispose]() {
      for (const end of unsubscribe) end()
      await loop[Symbol.asyncDispose]()
      await server.close()
    },
  }
}

/** CORS does not guard websocket upgrades, so a foreign page is turned away here. */
function isOwnPage(request: IncomingMessage, ownHost: string): boolean {
  const { host, origin } = request.headers
  return (
    isAllowedHost(host, { ownHost, ownPort: request.socket.localPort }) &&
    isAllowedOrigin(origin, host)
  )
}

function acceptClients(live: Namespace, clients: Set<Client>, parts: LiveParts): void {
  live.on('connection', (socket) => {
    const client: Client = {
      socket,
      subscriptions: new Map(),
      messages: { secondStartMs: 0, count: 0 },
      stalledSinceMs: null,
    }
    clients.add(client)
    socket.on('disconnect', () => clients.delete(client))
    on(client, 'subscribe', Subscribe, (request) => subscribeMetrics(client, request, parts))
    on(client, 'subscribe-traces', SubscribeTraces, async ({ id, f, project }) => {
      const filter = parseFilterList(f ?? [])
      open(client, id, { kind: 'traces', projectId: project ?? DEFAULT_PROJECT, filter })
    })
    on(client, 'subscribe-alerts', SubscribeAlerts, async ({ id, project }) => {
      open(client, id, { kind: 'alerts', projectId: project ?? DEFAULT_PROJECT })
    })
    on(client, 'subscribe-first-span', SubscribeFirstSpan, async ({ id, project }) => {
      const projectId = project ?? DEFAULT_PROJECT
      open(client, id, { kind: 'first-span', projectId })
      const found = await parts.findAnySpan(projectId)
      if (found !== undefined && client.subscriptions.delete(id)) {
        socket.emit('first-span', { id, ...found })
      }
    })
    on(client, 'unsubscribe', Unsubscribe, async ({ id }) => {
      client.subscriptions.delete(id)
    })
  })
}

type Answer = Omit<Extract<SubscribeAck, { ok: true }>, 'ok'> | void

function on<T>(
  client: Client,
  event: string,
  schema: z.ZodMiniType<T>,
  handle: (request: T) => Promise<Answer>,
): void {
  client.socket.on(event, (raw: unknown, ack?: unknown) => {
    const reply =
      typeof ack === 'function' ? (answer: SubscribeAck | PlainAck) => void ack(answer) : undefined
    if (!isWithinRate(client)) {
      client.socket.disconnect(true)
      return
    }
    Promise.resolve()
      .then(() => handle(parseBody(schema, raw)))
      .then(
        (answer) => reply?.({ ok: true, ...answer }),
        (error: unknown) =>
          reply?.({
            ok: false,
            error: error instanceof AppError ? error.message : 'the server failed to answer',
          }),
      )
  })
}

function isWithinRate({ messages }: Client): boolean {
  const nowMs = Date.now()
  if (nowMs - messages.secondStartMs >= 1_000) {
    messages.secondStartMs = nowMs
    messages.count = 0
  }
  messages.count += 1
  return messages.count <= MAX_MESSAGES_PER_SECOND
}

function open(client: Client, id: string, subscription: Subscription): void {
  if (!client.subscriptions.has(id) && client.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    throw new InvalidValueError(`${MAX_SUBSCRIPTIONS} subscriptions are open on this socket`, 'id')
  }
  client.subscriptions.set(id, subscription)
}

async function subscribeMetrics(
  client: Client,
  request: z.infer<typeof Subscribe>,
  parts: LiveParts,
): Promise<Answer> {
  const nowMs = parts.clock.nowMs()
  const fromMs = parseInstant({ from: String(request.from) }, 'from') ?? nowMs
  const feed: MetricFeed = {
    id: request.id,
    projectId: request.project ?? DEFAULT_PROJECT,
    fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
    entries: request.metrics.map(({ metric, step, groupBy, f }) => ({
      metric,
      stepMs: liveStepMs(step),
      groupBy: groupBy ?? [],
      filter: parseFilterList(f ?? []),
    })),
    seq: 0,
    storedThrough: 0,
    sentAtMs: 0,
    dirty: new DirtyMinutes(),
  }
  const snapshot = await snapshotWithFeedOpen(client, feed, parts)
  return { seq: feed.seq, snapshot }
}

/** The feed opens before its snapshot is read: what is stored meanwhile is then in the next frame. */
async function snapshotWithFeedOpen(client: Client, feed: MetricFeed, parts: LiveParts) {
  feed.sentAtMs = Number.POSITIVE_INFINITY
  open(client, feed.id, { kind: 'metrics', feed })
  try {
    return await snapshotOf(feed, parts.metrics, parts.clock.nowMs())
  } catch (error) {
    client.subscriptions.delete(feed.id)
    throw error
  }
}

function markDirty(clients: Set<Client>, stored: BusEvents['spans-stored']): void {
  const minutes = new DirtyMinutes()
  for (const span of stored.spans) minutes.add(span.endUs / 1_000)
  for (const { subscriptions } of clients) {
    for (const subscription of subscriptions.values()) {
      if (subscription.kind !== 'metrics') continue
      if (subscription.feed.projectId === stored.projectId) subscription.feed.dirty.addAll(minutes)
    }
  }
}

async function sendFrames(clients: Set<Client>, parts: LiveParts): Promise<void> {
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

/** Frames are skipped, never queued, for a socket that has not taken the last one. */
function isReading(client: Client): boolean {
  const backlog = client.socket.conn.transport.writable ? 0 : 1
  if (backlog === 0) {
    client.stalledSinceMs = null
    return true
  }
  client.stalledSinceMs ??= Date.now()
  if (Date.now() - client.stalledSinceMs > MAX_STALLED_MS) client.socket.disconnect(true)
  return false
}

async function sendTraces(
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

function tellFirstSpan(
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

function tellAlerts(clients: Set<Client>, projectId: string, news: object): void {
  for (const { socket, subscriptions } of clients) {
    for (const [id, subscription] of subscriptions) {
      if (subscription.kind === 'alerts' && subscription.projectId === projectId) {
        socket.emit('alert', { id, ...news })
      }
    }
  }
}
