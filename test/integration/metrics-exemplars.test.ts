import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import { ExemplarList, MetricResult } from '../../server/contract/index.ts'
import { createBus } from '../../server/live/bus.ts'
import { createLog } from '../../server/platform/log.ts'
import { metricRoutes } from '../../server/rollups/routes.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import { traceRows } from '../../server/spans/trace-rows.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, storeSpans } from '../support/span-factory.ts'
import { spansOf, tickets } from './explain-traces.ts'

const MINUTE_MS = 60_000
const RANGE = { from: NOON_MS, to: NOON_MS + 60 * MINUTE_MS }

let database: TestDatabase
let api: ReadApi
let spans: SpanRecord[]
beforeAll(async () => {
  database = await createTestDatabase()
  spans = tickets({ fromMs: NOON_MS - 600_000, toMs: RANGE.to, count: 400, seed: 8 }).flatMap(
    spansOf,
  )
  await storeSpans(database, spans)
  const config = loadConfig({ SIGHTLINE_LOG_LEVEL: 'silent' })
  const context = { config, sql: database.sql, bus: createBus(), log: createLog('silent') }
  api = await startReadApi(database.sql, {
    api: [metricRoutes(context, { spanConditions, traceRows })],
  })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database.drop()
})

type Params = Record<string, string | number | string[]>

async function exemplars(params: Params = {}): Promise<ExemplarList> {
  const answer = await api.get('/metrics/exemplars', { ...RANGE, step: '5m', ...params })
  expect(answer).toMatchObject({ status: 200 })
  return ExemplarList.parse(answer.body)
}

function callsOf(bucketMs: number, stepMs: number, keep: (span: SpanRecord) => boolean) {
  return spans.filter((span) => {
    const endMs = span.endUs / 1_000
    return span.countsTokens && endMs >= bucketMs && endMs < bucketMs + stepMs && keep(span)
  })
}

test('each bucket has its slowest call and one other of it, in the bucket of their ends', async () => {
  const { items, storedThrough } = await exemplars()

  const byBucket = Map.groupBy(items, (item) => item.t)
  expect([...byBucket.keys()].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 12 }, (_, i) => RANGE.from + i * 5 * MINUTE_MS),
  )
  for (const [t, dots] of byBucket) {
    const calls = callsOf(t, 5 * MINUTE_MS, () => true)
    const slowest = Math.max(...calls.map((call) => call.durationUs ?? 0)) / 1_000
    expect(dots.map((dot) => dot.kind).toSorted()).toEqual(['random', 'slowest'])
    expect(dots.find((dot) => dot.kind === 'slowest')?.value).toBe(slowest)
    for (const dot of dots) {
      const call = calls.find((one) => one.traceId === dot.traceId && one.spanId === dot.spanId)
      expect(dot).toMatchObject({
        value: (call?.durationUs ?? NaN) / 1_000,
        at: (call?.endUs ?? NaN) / 1_000,
      })
    }
  }
  expect(storedThrough).toBeGreaterThan(RANGE.to)
})

test('the same question has the same answer', async () => {
  expect((await exemplars()).items).toEqual((await exemplars()).items)
})

test('a filter, and the first token, choose other calls', async () => {
  const { items } = await exemplars({ metric: 'ttft', f: ['model:eq:gpt-5-mini'] })

  expect(items.length).toBeGreaterThan(12)
  for (const { traceId, spanId, value } of items) {
    const call = spans.find((span) => span.traceId === traceId && span.spanId === spanId)
    expect(call).toMatchObject({ model: 'gpt-5-mini', ttftUs: value * 1_000 })
  }
})

test('with many buckets neighbours share theirs, each dot in its own', async () => {
  const from = RANGE.from - 60 * MINUTE_MS
  const { items } = await exemplars({ from, step: '1m' })

  expect(items.length).toBeGreaterThan(30)
  expect(items.length).toBeLessThanOrEqual(120)
  for (const { t, at } of items) expect(Math.floor(at / MINUTE_MS) * MINUTE_MS).toBe(t)
})

test('a bucket of one call has one dot', async () => {
  await storeSpans(database, [spanRecord({ startUs: NOON_MS * 1_000 })], 'single')

  const { items } = await exemplars({ project: 'single', step: 'all' })

  expect(items).toMatchObject([{ t: NOON_MS, kind: 'slowest', value: 1_000 }])
})

test('a metric of no single call is refused', async () => {
  expect(await api.get('/metrics/exemplars', { metric: 'cost' })).toMatchObject({
    status: 422,
    body: { error: { field: 'metric' } },
  })
})

test('GET /metrics counts calls, or traces where it is asked to', async () => {
  const ask = async (params: Params) => {
    const answer = await api.get('/metrics', {
      metric: 'requests',
      step: 'all',
      ...RANGE,
      ...params,
    })
    expect(answer.status).toBe(200)
    return MetricResult.parse(answer.body)
  }
  const roots = spans.filter(
    ({ parentSpanId, endUs }) => parentSpanId === null && endUs >= RANGE.from * 1_000,
  )
  const within = roots.filter(({ endUs }) => endUs < RANGE.to * 1_000)

  const calls = await ask({})
  const traces = await ask({ scope: 'trace' })

  expect(calls).toMatchObject({ scope: 'call', source: 'rollups' })
  expect(traces).toMatchObject({ scope: 'trace', source: 'spans', unit: '1' })
  expect(traces.series[0]?.points[0]?.value).toBe(within.length)
  expect(calls.series[0]?.points[0]?.value).toBeGreaterThan(within.length)
  expect(await api.get('/metrics', { metric: 'requests', scope: 'span' })).toMatchObject({
    status: 422,
    body: { error: { field: 'scope', message: expect.stringContaining('call trace') } },
  })
})
