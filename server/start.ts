import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startAlertEvaluator } from './alerts/start-evaluator.ts'
import { apiRoutes } from './api-routes.ts'
import { createApp } from './app.ts'
import { createCanary } from './canary/start-canary.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { withDeadline } from './db/copy.ts'
import { createSql, type DatabaseTarget } from './db/client.ts'
import { startClock } from './db/clock.ts'
import { startEmbeddedPostgres } from './db/embedded/start-embedded-postgres.ts'
import { migrate } from './db/migrate.ts'
import { deleteExpiredAgentEvents } from './ingest/agents/waiting-calls.ts'
import { deleteExpiredDeadLetters } from './ingest/delete-expired.ts'
import { startGrpcServer, type GrpcServer } from './ingest/grpc-server.ts'
import { createPipeline, type Pipeline } from './ingest/pipeline.ts'
import { ingestRoutes } from './ingest/routes.ts'
import { deleteExpiredLedger, foldLedger } from './ledger/fold-ledger.ts'
import { createHealthReader } from './ledger/read-health.ts'
import { createBus } from './live/bus.ts'
import { startLive, type LiveParts } from './live/socket.ts'
import { deleteExpiredPoints } from './otel-metrics/store-points.ts'
import { endBrokenRequest } from './platform/client-error.ts'
import type { Clock } from './platform/clock.ts'
import { createCounters, type Counters } from './platform/counters.ts'
import { newId } from './platform/ids.ts'
import { startIntervalTask } from './platform/interval-task.ts'
import { createLog } from './platform/log.ts'
import { startReleaseWatch } from './releases/watch-releases.ts'
import { createCollectorUp } from './rollups/collector-up.ts'
import { compactDeltas } from './rollups/compact.ts'
import { deleteExpiredRollups } from './rollups/delete-expired.ts'
import { projectLatenessMs } from './rollups/lateness.ts'
import { queryMetrics } from './rollups/query-metric.ts'
import { deleteExpiredScores } from './scores/delete-expired.ts'
import { followAmendments } from './scores/follow-amendments.ts'
import { queryScoreMetric } from './scores/query-score-metric.ts'
import { readScoreNews } from './scores/score-news.ts'
import { rejoinScores } from './scores/rejoin-scores.ts'
import { spanConditions } from './spans/filter-sql.ts'
import { findAnySpan } from './spans/find-any-span.ts'
import { deleteExpiredQuarantine, keepPartitions } from './spans/keep-partitions.ts'
import { summariseTraces } from './spans/summarise-traces.ts'
import { traceRows } from './spans/trace-rows.ts'

export type RunningServer = AsyncDisposable & {
  url: string
  port: number
  /** null = off. */
  grpcPort: number | null
  context: Context
}

/** What rollups may ask of other slices, which they do not import. */
const METRIC_OPTIONS = { spanConditions, traceRows, scoreMetric: queryScoreMetric }
const COMPACT_EVERY_MS = 1_000
const COMPACT_DEADLINE_MS = 120_000
const LEDGER_EVERY_MS = 1_000
const UP_EVERY_MS = 10_000
/** Calls of coding agents whose start never came. */
const AGENT_CALLS_EVERY_MS = 5_000
/**
 * Filters travel in the query string: 20 terms of 2,000 characters must fit, and 10,000 short ones
 * to be told that they are too many.
 */
const HTTP_OPTIONS = {
  maxHeaderSize: 256 * 1024,
  /** How often the time-outs below are looked at; Node's default of 30 s would make 40 of 10. */
  connectionsCheckingInterval: 1_000,
}
const LISTEN_ATTEMPTS = 20
const LISTEN_RETRY_MS = 250
const IDLE_SWEEP_MS = 100
const DRAIN_LIMIT_MS = 4_000
const HOUSEKEEPING_EVERY_MS = 600_000
const REPOSITORY = resolve(import.meta.dirname, '..')

