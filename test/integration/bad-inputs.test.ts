import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createSql } from '../../server/db/client.ts'
import { createTestDatabase, targetFor, type TestDatabase } from '../support/database.ts'
import { honestBatch, jsonRequest, jsonSpan, type JsonSpan } from '../support/json-spans.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import {
  QUERY_CASES,
  SPAN_CASES,
  WHOLE_CASES,
  type SpanCase,
  type WholeCase,
} from './bad-inputs-cases.ts'

const MIB = 1024 * 1024
/** What the table allows a parallel good request, and the process. */
const GOOD_LIMIT_MS = 1_000
const RSS_LIMIT_BYTES = 512 * MIB

let database: TestDatabase
let server: ServerProcess
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
})

/** What a good request may take here and now: ten times a quiet one, where the machine is busy. */
let goodLimitMs = GOOD_LIMIT_MS

/** A process of its own for each group: what one large body left behind is not the next one's. */
function useServer(): void {
  beforeAll(async () => {
    server = await startServerProcess({ DATABASE_URL: database.url })
    const quiet: number[] = []
    for (let sent = 0; sent < 9; sent++) quiet.push(await timeGoodRequest())
    const medianMs = quiet.toSorted((a, b) => a - b)[4] ?? 0
    goodLimitMs = Math.max(GOOD_LIMIT_MS, 10 * medianMs)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })
}

async function timeGoodRequest(): Promise<number> {
  const startedAt = performance.now()
  const body = encodeLoad(makeSpans(1, { endMs: Date.now() }))
  const headers = { 'x-sightline-project': 'good' }
  expect((await postTraces(server.url, body, { headers })).status).toBe(200)
  return performance.now() - startedAt
}

/**
 * Does what is bad, and meanwhile sends good requests: each must be stored, and within the limit.
 * One may be late: tests share two cores with each other.
 */
async function beside<T>(bad: () => Promise<T>): Promise<T> {
  let isHandled = false
  const handled = bad().finally(() => {
    isHandled = true
  })
  let late = 0
  do {
    if ((await timeGoodRequest()) > goodLimitMs) late += 1
    expect(await residentBytes()).toBeLessThan(RSS_LIMIT_BYTES)
  } while (!isHandled)
  expect(late).toBeLessThanOrEqual(1)
  return handled
}

async function residentBytes(): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/process_resident_memory_bytes (\d+)/.exec(metrics)?.[1])
}

