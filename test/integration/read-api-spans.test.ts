import { afterAll, beforeAll, expect, test } from 'vitest'
import { SpanList, type ApiError, type TraceList } from '../../server/contract/index.ts'
import { attributeHash } from '../../server/spans/attribute-hash.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }
const SECOND_US = 1_000_000

let database: TestDatabase
let api: ReadApi

/** Three spans that differ in everything a filter can look at. */
const CHAT = spanRecord({
  spanId: 'ffffffffffffff01',
  name: 'chat llama3.2:3b',
  requestModel: 'llama3.2:3b',
  model: 'llama3.2:3b',
  provider: 'ollama',
  environment: 'prod',
  release: '1.2.0',
  userId: 'ann',
  sessionId: 's-1',
  promptName: 'triage',
  tags: ['vip', 'eu,west'],
  task: 'chat',
  durationUs: 2 * SECOND_US,
  ttftUs: 250_000,
  costNanoUsd: 5_000_000,
  usage: { ...spanRecord().usage, input: 900, output: 100 },
  attributeHashes: [attributeHash('tenant', 'acme'), attributeHash('n', '5')],
})
const FAILED = spanRecord({
  name: 'chat gpt-4o',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  model: 'gpt-4o-2024-08-06',
  startUs: NOON_MS * 1_000 + SECOND_US,
  durationUs: 500_000,
  costNanoUsd: null,
  status: 'error',
  errorType: 'RateLimitError',
  errorMessage: 'slow down',
  errorStatusCode: 429,
  usage: { ...spanRecord().usage, input: null, output: null },
})
const TOOL = stepRecord({
  name: 'get_weather',
  type: 'tool',
  service: 'tools',
  toolName: 'get_weather',
  startUs: NOON_MS * 1_000 + 2 * SECOND_US + 7,
  durationUs: null,
})

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startReadApi(database.sql)
  await storeSpans(database, [CHAT, FAILED, TOOL], {
    bodyOf: (record): Record<string, string> =>
      record === CHAT ? { tenant: 'acme', n: '5', prompt: 'Wo ist meine Bestellung?' } : {},
  })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database.drop()
})

async function found(f: string | string[]): Promise<SpanRecord[]> {
  const { status, body } = await api.get<SpanList>('/spans', { ...HOUR, f })
  expect(status, JSON.stringify(body)).toBe(200)
  const known = [CHAT, FAILED, TOOL]
  return body.items.flatMap((item) => known.find(({ spanId }) => spanId === item.spanId) ?? [])
}

test('spans are listed newest first, as the contract shapes them', async () => {
  const { body } = await api.get<SpanList>('/spans', HOUR)

  const { items } = SpanList.parse(body)
  expect(items.map((item) => item.name)).toEqual([TOOL.name, FAILED.name, CHAT.name])
  expect(items[0]).toMatchObject({ startTime: NOON_MS + 2_000.007, durationMs: null })
  expect(items[1]).toMatchObject({
    status: 'error',
    error: { type: 'RateLimitError', message: 'slow down', statusCode: 429 },
    model: 'gpt-4o-2024-08-06',
    cost: { totalUsd: null },
  })
  expect(items[2]).toMatchObject({
    traceId: CHAT.traceId,
    spanId: 'ffffffffffffff01',
    parentSpanId: null,
    otelKind: 'CLIENT',
    durationMs: 2_000,
    ttftMs: 250,
    inputTokens: 900,
    countsTokens: true,
    tags: ['vip', 'eu,west'],
    cost: { totalUsd: 0.005, source: 'price-book' },
    status: 'ok',
    error: null,
  })
})