/**
 * Starts everything in this process and resolves once it listens. Disposing stops accepting,
 * drains what was admitted, ends the loops and sockets, then the database.
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const stack = new AsyncDisposableStack()
  try {
    const running = await build(config, stack)
    const owned = stack.move()
    return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

type Built = Omit<RunningServer, typeof Symbol.asyncDispose>

async function build(config: Config, stack: AsyncDisposableStack): Promise<Built> {
  const log = createLog(config.logLevel)
  const target = await openDatabase(config, { stack, log: log.forSlice('database') })
  const sql = createSql(target)
  stack.defer(() => sql.end({ timeout: 5 }))
  await migrate(sql)
  const bus = createBus()
  const counters = createCounters()
  const context: Context = { config, sql, bus, log }
  const clock = stack.use(await startClock(sql, log.forSlice('clock')))
  await keepPartitions(sql, { nowMs: clock.nowMs(), retentionDays: config.retentionDays })
  await startLoops(context, stack)
  stack.use(startAlertEvaluator(context, METRIC_OPTIONS))
  stack.use(startReleaseWatch({ sql, bus, log: log.forSlice('releases') }))
  stack.use(followAmendments({ sql, bus, log: log.forSlice('scores') }))
  const pipeline = stack.use(
    createPipeline({ target, sql, bus, clock, counters, log: log.forSlice('ingest') }),
  )
  const { canary, readHealth } = watchIngest(context, { pipeline, clock, counters, stack })
  const app = createApp(context, {
    ingest: ingestRoutes(pipeline, log.forSlice('ingest')),
    api: apiRoutes(context, METRIC_OPTIONS, readHealth),
    counters,
    webRoot: resolve(config.webRoot ?? join(REPOSITORY, 'web/dist')),
    sdkPackage: join(REPOSITORY, '.sightline/build/sdk.tgz'),
  })
  const httpServer = limited(createServer(HTTP_OPTIONS, app))
  const live = startLive(httpServer, liveParts(context, { clock, readHealth }))
  let grpc: GrpcServer | undefined
  // Both at once: the one that waits for its last senders must not keep the other from telling its.
  stack.defer(async () => {
    await Promise.all([drain(httpServer, live), grpc?.[Symbol.asyncDispose]()])
  })
  if (config.grpcPort !== null) {
    const options = { pipeline, log: log.forSlice('ingest'), listen }
    grpc = await startGrpcServer({ ...options, host: config.host, port: config.grpcPort })
  }
  const { port } = await listen(httpServer, config)
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = `http://${host}:${port}`
  if (config.canary) void stack.use(canary.start(url)).runNow()
  return { context, port, grpcPort: grpc?.port ?? null, url }
}

/** What the sockets may ask of the slices. */
function liveParts(
  { config, sql, bus, log }: Context,
  { clock, readHealth }: Pick<LiveParts, 'clock' | 'readHealth'>,
): LiveParts {
  return {
    bus,
    clock,
    log: log.forSlice('live'),
    ownHost: config.host,
    metrics: {
      queryMetrics: (queries) => queryMetrics(sql, queries, METRIC_OPTIONS),
      latenessMs: (projectId) => projectLatenessMs(sql, projectId),
      scoreNews: (projectId, sinceMs) => readScoreNews(sql, projectId, sinceMs),
    },
    traces: { summariseTraces: (query) => summariseTraces(sql, query) },
    readHealth,
    findAnySpan: (projectId) => findAnySpan(sql, projectId),
  }
}

type Watched = { pipeline: Pipeline; clock: Clock; counters: Counters; stack: AsyncDisposableStack }

/** The loops of ingest, the canary and how ingest is doing. */
function watchIngest(context: Context, { pipeline, clock, counters, stack }: Watched) {
  const { sql, config } = context
  const log = context.log.forSlice('ledger')
  stack.use(
    startIntervalTask({ name: 'ledger', intervalMs: LEDGER_EVERY_MS, log }, async () => {
      await pipeline.flushRefused()
      await foldLedger(sql)
    }),
  )
  stack.use(
    startIntervalTask(
      {
        name: 'agent-calls',
        intervalMs: AGENT_CALLS_EVERY_MS,
        log: context.log.forSlice('ingest'),
      },
      () => pipeline.settleWaitingCalls(),
    ),
  )
  const canary = createCanary({
    ...context,
    log: context.log.forSlice('canary'),
    clock,
    counters,
    isOn: config.canary,
  })
  const readHealth = createHealthReader({
    sql,
    dataDir: config.databaseUrl === undefined ? resolve(config.dataDir) : undefined,
    retentionDays: config.retentionDays,
    pressure: () => pipeline.pressure(),
    canary: () => canary.health(),
  })
  return { canary, readHealth }
}

