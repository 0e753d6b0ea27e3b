import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

let counter = 0
function chatSpan(overrides: Partial<SpanInput> = {}): SpanInput {
  counter += 1
  const hex = counter.toString(16)
  return {
    traceId: hex.padStart(32, 'a'),
    spanId: hex.padStart(16, 'b'),
    name: 'chat',
    startMs: Date.now() - 900,
    endMs: Date.now(),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
    },
    ...overrides,
  }
}

function jsonSpan(span: SpanInput, overrides: Record<string, unknown> = {}): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    name: span.name,
    kind: 3,
    startTimeUnixNano: `${Math.round(span.startMs)}000000`,
    endTimeUnixNano: `${Math.round(span.endMs)}000000`,
    attributes: Object.entries(span.attributes ?? {}).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: value } : { stringValue: String(value) },
    })),
    ...overrides,
  }
}

function jsonBody(spans: unknown[]): string {
  return JSON.stringify({
    resourceSpans: [
      { resource: { attributes: [] }, scopeSpans: [{ scope: { name: 't' }, spans }] },
    ],
  })
}

async function post(
  body: Buffer | string,
  headers: Record<string, string>,
  path = '/v1/traces',
): Promise<{ status: number; text: string; headers: Headers }> {
  const bytes = new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body)
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: bytes })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