test.each<[string, SpanRecord[]]>([
  ['model:eq:llama3.2:3b', [CHAT]],
  ['model:ne:llama3.2:3b', [TOOL, FAILED]],
  ['model:in:llama3.2:3b,gpt-4o-2024-08-06', [FAILED, CHAT]],
  ['model:exists:', [FAILED, CHAT]],
  ['model:exists:false', [TOOL]],
  ['model:has:LLAMA', [CHAT]],
  ['model:in:none,never', []],
  ['name:has:%', []],
  ['name:eq:get_weather', [TOOL]],
  ['tool:eq:get_weather', [TOOL]],
  ['type:eq:tool', [TOOL]],
  ['type:in:tool,agent', [TOOL]],
  ['task:eq:chat', [CHAT]],
  ['task:exists:false', [TOOL, FAILED]],
  ['service:has:SUPPORT', [FAILED, CHAT]],
  ['environment:ne:prod', [TOOL, FAILED]],
  ['environment:exists:', [CHAT]],
  ['release:in:1.2.0,2', [CHAT]],
  ['release:exists:false', [TOOL, FAILED]],
  ['provider:has:LAM', [CHAT]],
  ['provider:exists:false', [TOOL]],
  ['operation:eq:chat', [FAILED, CHAT]],
  ['service:ne:tools', [FAILED, CHAT]],
  ['environment:eq:prod', [CHAT]],
  ['release:eq:1.2.0', [CHAT]],
  ['provider:eq:ollama', [CHAT]],
  ['operation:exists:true', [FAILED, CHAT]],
  ['status:eq:error', [FAILED]],
  ['status:ne:error', [TOOL, CHAT]],
  ['status:in:ok,error', [TOOL, FAILED, CHAT]],
  ['error.type:eq:RateLimitError', [FAILED]],
  ['status:in:error', [FAILED]],
  ['status:in:ok', [TOOL, CHAT]],
  ['status:eq:neither', []],
  ['status:exists:', [TOOL, FAILED, CHAT]],
  ['error.type:has:ratelimit', [FAILED]],
  ['error.type:exists:false', [TOOL, CHAT]],
  ['user:eq:ann', [CHAT]],
  ['user:in:ann,bob', [CHAT]],
  ['user:exists:false', [TOOL, FAILED]],
  ['session:has:S-', [CHAT]],
  ['session:exists:', [CHAT]],
  ['session:eq:s-1', [CHAT]],
  ['prompt:eq:triage', [CHAT]],
  ['prompt:ne:triage', [TOOL, FAILED]],
  ['prompt:has:TRI', [CHAT]],
  ['prompt:exists:false', [TOOL, FAILED]],
  ['tag:eq:vip', [CHAT]],
  ['tag:exists:', [CHAT]],
  ['tag:has:eu,west', [CHAT]],
  ['tag:in:none,eu%2Cwest', [CHAT]],
  ['tag:ne:vip', [TOOL, FAILED]],
  ['tag:exists:false', [TOOL, FAILED]],
  ['latency:gt:500', [CHAT]],
  ['latency:gte:500', [FAILED, CHAT]],
  ['latency:lt:2000', [FAILED]],
  ['latency:in:500,2000', [FAILED, CHAT]],
  ['latency:exists:false', [TOOL]],
  ['latency:lte:500', [FAILED]],
  ['latency:ne:500', [TOOL, CHAT]],
  ['ttft:lte:250', [CHAT]],
  ['ttft:gt:250', []],
  ['ttft:exists:false', [TOOL, FAILED]],
  ['cost:eq:0.005', [CHAT]],
  ['cost:gt:0.005', []],
  ['cost:in:0.005,1', [CHAT]],
  ['cost:exists:false', [TOOL, FAILED]],
  ['tokens:eq:1000', [CHAT]],
  ['tokens:gte:1000', [CHAT]],
  ['tokens:exists:false', [TOOL, FAILED]],
  ['attr.tenant:eq:acme', [CHAT]],
  ['attr.n:in:4,5', [CHAT]],
  ['attr.tenant:eq:umbrella', []],
  ['attr.tenant:ne:acme', [TOOL, FAILED]],
  ['attr.tenant:has:CM', [CHAT]],
  ['attr.tenant:exists:', [CHAT]],
  ['attr.tenant:exists:false', [TOOL, FAILED]],
  ['text:has:meine bestellung', [CHAT]],
  ['text:eq:WO IST', [CHAT]],
  ['text:has:GET_weather', [TOOL]],
  ['text:has:nobody says this', []],
])('the filter %s keeps just its spans', async (term, expected) => {
  expect((await found(term)).map((span) => span.name)).toEqual(expected.map((span) => span.name))
  // Each span is a trace of its own here; what a trace has of tokens is a sum, and so never missing.
  if (term.startsWith('tokens:exists')) return
  const { body } = await api.get<TraceList>('/traces', { ...HOUR, f: term })
  expect(body.items.map((item) => item.name)).toEqual(expected.map((span) => span.name))
})

