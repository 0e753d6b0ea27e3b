import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveUpdate } from '../../server/contract/index.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { loadConfig } from '../../server/config.ts'
import { startServer } from '../../server/start.ts'
import { createTestDatabase } from '../support/database.ts'
import { spanRecord, storeSpans } from '../support/span-factory.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

type Sent = SpanInput & { scope: string; service: string }
type Attributes = NonNullable<SpanInput['attributes']>

const AT_MS = Date.now() - 10_000

/** A model call inside `parent`, over the time given as ms after AT_MS. */
function call(name: string, overrides: Partial<Sent> & { usage?: [number, number] } = {}): Sent {
  const { usage, attributes, ...rest } = overrides
  return {
    traceId: '1'.repeat(32),
    spanId: idOf(name),
    name,
    startMs: AT_MS,
    endMs: AT_MS + 1_000,
    scope: 'third-party',
    service: 'shop',
    ...rest,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      ...(usage && {
        'gen_ai.usage.input_tokens': usage[0],
        'gen_ai.usage.output_tokens': usage[1],
      }),
      ...attributes,
    },
  }
}

function step(name: string, overrides: Partial<Sent> = {}): Sent {
  return { ...call(name, overrides), attributes: {} }
}

function embedding(name: string, overrides: Parameters<typeof call>[1] = {}): Sent {
  const attributes: Attributes = {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.request.model': 'text-embedding-3-small',
    ...overrides.attributes,
  }
  return call(name, { ...overrides, attributes })
}

function idOf(name: string): string {
  return Buffer.from(name.padEnd(8, '.')).toString('hex').slice(0, 16)
}

type Case = { name: string; spans: Sent[]; counted: string[] }

const inA = { parentSpanId: idOf('a') }
const inB = { parentSpanId: idOf('b') }
const inC = { parentSpanId: idOf('c') }
const OWN = 'com.anthropic.sdk'
const answered = (id: string, extra: Attributes = {}): Partial<Sent> => ({
  attributes: {
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'gen_ai.response.id': id,
    ...extra,
  },
})

const CASES: Case[] = [
  {
    name: 'a call in a call: the inner one',
    spans: [call('a', { usage: [10, 2] }), call('b', { ...inA, usage: [10, 2] })],
    counted: ['b'],
  },
  {
    name: 'through steps that are no calls',
    spans: [
      call('a', { usage: [10, 2] }),
      step('b', inA),
      step('c', inB),
      call('d', { ...inC, usage: [10, 2] }),
      call('e', { ...inC, usage: [7, 1] }),
    ],
    counted: ['d', 'e'],
  },
  {
    name: 'only the outer one has usage: that one',
    spans: [call('a', { usage: [10, 2] }), step('b', inA), call('c', inB)],
    counted: ['a'],
  },
  {
    name: 'none has usage: the innermost',
    spans: [call('a'), call('b', inA), call('c', inB)],
    counted: ['c'],
  },
  {
    name: 'a failed try beside the one that was answered is a call of its own',
    spans: [
      call('a', { usage: [10, 2] }),
      call('b', { ...inA, status: { code: 2, message: '429' } }),
      call('c', { ...inA, usage: [10, 2] }),
    ],
    counted: ['b', 'c'],
  },
  {
    name: 'an embedding in an embedding',
    spans: [embedding('a', { usage: [9, 0] }), embedding('b', { ...inA, usage: [9, 0] })],
    counted: ['b'],
  },
  {
    name: 'an embedding with usage under an llm span: the llm span sums up',
    spans: [
      call('a', { usage: [19, 2] }),
      step('b', inA),
      embedding('c', { ...inB, usage: [9, 0] }),
    ],
    counted: ['c'],
  },
  {
    name: 'calls beside each other all count',
    spans: [step('a'), call('b', { ...inA, usage: [1, 1] }), call('c', { ...inA, usage: [2, 2] })],
    counted: ['b', 'c'],
  },
  {
    name: 'the spans of Anthropic’s own client in another trace: its own has the tokens',
    spans: [
      call('a', { usage: [33, 5], ...answered('msg_1') }),
      call('b', { ...answered('msg_1'), traceId: '2'.repeat(32), usage: [33, 5], scope: OWN }),
      call('c', { ...answered('msg_2'), traceId: '3'.repeat(32), usage: [4, 4], scope: OWN }),
      call('d', { ...answered('msg_1'), traceId: '4'.repeat(32), usage: [1, 1], service: 'other' }),
    ],
    counted: ['b', 'c', 'd'],
  },
  {
    name: 'its own span inside an instrumentation’s',
    spans: [
      call('a', { usage: [33, 5], ...answered('msg_1') }),
      call('b', { ...inA, ...answered('msg_1'), usage: [33, 5], scope: OWN }),
    ],
    counted: ['b'],
  },
  {
    name: 'Logfire’s record of a streamed answer beside its request',
    spans: [
      step('a'),
      call('b', inA),
      call('c', {
        ...inA,
        usage: [12, 8],
        startMs: AT_MS + 2_000,
        endMs: AT_MS + 2_000,
        attributes: { 'logfire.span_type': 'log' },
      }),
      call('d', { ...inA, usage: [3, 3] }),
    ],
    counted: ['c', 'd'],
  },
]