async function getSpan(span: SpanInput, project = 'default') {
  const answer = await fetch(
    `${server.url}/api/v1/traces/${span.traceId}/spans/${span.spanId}?project=${project}`,
  )
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function requestsOf(project: string): Promise<number> {
  const range = `from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`
  const answer = await fetch(
    `${server.url}/api/v1/metrics?metric=requests&step=all&project=${project}&${range}`,
  )
  const body = (await answer.json()) as { series: { points: { value: number }[] }[] }
  return body.series[0]?.points[0]?.value ?? 0
}

describe('what is acknowledged is stored', () => {
  const encodings: [string, (body: Buffer) => Buffer][] = [
    ['identity', (body) => body],
    ['gzip', (body) => gzipSync(body)],
    ['zstd', (body) => zstdCompressSync(body)],
  ]
  for (const [encoding, pack] of encodings) {
    test(`a protobuf body sent with ${encoding} is answered with an empty response and is readable`, async () => {
      const span = chatSpan({ name: `chat 🦊 ${encoding}` })

      const answer = await post(pack(encodeTraces({ spans: [span] })), {
        'content-type': PROTOBUF,
        'content-encoding': encoding,
      })

      expect(answer).toMatchObject({ status: 200, text: '' })
      expect(answer.headers.get('content-type')).toBe(PROTOBUF)
      expect((await getSpan(span)).body).toMatchObject({
        name: `chat 🦊 ${encoding}`,
        inputTokens: 100,
        outputTokens: 20,
      })
    })

    test(`a JSON body sent with ${encoding} is answered with {} and is readable`, async () => {
      const span = chatSpan()

      const answer = await post(pack(Buffer.from(jsonBody([jsonSpan(span)]))), {
        'content-type': `${JSON_TYPE}; charset=utf-8`,
        'content-encoding': encoding,
      })

      expect(answer).toMatchObject({ status: 200, text: '{}' })
      expect((await getSpan(span)).body).toMatchObject({ inputTokens: 100 })
    })
  }

  test('the base paths of other products take the same body', async () => {
    for (const base of ['/api/public/otel', '/otel', '/otlp', '/api/v1/private/otel']) {
      const span = chatSpan()
      const answer = await post(
        encodeTraces({ spans: [span] }),
        { 'content-type': PROTOBUF },
        `${base}/v1/traces`,
      )
      expect(answer.status).toBe(200)
      expect((await getSpan(span)).status).toBe(200)
    }
  })

  test('a request of more than one day and more than one chunk keeps every body', async () => {
    const dayMs = 86_400_000
    const spans = Array.from({ length: 600 }, (_, index) =>
      chatSpan({
        name: `span ${index}`,
        startMs: Date.now() - (index % 3) * dayMs - 1_000,
        endMs: Date.now() - (index % 3) * dayMs,
      }),
    )

    await post(encodeTraces({ spans }), {
      'content-type': PROTOBUF,
      'x-sightline-project': 'days',
    })

    for (const index of [0, 1, 2, 255, 256, 257, 599]) {
      const span = spans[index] ?? chatSpan()
      expect((await getSpan(span, 'days')).body['name']).toBe(`span ${index}`)
    }
  })
})

describe('identity', () => {
  test('the same payload twice is stored and counted once', async () => {
    const body = encodeTraces({ spans: [chatSpan(), chatSpan(), chatSpan()] })
    const headers = { 'content-type': PROTOBUF, 'x-sightline-project': 'twice' }

    await post(body, headers)
    const again = await post(body, headers)

    expect(again).toMatchObject({ status: 200, text: '' })
    expect(await requestsOf('twice')).toBe(3)
  })

  test('the same payload in two projects is whole in both', async () => {
    const span = chatSpan()
    const body = encodeTraces({ spans: [span] })

    await post(body, { 'content-type': PROTOBUF, 'x-sightline-project': 'left' })
    await post(body, { 'content-type': PROTOBUF, 'x-sightline-project': 'right' })

    expect(await requestsOf('left')).toBe(1)
    expect(await requestsOf('right')).toBe(1)
    expect((await getSpan(span, 'left')).status).toBe(200)
    expect((await getSpan(span, 'right')).status).toBe(200)
  })

  test('a repeat inside one request and one beside new spans count once', async () => {
    const [first, second] = [chatSpan(), chatSpan()]
    const headers = { 'content-type': PROTOBUF, 'x-sightline-project': 'inside' }

    await post(encodeTraces({ spans: [first, first] }), headers)
    await post(encodeTraces({ spans: [first, second] }), headers)

    expect(await requestsOf('inside')).toBe(2)
  })

  test('other content under stored ids leaves the first and is noted as a conflict', async () => {
    const span = chatSpan()
    const headers = { 'content-type': PROTOBUF, 'x-sightline-project': 'conflict' }

    await post(encodeTraces({ spans: [span] }), headers)
    const answer = await post(encodeTraces({ spans: [{ ...span, name: 'other' }] }), headers)

    expect(answer.status).toBe(200)
    expect((await getSpan(span, 'conflict')).body['name']).toBe('chat')
    const letters =
      await server.sql`select reason, span_id from dead_letter where project_id = 'conflict'`
    expect(letters).toMatchObject([{ reason: 'conflict', spanId: span.spanId }])
  })

  test.each([{ name: 'other' }, { parentSpanId: 'ab'.repeat(8) }, { kind: 1 }])(
    'a repeat that differs in %o is a conflict, stored or in the same request',
    async (other) => {
      const span = chatSpan()
      const project = `differs-${Object.keys(other).join()}`
      const headers = { 'content-type': PROTOBUF, 'x-sightline-project': project }

      await post(encodeTraces({ spans: [span, { ...span, ...other }] }), headers)
      await post(encodeTraces({ spans: [{ ...span, ...other }] }), headers)

      const letters = await server.sql`select reason from dead_letter where project_id = ${project}`
      expect(letters).toMatchObject([{ reason: 'conflict' }, { reason: 'conflict' }])
    },
  )

  test('a filter value may hold colons', async () => {
    const headers = { 'content-type': PROTOBUF, 'x-sightline-project': 'colon' }
    const llama = chatSpan()
    llama.attributes = { ...llama.attributes, 'gen_ai.request.model': 'llama3.2:3b' }
    await post(encodeTraces({ spans: [llama, chatSpan()] }), headers)

    const query = 'project=colon&f=model:eq:llama3.2:3b'
    const spans = await (await fetch(`${server.url}/api/v1/spans?${query}`)).json()
    const metric = await (
      await fetch(`${server.url}/api/v1/metrics?metric=requests&step=all&${query}`)
    ).json()

    expect(spans).toMatchObject({ items: [{ spanId: llama.spanId }] })
    expect(metric).toMatchObject({ source: 'rollups', series: [{ points: [{ value: 1 }] }] })
  })
})

describe('a faulty span never takes its siblings with it', () => {
  const faults: [string, Record<string, unknown>, RegExp][] = [
    ['a short trace id', { traceId: 'abc' }, /span 1: traceId must be 32 hex/],
    ['an all-zero span id', { spanId: '0'.repeat(16) }, /span 1: spanId/],
    ['a time that is no number', { startTimeUnixNano: 'abc' }, /startTimeUnixNano/],
    ['a time past 2^64', { startTimeUnixNano: '18446744073709551616' }, /startTimeUnixNano/],
    ['attributes of the wrong type', { attributes: 7 }, /span 1/],
  ]
  for (const [name, overrides, message] of faults) {
    test(`${name} is named in partial_success and the siblings are stored`, async () => {
      const [first, bad, last] = [chatSpan(), chatSpan(), chatSpan()]

      const answer = await post(
        jsonBody([jsonSpan(first), jsonSpan(bad, overrides), jsonSpan(last)]),
        {
          'content-type': JSON_TYPE,
        },
      )

      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({
        partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringMatching(message) },
      })
      expect((await getSpan(first)).status).toBe(200)
      expect((await getSpan(last)).status).toBe(200)
      expect((await getSpan(bad)).status).toBe(404)
    })
  }

  const warned: [string, Record<string, unknown>, Record<string, unknown>][] = [
    [
      'NaN',
      { attributes: [{ key: 'gen_ai.request.temperature', value: { doubleValue: 'NaN' } }] },
      { temperature: null },
    ],
    ['U+0000 in the name', { name: 'a\u0000b' }, { name: 'a\ufffdb' }],
    [
      'an end before the start',
      { endTimeUnixNano: `${Date.now() - 60_000}000000` },
      { durationMs: null },
    ],
    ['a start in 1970', { startTimeUnixNano: '0' }, {}],
    [
      'negative tokens',
      {
        attributes: [
          { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
          { key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o-mini' } },
          { key: 'gen_ai.usage.input_tokens', value: { intValue: -5 } },
        ],
      },
      { cost: expect.objectContaining({ totalUsd: null, reason: 'implausible_usage' }) },
    ],
  ]
  for (const [name, overrides, expected] of warned) {
    test(`${name} is stored with a warning`, async () => {
      const [odd, sibling] = [chatSpan(), chatSpan()]

      const answer = await post(jsonBody([jsonSpan(odd, overrides), jsonSpan(sibling)]), {
        'content-type': JSON_TYPE,
      })

      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({
        partialSuccess: { rejectedSpans: '0', errorMessage: expect.stringMatching(/./) },
      })
      expect(await getSpan(odd)).toMatchObject({ status: 200, body: expected })
      expect((await getSpan(sibling)).status).toBe(200)
    })
  }

  test('ids in capitals are the same ids', async () => {
    const span = chatSpan()

    await post(jsonBody([jsonSpan(span, { traceId: span.traceId.toUpperCase() })]), {
      'content-type': JSON_TYPE,
    })

    expect((await getSpan(span)).status).toBe(200)
  })
})
