import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { openGrpcClient, type GrpcClient } from '../support/grpc-export.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { startServerProcess } from '../support/server-process.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MIB = 1024 * 1024
const TRACE_EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

let server: TestServer
let client: GrpcClient
beforeAll(async () => {
  server = await startTestServer({ OTLP_GRPC_PORT: '0' })
  client = openGrpcClient(server.grpcPort)
})
afterAll(async () => {
  client[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

async function storedOf(project: string): Promise<number> {
  const [row] = await server.sql<{ spans: number }[]>`
    select count(*)::int as spans from spans where project_id = ${project}`
  return row?.spans ?? 0
}

function spansBody(count: number): Buffer {
  return encodeLoad(makeSpans(count, { endMs: Date.now() }))
}

function inProject(project: string) {
  return { metadata: { 'x-sightline-project': project } }
}

describe('what is acknowledged is stored', () => {
  test.each(['identity', 'gzip'])('a request sent with %s', async (encoding) => {
    using sender = openGrpcClient(server.grpcPort, { gzip: encoding === 'gzip' })

    const answer = await sender.send(spansBody(7), inProject(`grpc-${encoding}`))

    expect(answer).toMatchObject({ code: status.OK, body: Buffer.alloc(0) })
    expect(await storedOf(`grpc-${encoding}`)).toBe(7)
  })

  test('requests of many frames, several at once over one connection', async () => {
    const bodies = Array.from({ length: 8 }, () => spansBody(300))

    const answers = await Promise.all(
      bodies.map((body) => client.send(body, inProject('grpc-many'))),
    )

    expect(answers.map(({ code }) => code)).toEqual(bodies.map(() => status.OK))
    expect(await storedOf('grpc-many')).toBe(2_400)
  })

  test('the same spans over HTTP and over gRPC are one', async () => {
    const body = spansBody(3)
    const headers = { 'x-sightline-project': 'grpc-both' }

    await postTraces(server.url, body, { headers })
    const answer = await client.send(body, { metadata: headers })

    expect(answer.code).toBe(status.OK)
    expect(await storedOf('grpc-both')).toBe(3)
  })

  test('a key is taken from authorization and x-api-key', async () => {
    for (const metadata of [{ authorization: 'Bearer any' }, { 'x-api-key': 'any' }]) {
      expect(await client.send(spansBody(1), { metadata })).toMatchObject({ code: status.OK })
    }
  })

  test('a span that is refused is named in partial_success and its siblings are stored', async () => {
    const [good, bad] = makeSpans(2, { endMs: Date.now() })
    if (good === undefined || bad === undefined) throw new Error('two spans were asked for')

    const answer = await client.send(
      encodeTraces({ spans: [good, { ...bad, traceId: 'abcd' }] }),
      inProject('grpc-partial'),
    )

    expect(answer.code).toBe(status.OK)
    expect(answer.body.toString()).toContain('span 1: traceId must be 32 hex')
    expect(await storedOf('grpc-partial')).toBe(1)
  })

  test('a message of no bytes is an empty request', async () => {
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const answer = await client.send(Buffer.alloc(0), { signal })
      expect(answer).toMatchObject({ code: status.OK, body: Buffer.alloc(0) })
    }
  })
})

describe('a request that cannot be taken', () => {
  test('of damaged protobuf is INVALID_ARGUMENT, with the byte', async () => {
    const answer = await client.send(Buffer.from([0x02, 0x00]))

    expect(answer).toMatchObject({
      code: status.INVALID_ARGUMENT,
      message: 'invalid protobuf at byte 0',
    })
    expect(answer.trailers.get('google.rpc.retryinfo-bin')).toEqual([])
  })

  test('of a message that inflates beyond 64 MiB is RESOURCE_EXHAUSTED, not to be sent again', async () => {
    using sender = openGrpcClient(server.grpcPort, { gzip: true })

    const answer = await sender.send(Buffer.alloc(80 * MIB))

    expect(answer.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(answer.message).toMatch(/^inflated size over/)
    expect(answer.trailers.get('google.rpc.retryinfo-bin')).toEqual([])
  })

  test('of more than 64 MiB is RESOURCE_EXHAUSTED as soon as its length is read', async () => {
    const answer = await client.send(Buffer.alloc(65 * MIB))

    expect(answer.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(answer.message).toMatch(/^message of 68157440 bytes is over 64 MiB/)
  })

  test('of a method that is not served is UNIMPLEMENTED', async () => {
    const path = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'

    const answer = await client.send(Buffer.alloc(0), { path })

    expect(answer.code).toBe(status.UNIMPLEMENTED)
    expect(answer.message).toMatch(/^method not supported/)
  })

  test('of a project that is no name is INVALID_ARGUMENT', async () => {
    const answer = await client.send(spansBody(1), inProject('no such/name'))

    expect(answer.code).toBe(status.INVALID_ARGUMENT)
  })

  test('beyond the bytes in flight is UNAVAILABLE with a RetryInfo', async () => {
    const body = Buffer.alloc(60 * MIB)
    body.writeUInt32BE(body.length, 1)
    using first = await openCall(server.grpcPort)
    await first.write(body.subarray(0, body.length - 5))

    const answer = await eventually(async () => {
      const refused = await client.send(Buffer.alloc(8 * MIB))
      expect(refused.code).toBe(status.UNAVAILABLE)
      return refused
    })

    expect(answer.trailers.get('retry-after')).toEqual(['2'])
    expect(answer.trailers.get('google.rpc.retryinfo-bin')).toEqual([
      Buffer.from([0x0a, 0x02, 0x08, 2]),
    ])
    expect(String(answer.trailers.get('grpc-status-details-bin')[0])).toContain(
      'type.googleapis.com/google.rpc.RetryInfo',
    )
  })

  test('many bombs at once hold no more than the budget allows', async () => {
    const bomb = framed(gzipSync(Buffer.concat([randomBytes(MIB), Buffer.alloc(62 * MIB)])), {
      flag: 1,
    })
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }, 1)
    const before = process.memoryUsage().arrayBuffers
    const calls = await Promise.all(
      Array.from({ length: 20 }, () => openCall(server.grpcPort, { 'grpc-encoding': 'gzip' })),
    )

    for (const call of calls) call.end(bomb)
    const answers = await Promise.all(calls.map((call) => call.answer))
    clearInterval(watch)
    for (const call of calls) call[Symbol.dispose]()

    const refused = answers.filter((answer) => answer['grpc-status'] === '14')
    expect(refused.length).toBeGreaterThan(10)
    expect(peak - before).toBeLessThan(300 * MIB)
    expect(await client.send(spansBody(1))).toMatchObject({ code: status.OK })
  })
})

describe('frames that no client library sends', () => {
  const cases: [string, Buffer, Record<string, string>, string, RegExp][] = [
    ['no message', Buffer.alloc(0), {}, '3', /at byte 0: it ends too early/],
    ['half a prefix', Buffer.alloc(3), {}, '3', /at byte 3: it ends too early/],
    ['half a message', framed(Buffer.alloc(9), { length: 20 }), {}, '3', /at byte 14/],
    ['two messages', Buffer.alloc(10), {}, '3', /one only/],
    ['a compressed message without an encoding', framed(spansBody(1), { flag: 1 }), {}, '3', /./],
    ['an unknown encoding', Buffer.alloc(5), { 'grpc-encoding': 'snappy' }, '12', /use gzip/],
    [
      'gzip that is none',
      framed(spansBody(1), { flag: 1 }),
      { 'grpc-encoding': 'gzip' },
      '3',
      /^gzip: /,
    ],
    [
      'gzip that is cut',
      framed(gzipSync(spansBody(1)).subarray(0, 90), { flag: 1 }),
      { 'grpc-encoding': 'gzip' },
      '3',
      /^gzip: /,
    ],
  ]
  test.each(cases)('%s', async (...[, frames, headers, code, text]) => {
    using call = await openCall(server.grpcPort, headers)

    call.end(frames)
    const answer = await call.answer

    expect(answer['grpc-status']).toBe(code)
    expect(decodeURIComponent(String(answer['grpc-message']))).toMatch(text)
  })

  test('another content type is answered 415', async () => {
    using call = await openCall(server.grpcPort, { 'content-type': 'application/json' })

    expect((await call.answer)[':status']).toBe(415)
  })

  test('a sender that goes away inside its message leaves nothing behind', async () => {
    const call = await openCall(server.grpcPort)
    await call.write(framed(Buffer.alloc(MIB), { length: 2 * MIB }))
    call[Symbol.dispose]()

    expect(await client.send(Buffer.alloc(0))).toMatchObject({ code: status.OK })
  })
})

/** A message with its prefix. */
function framed(body: Buffer, { flag = 0, length = body.length } = {}): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0])
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, body])
}