async function getJson(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${server.url}/api/v1${path}`)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

function getSpan(span: JsonSpan, project: string) {
  const path = `/traces/${String(span['traceId'])}/spans/${String(span['spanId'])}`
  return getJson(`${path}?project=${project}`)
}

type Answer = { status: number; headers: Headers; body: Buffer }

async function send(
  body: Buffer | string,
  { method = 'POST', headers = {}, path = '/v1/traces' }: Partial<WholeCase>,
): Promise<Answer> {
  const bytes = new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body)
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: bytes }),
  })
  const { status, headers: received } = answer
  return { status, headers: received, body: Buffer.from(await answer.arrayBuffer()) }
}

/** The message of a Status in either format. */
function messageOf({ headers, body }: Answer): string {
  if (headers.get('content-type') !== 'application/x-protobuf') {
    const parsed = JSON.parse(body.toString()) as { message?: string }
    return parsed.message ?? body.toString()
  }
  // Field 1, the code, then field 2 with its length in one byte or two.
  const at = (body[3] ?? 0) < 0x80 ? 4 : 5
  return body.toString('utf8', at, at + messageLength(body))
}

function messageLength(body: Buffer): number {
  const low = body[3] ?? 0
  return low < 0x80 ? low : (low & 0x7f) + ((body[4] ?? 0) << 7)
}

describe('a request that cannot be taken as a whole', () => {
  useServer()

  test.each(WHOLE_CASES)('$id $name answers $status', async (row) => {
    const body = row.body()

    const answer = await beside(() => send(body, row))

    expect(answer.status).toBe(row.status)
    const isRead = row.status === 200
    expect(isRead ? answer.body.toString() : messageOf(answer)).toMatch(row.message)
    const type = row.headers['content-type'] ?? ''
    expect(answer.headers.get('content-type')).toBe(
      /json|protobuf/.test(type) ? type : 'application/json',
    )
    for (const [name, value] of Object.entries(row.answerHeaders ?? {})) {
      expect(answer.headers.get(name)).toBe(value)
    }
  })

  test('B11 halved, as its sender would, it is stored', async () => {
    const headers = { 'x-sightline-project': 'halved' }
    const halves = [honestBatch(33 * MIB), honestBatch(32 * MIB)]

    const statuses: number[] = []
    for (const half of halves) {
      statuses.push((await postTraces(server.url, half, { headers })).status)
    }

    expect(statuses).toEqual([200, 200])
  })
})

describe('one bad span among good ones', () => {
  useServer()

  test.each(SPAN_CASES)('$id $name is $answer', async (row: SpanCase) => {
    const project = `p${randomBytes(8).toString('hex')}`
    const [before, bad, after] = [jsonSpan(), row.span(), jsonSpan()]
    const spans = [before, bad, after].map((span) => JSON.stringify(span))
    const headers = { 'content-type': 'application/json', 'x-sightline-project': project }
    const body = jsonRequest(spans, row.resource)

    const answer = await beside(() => send(body, { headers }))

    expect(answer.status).toBe(200)
    const parsed = JSON.parse(answer.body.toString()) as {
      partialSuccess?: { rejectedSpans: string; errorMessage: string }
    }
    if (row.answer === 'taken') expect(parsed).toEqual({})
    else {
      expect(parsed.partialSuccess?.rejectedSpans).toBe(row.answer === 'refused' ? '1' : '0')
      expect(parsed.partialSuccess?.errorMessage).toMatch(row.message ?? /./)
    }
    expect((await getSpan(before, project)).status).toBe(200)
    expect((await getSpan(after, project)).status).toBe(200)
    await expectStored(row, bad, project)
  })

  async function expectStored(row: SpanCase, sent: JsonSpan, project: string): Promise<void> {
    if (row.id === 'B24') return
    const stored = await getSpan(sent, project)
    expect(stored.status).toBe(row.answer === 'refused' ? 404 : 200)
    const { attributes = {}, ...fields } = row.stored?.(sent) ?? {}
    expect(stored.body).toMatchObject(fields)
    const found = Object.entries(stored.body['attributes'] ?? {})
    for (const [key, value] of Object.entries(attributes as Record<string, unknown>)) {
      // Of megabytes a difference would take long to show.
      expect(found.some((entry) => entry[0] === key && entry[1] === value)).toBe(true)
    }
    if (row.answer === 'warned') {
      expect(JSON.stringify(stored.body['warnings'])).toMatch(row.message ?? /./)
    }
  }

  test('B31, B32 spans without a duration or out of time are in no percentile', async () => {
    const project = 'untimed'
    const headers = { 'content-type': 'application/json', 'x-sightline-project': project }
    const spans = [
      jsonSpan(),
      jsonSpan({ endTimeUnixNano: `${Date.now() - 60_000}000000` }),
      jsonSpan({ startTimeUnixNano: '0' }),
    ].map((span) => JSON.stringify(span))
    await send(jsonRequest(spans), { headers })

    const query = `step=all&project=${project}&from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`
    const latency = await getJson(`/metrics?metric=latency_p50&${query}`)

    expect(latency.body).toMatchObject({ series: [{ points: [{ n: 1 }] }] })
  })

  test('B41 B55 protobuf of a newer sender and of a value 10,000 deep', async () => {
    const [newer, deep] = [protobufSpan(), protobufSpan()]
    const fields = [
      encodeTraces({ spans: [newer] }),
      // Field 100 as text, field 101 as a group that holds a varint.
      Buffer.from([0xa2, 0x06, 0x01, 0x41, 0xab, 0x06, 0x08, 0x05, 0xac, 0x06]),
      field(0x0a, field(0x12, field(0x12, Buffer.concat([idsOf(deep), deepAttribute(10_000)])))),
    ]

    const answer = await beside(() =>
      postTraces(server.url, Buffer.concat(fields), {
        headers: { 'x-sightline-project': 'newer' },
      }),
    )

    expect(answer.status).toBe(200)
    expect(answer.body.toString()).toContain('span 1: attribute value nested deeper than 64')
    expect((await getJson(`/traces/${newer.traceId}?project=newer`)).status).toBe(200)
  })

  test('B47 nothing was written to what all objects share', async () => {
    const { body } = await getJson('/openapi.json')

    expect('x' in body).toBe(false)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

function protobufSpan(overrides: Partial<SpanInput> = {}): SpanInput {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'step',
    startMs: Date.now() - 10,
    endMs: Date.now(),
    ...overrides,
  }
}

function idsOf({ traceId, spanId }: SpanInput): Buffer {
  return Buffer.concat([
    field(0x0a, Buffer.from(traceId, 'hex')),
    field(0x12, Buffer.from(spanId, 'hex')),
  ])
}

/** An attribute whose value is `depth` lists in one another. */
function deepAttribute(depth: number): Buffer {
  let value: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) {
    value = field(0x2a, level === 0 ? value : field(0x0a, value))
  }
  return field(0x4a, Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, value)]))
}

function field(tag: number, bytes: Buffer): Buffer {
  const head = [tag]
  let { length } = bytes
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80)
    length >>>= 7
  }
  return Buffer.concat([Buffer.from([...head, length]), bytes])
}

const headersOf = (project: string) => ({ headers: { 'x-sightline-project': project } })

describe('identity and order', () => {
  useServer()

  const totals = (project: string) =>
    database.sql<{ spans: number }[]>`
      select count(*)::int as spans from spans where project_id = ${project}`

  test('B27 an orphan is taken, and joins its root that comes later', async () => {
    const root = protobufSpan({ name: 'root' })
    const child = protobufSpan({ traceId: root.traceId, parentSpanId: root.spanId })

    for (const span of [child, root]) {
      const answer = await beside(() =>
        postTraces(server.url, encodeTraces({ spans: [span] }), headersOf('orphan')),
      )
      expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    }

    const { body } = await getJson(`/traces?project=orphan`)
    expect(body).toMatchObject({ items: [{ name: 'root', spanCount: 2, rootReceived: true }] })
  })

  test('B29 the same span twice is one row', async () => {
    const body = encodeTraces({ spans: [protobufSpan()] })

    for (let time = 0; time < 2; time++) {
      const answer = await beside(() => postTraces(server.url, body, headersOf('twice')))
      expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    }

    expect(await totals('twice')).toMatchObject([{ spans: 1 }])
  })
})

const HEAD =
  'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n'

/** Writes the text and resolves with all that came until the connection was closed. */
function exchange(text: string, drip?: { text: string; everyMs: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    let received = ''
    const timer = drip && setInterval(() => socket.write(drip.text), drip.everyMs)
    socket.on('error', () => undefined)
    socket.on('data', (part) => (received += part.toString()))
    socket.on('close', () => {
      clearInterval(timer)
      resolve(received)
    })
    socket.write(text)
  })
}

describe('a request that is no request', () => {
  useServer()

  test('B10 a Content-Length of 2 GiB is answered 413 unread', async () => {
    const received = await beside(() => exchange(`${HEAD}content-length: 2147483648\r\n\r\n`))

    expect(received).toMatch(/^HTTP\/1\.1 413 /)
    expect(received.toLowerCase()).toContain('connection: close')
  })

  test('B12 a chunked body without end is answered 413 and closed', async () => {
    const answer = await beside(
      () =>
        new Promise<{ status: number | undefined; connection: string | undefined }>((resolve) => {
          const outgoing = request(`${server.url}/v1/traces`, {
            method: 'POST',
            headers: { 'content-type': 'application/x-protobuf' },
          })
          let isAnswered = false
          const part = randomBytes(MIB)
          const writeOn = () => {
            if (!isAnswered) outgoing.write(part, () => setImmediate(writeOn))
          }
          outgoing.on('error', () => undefined)
          outgoing.on('response', (response) => {
            isAnswered = true
            resolve({ status: response.statusCode, connection: response.headers.connection })
            outgoing.destroy()
          })
          writeOn()
        }),
    )

    expect(answer).toEqual({ status: 413, connection: 'close' })
  })

  test.each([
    ['two lengths', 'content-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
    ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a header without a name', ': x\r\n\r\n'],
  ])('B14 %s are answered 400 and closed', async (_name, rest) => {
    const received = await beside(() => exchange(HEAD + rest))

    expect(received).toMatch(/^HTTP\/1\.1 400 /)
    expect(received.toLowerCase()).toContain('connection: close')
  })
})

describe('what takes half a minute', () => {
  useServer()
  /** Good requests are timed beside it while B28 runs. */
  let trickled: Promise<string[]>

  beforeAll(() => {
    trickled = Promise.all([
      exchange(HEAD, { text: 'x', everyMs: 1_000 }),
      exchange(`${HEAD}content-length: 1000\r\n\r\n`, { text: 'x', everyMs: 10_000 }),
    ])
  })

  test('B28 a trace of 100,000 spans is read in pages of 5,000', async () => {
    const traceId = randomBytes(16).toString('hex')
    for (let sent = 0; sent < 100_000; sent += 10_000) {
      const spans = Array.from({ length: 10_000 }, () => protobufSpan({ traceId }))
      const body = encodeTraces({ spans })
      const answer = await beside(() => postTraces(server.url, body, headersOf('huge')))
      expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    }

    const seen = new Set<string>()
    let cursor = ''
    do {
      const { body } = await getJson(`/traces/${traceId}?project=huge${cursor}`)
      const spans = body['spans'] as { spanId: string }[]
      expect(spans.length).toBeLessThanOrEqual(5_000)
      for (const { spanId } of spans) seen.add(spanId)
      const next = body['nextCursor'] as string | null
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(seen.size).toBe(100_000)
  }, 180_000)

  test('B13 headers or a body that trickle in are cut off without a word', async () => {
    expect(await trickled).toEqual(['', ''])
  }, 90_000)
})

describe('the read API', () => {
  useServer()

  test.each(QUERY_CASES)('$id $name', async ({ path, message }) => {
    const answer = await beside(() => getJson(path))

    if (message === undefined) expect(answer).toMatchObject({ status: 200, body: { items: [] } })
    else {
      expect(answer.status).toBe(422)
      expect((answer.body['error'] as { message: string }).message).toMatch(message)
    }
  })

  test('B60 a query of more than five seconds', async () => {
    const answer = await database.sql.begin(async (sql) => {
      await sql`lock table spans in access exclusive mode`
      return getJson('/spans')
    })

    expect(answer).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringMatching(/^narrow the range/) } },
    })
  })
})

describe('without a database', () => {
  useServer()

  test('B23 without a database a request is refused for a while, then stored', async () => {
    const name = new URL(database.url).pathname.slice(1)
    const body = encodeTraces({ spans: [protobufSpan()] })
    const post = () =>
      postTraces(server.url, body, { headers: { 'x-sightline-project': 'database' } })
    const admin = createSql(targetFor(inject('databaseServer'), 'postgres'), { max: 1 })

    await admin.unsafe(`alter database ${name} allow_connections false`)
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`
    const refused = await post()
    await admin.unsafe(`alter database ${name} allow_connections true`)
    await admin.end()

    expect(refused.status).toBe(503)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(5)
    expect((await post()).status).toBe(200)
  })
})
