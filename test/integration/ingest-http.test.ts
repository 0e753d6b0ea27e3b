import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonRequest, jsonSpan } from '../support/json-spans.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const BASE_PATHS = ['', '/api/public/otel', '/otel', '/otlp', '/api/v1/private/otel']

const nowNs = () => `${Date.now()}000000`
const BODIES = {
  traces: () => jsonRequest([JSON.stringify(jsonSpan())]),
  logs: () =>
    JSON.stringify({
      resourceLogs: [
        {
          scopeLogs: [{ logRecords: [{ timeUnixNano: nowNs(), body: { stringValue: 'hello' } }] }],
        },
      ],
    }),
  metrics: () =>
    JSON.stringify({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'app.visits',
                  gauge: { dataPoints: [{ timeUnixNano: nowNs(), asInt: '3' }] },
                },
              ],
            },
          ],
        },
      ],
    }),
}
const SIGNALS = ['traces', 'logs', 'metrics'] as const

async function post(path: string, body: Buffer | string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })
  return { status: answer.status, text: await answer.text() }
}

describe('every signal', () => {
  for (const signal of SIGNALS) {
    test(`${signal} are taken under each base path`, async () => {
      for (const base of BASE_PATHS) {
        expect((await post(`${base}/v1/${signal}`, BODIES[signal]())).status).toBe(200)
      }
    })

    test(`${signal} are taken in each encoding`, async () => {
      const body = Buffer.from(BODIES[signal]())
      for (const [encoding, packed] of [
        ['identity', body],
        ['gzip', gzipSync(body)],
        ['zstd', zstdCompressSync(body)],
      ] as const) {
        const answer = await post(`/v1/${signal}`, packed, { 'content-encoding': encoding })
        expect(answer.status).toBe(200)
      }
    })

    test(`${signal} are taken by POST only`, async () => {
      const answer = await fetch(`${server.url}/v1/${signal}`)

      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('POST')
    })

    test(`a damaged body of ${signal} is answered 400`, async () => {
      expect(await post(`/v1/${signal}`, '{"resource')).toMatchObject({
        status: 400,
        text: expect.stringContaining('invalid JSON at byte 10'),
      })
    })
  }

  test.each([
    ['traces', 'rejectedSpans', () => jsonRequest([JSON.stringify(jsonSpan({ traceId: 'x' }))])],
    ['logs', 'rejectedLogRecords', BODIES.logs],
    ['metrics', 'rejectedDataPoints', BODIES.metrics],
  ] as const)('partial_success of %s counts %s', async (signal, field, body) => {
    const answer = await post(`/v1/${signal}`, body())

    expect(JSON.parse(answer.text)).toMatchObject({
      partialSuccess: { [field]: '1', errorMessage: expect.stringMatching(/./) },
    })
  })
})

describe('a key', () => {
  const basic = Buffer.from('pk-lf-123:sk-lf-456').toString('base64')

  test.each([
    ['Bearer', { authorization: 'Bearer some-key' }],
    ['Basic, as its password', { authorization: `Basic ${basic}` }],
    ['x-api-key', { 'x-api-key': 'some-key' }],
  ])('is taken as %s', async (_name, headers) => {
    const answer = await post('/api/public/otel/v1/traces', BODIES.traces(), headers)

    expect(answer).toEqual({ status: 200, text: '{}' })
  })

  test.each(['api_key=x', 'access_token=x', 'key=x', 'project=default&t=sl_ing_0123456789ab'])(
    'in the address (?%s) is refused, and not repeated in the answer',
    async (query) => {
      const answer = await post(`/v1/traces?${query}`, BODIES.traces())

      expect(answer.status).toBe(401)
      expect(answer.text).toContain('send the key in a header')
      expect(answer.text).not.toContain('sl_ing_')
    },
  )
})
