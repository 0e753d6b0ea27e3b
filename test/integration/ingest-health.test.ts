import { afterAll, beforeAll, expect, test } from 'vitest'
import { IngestHealth } from '../../server/contract/index.ts'
import { encodeTraces, type SpanInput, type TracesInput } from '../support/otlp-encode.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

let made = 0
function chat(overrides: Partial<SpanInput> = {}): SpanInput {
  made += 1
  return {
    traceId: made.toString(16).padStart(32, 'e'),
    spanId: made.toString(16).padStart(16, 'f'),
    name: 'chat',
    startMs: Date.now() - 900,
    endMs: Date.now(),
    ...overrides,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 2,
      ...overrides.attributes,
    },
  }
}

async function send(project: string, traces: TracesInput): Promise<void> {
  await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': project },
    body: new Uint8Array(encodeTraces(traces)),
  })
}

async function healthOf(project: string): Promise<IngestHealth> {
  const answer = await fetch(`${server.url}/api/v1/ingest/health?project=${project}`)
  expect(answer.status).toBe(200)
  return IngestHealth.parse(await answer.json())
}

const shop = { 'service.name': 'shop', 'service.version': '1.2.3' }

test('of a project that has sent nothing is empty and whole', async () => {
  const health = await healthOf('nobody')

  expect(health).toMatchObject({
    acceptedPerSecond: 0,
    rejectedPerSecond: 0,
    rejected: [],
    dropped: 0,
    lagP95Ms: null,
    queuedSpans: 0,
    sources: [],
    rejectSamples: [],
    clockSkew: [],
  })
  expect(health.minutes).toHaveLength(60)
  expect(health.disk.databaseBytes).toBeGreaterThan(1_000_000)
  expect(health.coverage.every(({ n, share }) => n === 0 && share === 0)).toBe(true)
})

test('tells rates, refusals with samples, who sends, and what the calls carry', async () => {
  await send('busy', {
    resource: { ...shop, 'sightline.sdk.instance': 'i', 'sightline.sdk.dropped': 7 },
    spans: [
      chat({ attributes: { 'user.id': 'u' } }),
      chat(),
      chat(),
      chat({ spanId: '0'.repeat(16) }),
    ],
  })

  const health = await healthOf('busy')

  expect(health.rejected).toEqual([{ reason: 'invalid_span_id', records: 1, requests: 0 }])
  expect(health.dropped).toBe(7)
  expect(health.acceptedPerSecond).toBeGreaterThan(0)
  expect(health.acceptedPerSecond).toBeCloseTo(health.rejectedPerSecond * 3)
  expect(health.minutes.reduce((sum, { received }) => sum + received, 0)).toBe(4)
  expect(health.lagP95Ms).not.toBeNull()
  expect(health.rejectSamples).toMatchObject([
    { reason: 'invalid_span_id', spanId: '0'.repeat(16) },
  ])
  expect(health.sources.reduce((sum, { received }) => sum + received, 0)).toBe(4)
  expect(health.sources[0]?.source).toEqual({
    dialect: 'gen-ai',
    sdk: 'test',
    sdkVersion: '1.0.0',
    service: 'shop',
  })
  const shares = Object.fromEntries(health.coverage.map(({ field, share }) => [field, share]))
  expect(shares).toMatchObject({
    service: 1,
    model: 1,
    tokens: 1,
    cost: 1,
    release: 1,
    environment: 0,
    sessionId: 0,
    promptName: 0,
  })
  expect(shares['userId']).toBeCloseTo(1 / 3)
  expect(health.cardinality).toContainEqual({
    field: 'model',
    values: 1,
    limit: null,
    folded: false,
  })
})

test('names a service whose clock is ahead', async () => {
  const ahead = Date.now() + 120_000
  await send('skewed', {
    resource: { 'service.name': 'early' },
    spans: [chat({ startMs: ahead, endMs: ahead + 10 })],
  })
  await send('skewed', { resource: shop, spans: [chat()] })

  const { clockSkew } = await healthOf('skewed')

  expect(clockSkew).toMatchObject([{ service: 'early', n: 1 }])
  expect(clockSkew[0]?.skewMs).toBeGreaterThan(60_000)
})
