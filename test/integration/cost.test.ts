import { afterAll, beforeAll, expect, test } from 'vitest'
import { MetricResult, Span, TraceDetail } from '../../server/contract/index.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const TRACE = 'a'.repeat(32)
const SPAN = 'b'.repeat(16)
const CLAUDE = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-sonnet-4-5',
}
let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

async function send(project: string, attributes: Record<string, string | number>): Promise<void> {
  const startMs = Date.now() - 2_000
  const span = { traceId: TRACE, spanId: SPAN, name: 'chat', startMs, endMs: startMs + 1_000 }
  const body = encodeTraces({ spans: [{ ...span, attributes }] })
  await postTraces(server.url, body, { headers: { 'x-sightline-project': project } })
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`)
  expect(response.status).toBe(200)
  return response.json()
}

async function sumOf(project: string, metric: string): Promise<number | null | undefined> {
  const answer = await get(`/metrics?project=${project}&metric=${metric}&step=all`)
  return MetricResult.parse(answer).series[0]?.points[0]?.value
}

test('the worked example is 448,200 nano-USD in its span, its trace and the chart', async () => {
  await send('worked', {
    ...CLAUDE,
    'gen_ai.usage.input_tokens': 109,
    'gen_ai.usage.cache_read.input_tokens': 64,
    'gen_ai.usage.cache_creation.input_tokens': 12,
    'gen_ai.usage.output_tokens': 19,
    'gen_ai.usage.cost': 0.00039,
  })

  const { cost } = Span.parse(await get(`/traces/${TRACE}/spans/${SPAN}?project=worked`))
  const trace = TraceDetail.parse(await get(`/traces/${TRACE}?project=worked`))

  expect(cost).toMatchObject({ totalUsd: 0.0004482, senderUsd: 0.00039, reason: null })
  expect(cost.source).toBe('price-book')
  expect(cost.priceVersion).toMatch(/^genai-prices@/)
  expect(cost.buckets.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(0.0004482, 12)
  expect(trace.totals.cost.totalUsd).toBe(0.0004482)
  expect(await sumOf('worked', 'cost')).toBe(0.0004482)
})

test('what is kept in the cache for an hour is told apart, and stands in the row', async () => {
  await send('hourly', {
    ...CLAUDE,
    'gen_ai.usage.input_tokens': 450,
    'gen_ai.usage.cache_read.input_tokens': 100,
    'gen_ai.usage.cache_creation.input_tokens': 250,
    'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 200,
    'gen_ai.usage.output_tokens': 10,
  })

  const span = Span.parse(await get(`/traces/${TRACE}/spans/${SPAN}?project=hourly`))
  const [row] = await server.sql`
    select cache_write_tokens, cache_write_1h_tokens, cost_nano_usd from spans
    where project_id = 'hourly'`

  expect(span.cacheWriteTokens).toBe(250)
  expect(span.cost.buckets).toMatchObject([
    { kind: 'cache_read', tokens: 100, pricePerMTok: 0.3 },
    { kind: 'cache_write_1h', tokens: 200, pricePerMTok: 6 },
    { kind: 'cache_write', tokens: 50, pricePerMTok: 3.75 },
    { kind: 'input', tokens: 100, pricePerMTok: 3 },
    { kind: 'output', tokens: 10, pricePerMTok: 15 },
  ])
  expect(row).toEqual({
    cacheWriteTokens: 250,
    cacheWrite1hTokens: 200,
    costNanoUsd: 1_867_500,
  })
})

test('an impossible count is told on its span, and in no sum', async () => {
  await send('impossible', {
    ...CLAUDE,
    'gen_ai.usage.input_tokens': 1e15,
    'gen_ai.usage.output_tokens': 19,
  })

  const span = Span.parse(await get(`/traces/${TRACE}/spans/${SPAN}?project=impossible`))

  expect(span.cost).toMatchObject({ totalUsd: null, reason: 'implausible_usage', buckets: [] })
  expect(span.warnings).toEqual(['implausible usage: inputTokens is 1000000000000000'])
  expect(await sumOf('impossible', 'tokens_input')).toBe(0)
  expect(await sumOf('impossible', 'cost')).toBe(0)
})

test('a call of another tier says that its cost is that of the standard one', async () => {
  await send('tier', {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 10,
    'openai.response.service_tier': 'flex',
  })

  const { cost, warnings } = Span.parse(await get(`/traces/${TRACE}/spans/${SPAN}?project=tier`))

  expect(cost.totalUsd).toBe(0.000225)
  expect(warnings).toEqual(["service tier 'flex': the cost is that of the standard tier"])
})
