import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExplainResult, type TraceList } from '../../server/contract/index.ts'
import { explainRoutes } from '../../server/explain/routes.ts'
import { createBus } from '../../server/live/bus.ts'
import { loadConfig } from '../../server/config.ts'
import { createLog } from '../../server/platform/log.ts'
import { describeStoredSpan } from '../../server/ingest/describe.ts'
import { readChunkSpans } from '../../server/ingest/read-chunk-spans.ts'
import { traceRoutes } from '../../server/spans/routes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, storeSpans } from '../support/span-factory.ts'
import { spansOf, tickets, type Ticket } from './explain-traces.ts'

const HOUR_MS = 3_600_000
const RANGE = { from: NOON_MS, to: NOON_MS + HOUR_MS }

let database: TestDatabase
let api: ReadApi
beforeAll(async () => {
  database = await createTestDatabase()
  const config = loadConfig({ SIGHTLINE_LOG_LEVEL: 'silent' })
  const context = { config, sql: database.sql, bus: createBus(), log: createLog('silent') }
  api = await startReadApi(database.sql, {
    api: [
      explainRoutes(context),
      traceRoutes(context, { describeSpan: describeStoredSpan, readChunk: readChunkSpans }),
    ],
  })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database.drop()
})

/** An hour as usual, then one in which `change` was made to each ticket; in a project of its own. */
async function storeChange(
  project: string,
  change: (ticket: Ticket, random: () => number) => void,
  count = 400,
): Promise<void> {
  const before = tickets({ fromMs: NOON_MS - HOUR_MS, toMs: NOON_MS, count, seed: 11 })
  const now = tickets({ fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS, count, seed: 22 }, change)
  await storeSpans(database, [...before, ...now].flatMap(spansOf), project)
}

async function explain(
  project: string,
  params: Record<string, string | number | string[]> = {},
): Promise<ExplainResult> {
  const answer = await api.get('/explain', { project, scope: 'trace', ...RANGE, ...params })
  expect(answer).toMatchObject({ status: 200 })
  return ExplainResult.parse(answer.body)
}

function named(result: ExplainResult): string[] {
  return result.items.map(({ field, value }) => `${field}:${value}`)
}

test('a tool that became slow is named first and explains nearly all of the growth', async () => {
  await storeChange('slow-tool', (ticket) => {
    ticket.toolMs += 3_000
  })

  const result = await explain('slow-tool', { metric: 'latency_p95' })

  expect(result.items[0]).toMatchObject({ field: 'tool', value: 'search_kb' })
  expect(result.items[0]?.contribution).toBeGreaterThanOrEqual(0.8)
  expect(named(result)).not.toContain('step:execute_tool search_kb')
  expect(result.items.slice(1).every((item) => item.contribution < 0.3)).toBe(true)
  expect(result).toMatchObject({
    n: 400,
    nBaseline: 400,
    isComplete: true,
    baselineFrom: NOON_MS - HOUR_MS,
    baselineTo: NOON_MS,
  })
  expect(result.worse).toMatch(/^traces that took longer than [\d,]+ ms, the p95 of the baseline$/)
})

test('the filter lists exactly the worse part', async () => {
  await storeChange('listed', (ticket, random) => {
    if (random() < 0.3) ticket.toolMs += 3_000
  })

  for (const metric of ['latency_p95', 'cost', 'tokens_total', 'errors', 'ttft_p95', 'requests']) {
    const result = await explain('listed', { metric })
    const { body } = await api.get<TraceList>('/traces', {
      project: 'listed',
      ...RANGE,
      f: result.f,
      limit: 1_000,
    })
    expect({ metric, listed: body.items.length }).toEqual({ metric, listed: result.nWorse })
  }
})

test('a slow model is named before what it does not make slower', async () => {
  await storeChange('slow-model', (ticket) => {
    if (ticket.model === 'claude-haiku-4-5') ticket.answerMs += 3_000
  })

  const result = await explain('slow-model', { metric: 'latency_p95' })
  const [first] = result.items

  expect(first).toMatchObject({ field: 'model', value: 'claude-haiku-4-5' })
  expect(first?.contribution).toBeGreaterThanOrEqual(0.8)
  expect(first?.share).toBeGreaterThan(0.8)
  expect(first?.baselineShare).toBeCloseTo(0.4, 1)
})

