import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { evaluateDueRules } from '../../server/alerts/evaluate.ts'
import { deliverDue } from '../../server/alerts/deliver.ts'
import { createMetricSource } from '../../server/alerts/metric-source.ts'
import { outboundOf } from '../../server/alerts/outbound.ts'
import { alertRoutes } from '../../server/alerts/routes.ts'
import { createApp } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import type { Context } from '../../server/context.ts'
import type { Sql } from '../../server/db/client.ts'
import { createBus } from '../../server/live/bus.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import { metricRoutes } from '../../server/rollups/routes.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import { traceRows } from '../../server/spans/trace-rows.ts'
import { callOf, setClock, writeDeltas } from './rollups-calls.ts'

export const T0 = Date.UTC(2026, 0, 15, 10, 0)
export const MINUTE_MS = 60_000
/** Just past the delay of a project without late data. */
const DELAY_MS = 31_000

export type ReceivedHook = {
  headers: IncomingHttpHeaders
  raw: string
  body: HookBody
  status: number
}
export type HookBody = {
  version: string
  status: string
  alerts: { startsAt: string; endsAt: string; labels: Record<string, string> }[]
  sightline: {
    incident: string
    seq: number
    reason: string
    state: string
    value: number | null
    windowEnd: number
  }
}
export type HookAnswer = { status: number; headers?: Record<string, string> }
export type Receiver = AsyncDisposable & {
  address: string
  hooks: ReceivedHook[]
  /** Answers to come, then 204. */
  answers: HookAnswer[]
  reasons(): string[]
}

/** A webhook receiver on loopback that keeps what it got. */
export async function startReceiver(): Promise<Receiver> {
  const hooks: ReceivedHook[] = []
  const answers: HookAnswer[] = []
  const server = createServer((request, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      const { status, headers = {} } = answers.shift() ?? { status: 204 }
      hooks.push({ headers: request.headers, raw, body: JSON.parse(raw) as HookBody, status })
      response.writeHead(status, headers).end()
    })
  })
  const address = await listen(server)
  return {
    address,
    hooks,
    answers,
    reasons: () => hooks.map((hook) => hook.body.sightline.reason),
    [Symbol.asyncDispose]: () => close(server),
  }
}

/** Whether a hook is signed with a secret by the rules of Standard Webhooks. */
export function isSignedWith(secret: string, { headers, raw }: ReceivedHook): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${raw}`
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return headers['webhook-signature'] === expected
}

export type Answer = { status: number; body: unknown }
export type AlertServer = AsyncDisposable & {
  context: Context
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** Evaluates and sends, as the server's loops do every few seconds. */
  pass(): Promise<void>
  evaluate(): Promise<void>
  deliver(): Promise<void>
}

/** The application with the alert and metric routes over one database; nothing runs by itself. */
export async function startAlertServer(sql: Sql, allow: string[] = []): Promise<AlertServer> {
  const config = loadConfig({ SIGHTLINE_OUTBOUND_ALLOW: allow.join(','), PORT: '4318' })
  const context: Context = { config, sql, bus: createBus(), log: createLog('silent') }
  const log = context.log.forSlice('alerts')
  const metrics = metricRoutes(context)
  const app = createApp(context, {
    ingest: metrics,
    api: [metrics, alertRoutes(context, { spanConditions, traceRows })],
    counters: createCounters(),
    webRoot: import.meta.dirname,
    sdkPackage: import.meta.filename,
  })
  const server = createServer(app)
  const address = await listen(server)
  const source = createMetricSource(sql)
  const evaluate = () => evaluateDueRules({ ...context, log, source })
  const deliver = () => deliverDue({ sql, bus: context.bus, log, ...outboundOf(config) })
  return {
    context,
    evaluate,
    deliver,
    pass: () => evaluate().then(deliver),
    async call(method, path, body) {
      const response = await fetch(`http://${address}/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
    },
    [Symbol.asyncDispose]: () => close(server),
  }
}

/** `count` calls of one duration, spread over the minute that begins at `minute` after T0. */
export async function writeMinute(
  sql: Sql,
  minute: number,
  { durationMs, count = 30, model = 'm-1' }: { durationMs: number; count?: number; model?: string },
): Promise<void> {
  const calls = Array.from({ length: count }, (_, index) =>
    callOf({
      endMs: T0 + minute * MINUTE_MS + (index * MINUTE_MS) / count,
      durationUs: durationMs * 1_000,
      model,
    }),
  )
  await writeDeltas(sql, calls)
}

/** Moves the database's clock to where the tick `minute` minutes after T0 is due. */
export function setTick(sql: Sql, minute: number): Promise<void> {
  return setClock(sql, T0 + minute * MINUTE_MS + DELAY_MS)
}

export function ruleOf(overrides: Record<string, unknown> = {}, condition = {}) {
  return {
    name: 'p95 of chat',
    condition: {
      kind: 'threshold',
      metric: 'latency_p95',
      op: 'gt',
      critical: 4_000,
      windowMs: MINUTE_MS,
      ...condition,
    },
    ...overrides,
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
