import { afterAll, beforeAll, expect, test } from 'vitest'
import { Span, type ApiError, type SpanList } from '../../server/contract/index.ts'
import { describeStoredSpan } from '../../server/ingest/describe.ts'
import { createPipeline } from '../../server/ingest/pipeline.ts'
import { ingestRoutes } from '../../server/ingest/routes.ts'
import { createBus } from '../../server/live/bus.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'

const NOW_MS = Date.now()
const TRACE = '5b8efff798038103d269b633813fc60c'

let database: TestDatabase
let api: ReadApi
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  database = await createTestDatabase()
  owned.defer(() => database.drop())
  const log = createLog('silent').forSlice('test')
  const pipeline = createPipeline({
    target: database.target,
    sql: database.sql,
    bus: createBus(),
    clock: { nowMs: () => NOW_MS },
    counters: createCounters(),
    log,
  })
  owned.use(pipeline)
  api = await startReadApi(database.sql, {
    ingest: ingestRoutes(pipeline, log),
    describeSpan: describeStoredSpan,
  })
  owned.use(api)
})
afterAll(() => owned.disposeAsync())

async function send(spanId: string, startMs: number): Promise<void> {
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
  const messages = [{ role: 'user', parts: [{ type: 'text', content: 'Grüße 🙂' }] }]
  const span = {
    traceId: TRACE,
    spanId,
    name: 'chat gpt-4o-mini',
    kind: 3,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 1_500}000000`,
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.provider.name', 'openai'),
      text('gen_ai.request.model', 'gpt-4o-mini'),
      text('gen_ai.input.messages', JSON.stringify(messages)),
      text('tenant', 'acme'),
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '3' } },
    ],
  }
  const resource = { attributes: [text('service.name', 'shop')] }
  const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }
  const response = await fetch(`${api.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
}

test('a whole span reads its messages and attributes from the body', async () => {
  await send('eee19b7ec3c1b174', NOW_MS - 60_000)

  const { status, body } = await api.get<Span>(`/traces/${TRACE}/spans/eee19b7ec3c1b174`)

  expect(status, JSON.stringify(body)).toBe(200)
  expect(Span.parse(body)).toMatchObject({
    spanId: 'eee19b7ec3c1b174',
    durationMs: 1_500,
    inputTokens: 12,
    service: 'shop',
    inputMessages: [{ role: 'user', parts: [{ type: 'text', content: 'Grüße 🙂' }] }],
    attributes: { tenant: 'acme' },
    resource: { 'service.name': 'shop' },
  })
  expect(body.cost.totalUsd).toBeGreaterThan(0)
})

test('an attribute filter finds what ingest hashed, and a summary equals its whole span', async () => {
  await send('eee19b7ec3c1b175', NOW_MS - 50_000)

  const list = await api.get<SpanList>('/spans', { f: ['attr.tenant:eq:acme', 'service:eq:shop'] })
  const summary = list.body.items.find((item) => item.spanId === 'eee19b7ec3c1b175')
  const whole = await api.get<Span>(`/traces/${TRACE}/spans/eee19b7ec3c1b175`)

  expect(summary).toBeDefined()
  const { cost: _, ...narrow } = summary ?? { cost: null }
  expect(whole.body).toMatchObject(narrow)
  expect(whole.body.cost.totalUsd).toBe(summary?.cost.totalUsd)
})

test('a quarantined span is readable by its id', async () => {
  await send('eee19b7ec3c1b176', 1_000)

  const whole = await api.get<Span>(`/traces/${TRACE}/spans/eee19b7ec3c1b176`)
  const list = await api.get<SpanList>('/spans', { from: 0, to: 3_600_000 })

  expect(whole.status, JSON.stringify(whole.body)).toBe(200)
  expect(whole.body.startTime).toBe(1_000)
  expect(list.body.items).toEqual([])
})

test('a span that is not there, or in another project, is a 404', async () => {
  await send('eee19b7ec3c1b177', NOW_MS - 40_000)

  const unknown = await api.get<ApiError>(`/traces/${TRACE}/spans/eee19b7ec3c1b199`)
  const foreign = await api.get<ApiError>(`/traces/${TRACE}/spans/eee19b7ec3c1b177`, {
    project: 'other',
  })

  expect(unknown.status).toBe(404)
  expect(foreign.status).toBe(404)
  expect(foreign.body.error).toMatchObject({ code: 'not_found' })
})
