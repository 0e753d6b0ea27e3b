import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { Server, type Namespace } from 'socket.io'
import type * as z from 'zod/mini'
import {
  DEFAULT_PROJECT,
  LIVE_NAMESPACE,
  MINUTE_MS,
  Subscribe,
  SubscribeAlerts,
  SubscribeFirstSpan,
  SubscribeHealth,
  SubscribeTraces,
  Unsubscribe,
  type LiveFirstSpan,
  type PlainAck,
  type SubscribeAck,
} from '../contract/index.ts'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../platform/errors.ts'
import { isAllowedHost, isAllowedOrigin } from '../platform/host-guard.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import { parseFilterList, parseInstant } from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'
import { markDirty, sendFrames, sendTraces, tellAlerts, tellFirstSpan } from './broadcast.ts'
import type { Bus } from './bus.ts'
import { isWithinRate, open, type Client } from './client.ts'
import { sendHealth, type ReadHealth } from './health-feed.ts'
import {
  liveStepMs,
  nothingDirty,
  snapshotOf,
  type MetricFeed,
  type MetricSource,
} from './metric-feed.ts'
import { TraceMinutes } from './trace-minutes.ts'
import { createTraceTail, type TraceSource } from './trace-tail.ts'

export type LiveParts = {
  bus: Bus
  clock: Clock
  log: Log
  ownHost: string
  metrics: MetricSource
  traces: TraceSource
  readHealth: ReadHealth
  /** Any stored span of the project, for a page that asks after the first one has come. */
  findAnySpan(projectId: string): Promise<Omit<LiveFirstSpan, 'id'> | undefined>
}

const FRAME_MS = 1_000
const NO_TRACE = '0'.repeat(32)

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
  const traceMinutes = new TraceMinutes()
  const live = server.of(LIVE_NAMESPACE)
  acceptClients(live, clients, parts)

  const unsubscribe = [
    parts.bus.subscribe('spans-stored', (stored) => {
      markDirty(clients, stored, traceMinutes)
      tail.add(stored)
      tellFirstSpan(clients, stored)
    }),
    parts.bus.subscribe('spans-amended', (amended) => {
      markDirty(clients, amended, traceMinutes)
    }),
    parts.bus.subscribe('incident-changed', ({ projectId, incident }) => {
      tellAlerts(clients, projectId, { incident })
    }),
    parts.bus.subscribe('channel-tried', ({ projectId, channelId }) => {
      tellAlerts(clients, projectId, { channelId })
    }),
    parts.bus.subscribe('rule-evaluated', ({ projectId, ruleId, groups }) => {
      tellAlerts(clients, projectId, { ruleState: { ruleId, groups } })
    }),
  ]
  const loop = startIntervalTask(
    { name: 'live-frames', intervalMs: FRAME_MS, log: parts.log },
    async () => {
      await Promise.all([sendFrames(clients, parts), sendTraces(clients, tail, parts.log)])
    },
  )
  // Apart from the frames: this reads more, and must not hold them up.
  const healthLoop = startIntervalTask(
    { name: 'live-health', intervalMs: FRAME_MS, log: parts.log },
    () => sendHealth(clients, parts.readHealth, parts.log),
  )
  return {
    async [Symbol.asyncDispose]() {
      for (const end of unsubscribe) end()
      await Promise.all([loop[Symbol.asyncDispose](), healthLoop[Symbol.asyncDispose]()])
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
  const { log } = parts
  live.on('connection', (socket) => {
    const client: Client = {
      socket,
      subscriptions: new Map(),
      messages: { secondStartMs: 0, count: 0 },
      stalledSinceMs: null,
    }
    clients.add(client)
    socket.on('disconnect', () => clients.delete(client))
    on(client, { event: 'subscribe', schema: Subscribe, log }, (request) =>
      subscribeMetrics(client, request, parts),
    )
    on(
      client,
      { event: 'subscribe-traces', schema: SubscribeTraces, log },
      async ({ id, f, project, traceId }) => {
        const filter = parseFilterList(f ?? [])
        const projectId = project ?? DEFAULT_PROJECT
        // Asked once for no trace, so that a filter that cannot be answered is refused here.
        await parts.traces.summariseTraces({ projectId, traceIds: [NO_TRACE], filter })
        open(client, id, { kind: 'traces', projectId, filter, traceId })
      },
    )
    on(
      client,
      { event: 'subscribe-alerts', schema: SubscribeAlerts, log },
      async ({ id, project }) => {
        open(client, id, { kind: 'alerts', projectId: project ?? DEFAULT_PROJECT })
      },
    )
    on(
      client,
      { event: 'subscribe-first-span', schema: SubscribeFirstSpan, log },
      async ({ id, project }) => {
        const projectId = project ?? DEFAULT_PROJECT
        open(client, id, { kind: 'first-span', projectId })
        const found = await parts.findAnySpan(projectId)
        if (found !== undefined && client.subscriptions.delete(id)) {
          socket.emit('first-span', { id, ...found })
        }
      },
    )
    on(
      client,
      { event: 'subscribe-health', schema: SubscribeHealth, log },
      async ({ id, project }) => {
        open(client, id, { kind: 'health', projectId: project ?? DEFAULT_PROJECT })
      },
    )
    on(client, { event: 'unsubscribe', schema: Unsubscribe, log }, async ({ id }) => {
      client.subscriptions.delete(id)
    })
  })
}

type Answer = Omit<Extract<SubscribeAck, { ok: true }>, 'ok'> | void

/** One kind of message: its schema, and what answers it. */
function on<T>(
  client: Client,
  { event, schema, log }: { event: string; schema: z.ZodMiniType<T>; log: Log },
  handle: (request: T) => Promise<Answer>,
): void {
  client.socket.on(event, (raw: unknown, ack?: unknown) => {
    if (!isWithinRate(client)) {
      client.socket.disconnect(true)
      return
    }
    const reply = (answer: SubscribeAck | PlainAck) => {
      if (typeof ack === 'function') ack(answer)
    }
    void Promise.resolve()
      .then(() => handle(parseBody(schema, raw)))
      .then(
        (answer) => reply({ ok: true, ...answer }),
        (error: unknown) => {
          if (!(error instanceof AppError)) log.error({ error, event }, 'live request failed')
          reply({ ok: false, error: messageFor(error) })
        },
      )
  })
}

function messageFor(error: unknown): string {
  return error instanceof AppError ? error.message : 'the server failed to answer'
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
    entries: request.metrics.map(({ metric, step, groupBy, f, scope }) => ({
      metric,
      stepMs: liveStepMs(step),
      groupBy: groupBy ?? [],
      filter: parseFilterList(f ?? []),
      scope: scope ?? 'call',
    })),
    seq: 0,
    storedThrough: 0,
    sentAtMs: 0,
    dirty: nothingDirty(),
    scoresReadAtMs: null,
    sent: new Map(),
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