test('all terms of a filter must hold', async () => {
  expect(await found(['status:eq:ok', 'type:eq:llm'])).toEqual([CHAT])
})

test.each([
  "' OR 1=1 --",
  '$1',
  ';drop table spans',
  "'; drop table spans; --",
  '\\',
  '{}',
  '"',
  '\u0000',
  '\ud800',
  '%',
  '{"a":1}',
  ',',
])('the value %j is a value and nothing more', async (value) => {
  for (const field of ['name', 'type', 'model', 'status', 'tag', 'error.type', 'attr.tenant']) {
    for (const op of ['eq', 'in']) expect(await found(`${field}:${op}:${value}`)).toEqual([])
  }
  // The first colon ends the field, so a key holds none.
  expect(await found(`attr.${value.replaceAll(':', '')}:eq:acme`)).toEqual([])
  const [row] = await database.sql<{ spans: number }[]>`select count(*) as spans from spans`
  expect(row?.spans).toBe(3)
})

test.each([
  ['colour:eq:red', 'term 1'],
  ['name:like:a', 'position 5'],
  ['name:gt:a', "no operator 'gt'"],
  ['latency:gt:fast', 'compared with a number'],
  ['latency:gt:1e400', 'compared with a number'],
  ['cost:has:1', "no operator 'has'"],
  ['attr.tenant:gt:acme', 'use eq ne in has exists'],
  ['attr.tenant:exists:maybe', 'true or false'],
  ['attr.tenant:has:', 'say which text'],
  ['model:exists:maybe', 'true or false'],
  ['text:gt:hello', 'use has eq'],
  ['text:has:', 'say which text'],
  ['score.quality:gt:high', 'compared with a number'],
  ['name', 'field:op:value'],
])('the filter %s is refused with its place', async (term, message) => {
  for (const path of ['/spans', '/traces']) {
    const { status, body } = await api.get<ApiError>(path, { ...HOUR, f: term })

    expect({ path, status }).toEqual({ path, status: 422 })
    expect(body.error).toMatchObject({ code: 'invalid_value', field: 'f' })
    expect(body.error.message).toContain(message)
    expect(body.error.requestId).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('hundreds of terms are refused at the first one too many', async () => {
  const f = Array.from({ length: 900 }, () => 'name:eq:a')

  const { status, body } = await api.get<ApiError>('/spans', { f })

  expect(status).toBe(422)
  expect(body.error.message).toContain('term 21')
})

test.each([
  ['ten years', { from: 0, to: NOON_MS }],
  ['an end before the start', { from: NOON_MS, to: NOON_MS - 1 }],
])('%s: narrow the range', async (_, range) => {
  for (const path of ['/spans', '/traces']) {
    const { status, body } = await api.get<ApiError>(path, range)

    expect({ path, status }).toEqual({ path, status: 422 })
    expect(body.error.message).toContain('narrow the range')
  }
})

test('pages of spans follow each other without gap or repeat, equal starts too', async () => {
  const records = Array.from({ length: 11 }, (_, at) =>
    spanRecord({ startUs: NOON_MS * 1_000 + Math.floor(at / 4), service: 'paged' }),
  )
  await storeSpans(database, records, 'paged')

  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body }: { body: SpanList } = await api.get<SpanList>('/spans', {
      ...HOUR,
      project: 'paged',
      limit: 3,
      cursor,
    })
    seen.push(...body.items.map((item) => item.spanId))
    cursor = body.nextCursor
  }

  expect(seen).toHaveLength(11)
  expect(new Set(seen)).toEqual(new Set(records.map((record) => record.spanId)))
})

test.each([
  ['/spans', { cursor: 'rubbish' }, 400, 'cursor'],
  ['/traces', { cursor: 'bnVsbA' }, 400, 'cursor'],
  ['/spans', { limit: '1001' }, 422, 'limit'],
  ['/traces', { sort: 'name' }, 422, 'sort'],
  ['/traces', { project: '../etc' }, 422, 'project'],
  ['/traces/xyz', {}, 400, 'traceId'],
  [`/traces/${'0'.repeat(32)}/spans/1`, {}, 400, 'spanId'],
])('%s with %j answers %i and names %s', async (...[path, params, status, field]) => {
  const answer = await api.get<ApiError>(path, params as Record<string, string>)

  expect(answer.status).toBe(status)
  expect(answer.body.error.field).toBe(field)
})