let projects = 0

/** Sends each list as one request and answers which spans count, with the sums of all. */
async function resultOf(requests: Sent[][]): Promise<unknown> {
  projects += 1
  const project = `nested-${projects}`
  for (const spans of requests) await send(project, spans)
  const traceIds = [...new Set(requests.flat().map(({ traceId }) => traceId))].toSorted()
  const traces = await Promise.all(
    traceIds.map((id) => read(`/api/v1/traces/${id}?project=${project}`)),
  )
  const spans = traces.flatMap(
    (trace) => trace['spans'] as { name: string; countsTokens: boolean; cost: unknown }[],
  )
  return {
    counted: spans.flatMap((span) => (span.countsTokens ? [span.name] : [])).toSorted(),
    costs: Object.fromEntries(spans.map(({ name, cost }) => [name, cost])),
    totals: traces.map((trace) => trace['totals']),
    metrics: await Promise.all(METRICS.map((metric) => metricOf(metric, project))),
  }
}

const METRICS = ['requests', 'tokens_input', 'tokens_output', 'cost', 'errors']

async function metricOf(metric: string, project: string): Promise<number> {
  const range = `from=${AT_MS - 600_000}&to=${AT_MS + 600_000}`
  const answer = await read(`/api/v1/metrics?metric=${metric}&step=all&project=${project}&${range}`)
  const series = answer['series'] as { points: { value: number }[] }[]
  return series[0]?.points[0]?.value ?? 0
}

async function read(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}${path}`)
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as Record<string, unknown>
}

async function send(project: string, spans: Sent[]): Promise<void> {
  const parts = [...Map.groupBy(spans, ({ scope, service }) => `${scope}|${service}`).values()]
  const bodies = parts.map((part) =>
    encodeTraces({
      resource: { 'service.name': part[0]?.service ?? '' },
      scope: { name: part[0]?.scope ?? '' },
      spans: part,
    }),
  )
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': project },
    body: new Uint8Array(Buffer.concat(bodies)),
  })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
}

describe('one call that several spans tell', () => {
  test.each(CASES)('$name, in whatever order they come', async ({ spans, counted }) => {
    const whole = await resultOf([spans])
    const forward = await resultOf(spans.map((span) => [span]))
    const backward = await resultOf(spans.map((span) => [span]).toReversed())
    const rotated = await resultOf([...spans.slice(1), ...spans.slice(0, 1)].map((span) => [span]))

    expect(whole).toMatchObject({ counted })
    expect(forward).toEqual(whole)
    expect(backward).toEqual(whole)
    expect(rotated).toEqual(whole)
  })

  test.each(CASES)(
    '$name, all sent at once in requests of their own',
    async ({ spans, counted }) => {
      projects += 1
      const project = `nested-${projects}`

      await Promise.all(spans.map((span) => send(project, [span])))

      const requests = await metricOf('requests', project)
      expect(requests).toBe(counted.length)
    },
  )
})

test('what a crash left unjudged is made good when the sender repeats itself', async () => {
  await using database = await createTestDatabase()
  const at = { startUs: AT_MS * 1_000, service: 'shop', traceId: '5'.repeat(32) }
  const outer = spanRecord({ ...at, spanId: idOf('a') })
  const inner = spanRecord({ ...at, spanId: idOf('b'), parentSpanId: idOf('a') })
  // Committed as ingest does, and nothing after it.
  await storeSpans(database, [outer, inner])
  const env = { DATABASE_URL: database.url, PORT: '0', OTLP_GRPC_PORT: 'off' }
  const settings = { ...env, SIGHTLINE_CANARY: 'off', SIGHTLINE_LOG_LEVEL: 'silent' }
  await using restarted = await startServer(loadConfig(settings))
  const spans = [call('b', { ...inA, traceId: at.traceId, usage: [100, 20] })]

  const answer = await fetch(`${restarted.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(encodeTraces({ spans })),
  })

  expect(answer.status).toBe(200)
  const trace = await fetch(`${restarted.url}/api/v1/traces/${at.traceId}`)
  expect(await trace.json()).toMatchObject({
    totals: { modelCalls: 1, usage: { inputTokens: 100, outputTokens: 20 } },
  })
  const range = `from=${AT_MS - 600_000}&to=${AT_MS + 600_000}`
  const metric = await fetch(`${restarted.url}/api/v1/metrics?metric=requests&step=all&${range}`)
  expect(await metric.json()).toMatchObject({ series: [{ points: [{ value: 1 }] }] })
})