test('errors of one release name the release', async () => {
  await storeChange('bad-release', (ticket, random) => {
    if (ticket.release === '1.9.0' && random() < 0.4) ticket.failed = 'answer'
  })

  const result = await explain('bad-release', { metric: 'error_rate' })

  expect(result.items[0]).toMatchObject({ field: 'release', value: '1.9.0' })
  expect(result.items[0]?.contribution).toBeGreaterThan(0.4)
  expect(result.f).toEqual(['status:eq:error'])
})

test('of failures the step that failed is blamed, not those about it', async () => {
  await storeChange('failing-tool', (ticket, random) => {
    if (random() < 0.3) ticket.failed = 'tool'
  })

  const result = await explain('failing-tool', { metric: 'errors' })

  expect(result.items[0]).toMatchObject({ field: 'tool', value: 'search_kb' })
  expect(result.items[0]?.contribution).toBeGreaterThan(0.8)
  expect(named(result)).not.toContain('step:answer_ticket')
})

test('where nothing changed nothing is blamed', async () => {
  await storeChange('same', () => undefined)

  for (const metric of ['latency_p95', 'error_rate', 'cost', 'tokens_total', 'ttft_p95']) {
    const { items } = await explain('same', { metric })
    expect({ metric, blamed: items.filter((item) => item.contribution >= 0.3) }).toEqual({
      metric,
      blamed: [],
    })
  }
})

test('a handful of traces blames nothing', async () => {
  await storeChange(
    'few',
    (ticket) => {
      ticket.toolMs += 3_000
    },
    4,
  )

  const result = await explain('few', { metric: 'latency_p95' })

  expect(result).toMatchObject({ n: 4, nBaseline: 4, items: [] })
})

test('calls are explained by what they carry', async () => {
  await storeChange('calls', (ticket) => {
    if (ticket.release === '1.9.0') ticket.answerMs += 6_000
  })

  const result = await explain('calls', { scope: 'call', metric: 'latency_p95' })

  expect(result.items[0]).toMatchObject({ field: 'release', value: '1.9.0' })
  expect(result.f).toEqual(['type:in:llm,embedding', expect.stringMatching(/^latency:gt:\d+$/)])
  expect(result.n).toBe(800)
})

test('an own filter stays part of what lists the worse part', async () => {
  const result = await explain('slow-tool', { metric: 'latency_p95', f: ['release:eq:1.9.0'] })

  expect(result.f).toEqual(['release:eq:1.9.0', expect.stringMatching(/^latency:gt:/)])
  expect(result.n).toBeLessThan(400)
  expect(result.items[0]).toMatchObject({ field: 'tool', value: 'search_kb' })
})

test('a range without traces, and one without a baseline, are answered', async () => {
  await storeSpans(database, [spanRecord()], 'one')

  expect(await explain('nobody')).toMatchObject({ n: 0, nBaseline: 0, nWorse: 0, items: [] })
  expect(await explain('one')).toMatchObject({ n: 1, nBaseline: 0, items: [] })
})

test('what cannot be explained is refused with the value at fault', async () => {
  const ask = (params: Record<string, string | number>) => api.get('/explain', params)

  expect(await ask({ metric: 'cache_hit_rate' })).toMatchObject({
    status: 422,
    body: { error: { field: 'metric', message: expect.stringContaining('latency_p95') } },
  })
  expect(await ask({ metric: 'speed' })).toMatchObject({ status: 422 })
  expect(await ask({ baselineFrom: 2_000, baselineTo: 1_000 })).toMatchObject({
    status: 422,
    body: { error: { field: 'baselineTo' } },
  })
  expect(await ask({ f: 'bogus' })).toMatchObject({ status: 422, body: { error: { field: 'f' } } })
})