type RawAnswer = Record<string, unknown>

/** One call of the trace service as frames, written by hand. */
async function openCall(port: number | null, headers: Record<string, string> = {}) {
  const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  await once(session, 'connect')
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACE_EXPORT,
    te: 'trailers',
    'content-type': 'application/grpc',
    ...headers,
  })
  stream.on('error', () => undefined)
  const answer = new Promise<RawAnswer>((resolve) => {
    stream.on('response', (received) => resolve({ ...received }))
  })
  return {
    answer,
    write: (body: Buffer) => new Promise<void>((resolve) => stream.write(body, () => resolve())),
    end: (body: Buffer) => stream.end(body),
    [Symbol.dispose]: () => session.destroy(),
  }
}

describe('the process', () => {
  test('answers the calls under way at SIGTERM, sends its senders away and exits 0', async () => {
    await using database = await createTestDatabase()
    const port = await freePort()
    await using running = await startServerProcess({
      DATABASE_URL: database.url,
      OTLP_GRPC_PORT: String(port),
    })
    using sender = openGrpcClient(port)
    let acknowledged = 0
    async function sendUntilRefused(): Promise<number> {
      for (;;) {
        const { code } = await sender.send(spansBody(5))
        if (code !== status.OK) return code
        acknowledged += 5
        if (acknowledged === 50) running.child.kill('SIGTERM')
      }
    }

    const exited = once(running.child, 'exit')
    const refusedWith = await sendUntilRefused()
    const [exitCode] = await exited

    expect(exitCode).toBe(0)
    expect(refusedWith).toBe(status.UNAVAILABLE)
    const [row] = await database.sql<{ spans: number }[]>`select count(*)::int as spans from spans`
    expect(row?.spans).toBeGreaterThanOrEqual(acknowledged)
  })

  test('does not start on a port that is taken, and names it in one line', async () => {
    await using database = await createTestDatabase()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo

    const started = startServerProcess({
      DATABASE_URL: database.url,
      OTLP_GRPC_PORT: String(port),
    })

    await expect(started).rejects.toThrow(
      `the server ended with code 1 before it was ready:\nport ${port} on 127.0.0.1 is in use; set OTLP_GRPC_PORT to a free one, or to off\n`,
    )
    taken.close()
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