test.each([
  ['third-party', 'sightline'],
  ['sightline', 'third-party'],
  ['sightline', 'sightline'],
])('a call of %s around one of %s counts once, whichever comes first', async (outer, inner) => {
  projects += 1
  const project = `nested-${projects}`
  // Begun after the server, so that it knows of every part of these traces.
  const at = { startMs: Date.now(), endMs: Date.now() + 1 }
  for (const isForward of [true, false]) {
    const traceId = (isForward ? '7' : '8').repeat(32)
    const a = call('a', { ...at, traceId, usage: [10, 2], scope: outer })
    const b = call('b', { ...at, ...inA, traceId, usage: [10, 2], scope: inner })
    for (const span of isForward ? [a, b] : [b, a]) await send(project, [span])
  }

  expect(await metricOf('requests', project)).toBe(2)
})

test('many nested calls at once, each span in a request of its own: committed together, judged all the same', async () => {
  projects += 1
  const project = `nested-${projects}`
  // Begun after the server, so that it knows of every part of these traces.
  const at = { startMs: Date.now(), endMs: Date.now() + 1 }
  const traces = Array.from({ length: 30 }, (_, n) => String(n + 1).padStart(32, '6'))

  await Promise.all(
    traces.flatMap((traceId) => [
      send(project, [call('a', { ...at, traceId, usage: [10, 2] })]),
      send(project, [call('b', { ...at, ...inA, traceId, usage: [10, 2] })]),
    ]),
  )

  expect(await metricOf('requests', project)).toBe(traces.length)
})

test('a page that looks on is told of what is corrected', async () => {
  projects += 1
  const project = `nested-${projects}`
  const socket = io(`${server.url}/live`, { transports: ['websocket'], reconnection: false })
  const points = new Map<string, number | null>()
  socket.on('update', ({ series }: LiveUpdate) => {
    for (const one of series) {
      for (const { t, value } of one.points) points.set(`${JSON.stringify(one.group)} ${t}`, value)
    }
  })
  const metrics = [{ metric: 'requests', step: '1m', groupBy: ['model'] }]
  const from = Math.floor(AT_MS / 60_000) * 60_000 - 600_000
  const ack: unknown = await socket.emitWithAck('subscribe', { id: 'p', project, from, metrics })
  expect(ack).toMatchObject({ ok: true })

  const outer = call('a', { usage: [10, 2], attributes: { 'gen_ai.request.model': 'gpt-5' } })
  await send(project, [outer])
  await eventually(() => expect(positive(points)).toEqual(['{"model":"gpt-5"}']))
  await send(project, [call('b', { ...inA, usage: [10, 2] })])

  await eventually(() => expect(positive(points)).toEqual(['{"model":"gpt-4o-mini"}']))
  socket.disconnect()
})

function positive(points: ReadonlyMap<string, number | null>): string[] {
  return [...points].flatMap(([key, value]) => (value === 1 ? [key.replace(/ \d+$/, '')] : []))
}