async function openDatabase(
  config: Config,
  { stack, log }: { stack: AsyncDisposableStack; log: ReturnType<Context['log']['forSlice']> },
): Promise<DatabaseTarget> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl }
  return stack.use(
    await startEmbeddedPostgres({ dataDir: join(resolve(config.dataDir), 'postgres'), log }),
  )
}

async function startLoops(context: Context, stack: AsyncDisposableStack): Promise<void> {
  const { sql, config } = context
  const log = context.log.forSlice('rollups')
  const recordUp = createCollectorUp(sql, newId())
  await recordUp()
  stack.use(startIntervalTask({ name: 'collector-up', intervalMs: UP_EVERY_MS, log }, recordUp))
  stack.use(
    startIntervalTask({ name: 'compact', intervalMs: COMPACT_EVERY_MS, log }, async () => {
      // The driver can lose a query whose connection is cut; the next round is on another connection.
      await withDeadline(compactDeltas(sql), COMPACT_DEADLINE_MS)
    }),
  )
  stack.use(
    startIntervalTask(
      { name: 'housekeeping', intervalMs: HOUSEKEEPING_EVERY_MS, log },
      async () => {
        const [row] = await sql<{ now: number }[]>`select sightline_now() as now`
        if (row === undefined) return
        const dropped = await keepPartitions(sql, {
          nowMs: row.now,
          retentionDays: config.retentionDays,
        })
        if (dropped.length > 0) log.info({ dropped }, 'partitions past retention dropped')
        await deleteExpiredQuarantine(sql, config.retentionDays)
        await deleteExpiredRollups(sql)
        await deleteExpiredScores(sql)
        await rejoinScores(sql)
        await deleteExpiredDeadLetters(sql)
        await deleteExpiredLedger(sql)
        await deleteExpiredAgentEvents(sql)
        await deleteExpiredPoints(sql)
      },
    ),
  )
}

function limited(httpServer: HttpServer): HttpServer {
  httpServer.headersTimeout = 10_000
  httpServer.requestTimeout = 30_000
  httpServer.keepAliveTimeout = 60_000
  httpServer.maxConnections = 2_000
  httpServer.on('clientError', endBrokenRequest)
  return httpServer
}

/** A server that was killed may take a moment to let go of the port, so a taken one is tried again. */
async function listen(
  server: NetServer,
  address: { host: string; port: number },
): Promise<AddressInfo> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(server, address)
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isTaken || attempt >= LISTEN_ATTEMPTS) throw error
      await pause(LISTEN_RETRY_MS)
    }
  }
}

async function listenOnce(
  server: NetServer,
  { host, port }: { host: string; port: number },
): Promise<AddressInfo> {
  const listening = once(server, 'listening')
  server.listen(port, host)
  await listening
  return server.address() as AddressInfo
}

/**
 * Accepts nothing new, ends the sockets, answers what is under way and tells keep-alive senders to
 * go. Whoever still holds a connection after that is cut off: it was not answered, so it resends.
 */
async function drain(httpServer: HttpServer, live: AsyncDisposable): Promise<void> {
  if (!httpServer.listening) return live[Symbol.asyncDispose]()
  const closed = new Promise<void>((resolveClose) => httpServer.once('close', resolveClose))
  httpServer.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close')
  })
  httpServer.close()
  await live[Symbol.asyncDispose]()
  const sweep = setInterval(() => httpServer.closeIdleConnections(), IDLE_SWEEP_MS)
  const cut = setTimeout(() => httpServer.closeAllConnections(), DRAIN_LIMIT_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
