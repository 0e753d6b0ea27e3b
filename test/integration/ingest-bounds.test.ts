import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayText } from '../../server/db/copy-buffer.ts'
import { createPipeline } from '../../server/ingest/pipeline.ts'
import { createBus } from '../../server/live/bus.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import { createTestDatabase } from '../support/database.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MIB = 1024 * 1024
const DAY_MS = 86_400_000

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

function tinySpan(overrides: Partial<SpanInput> = {}): SpanInput {
  const endMs = overrides.endMs ?? Date.now()
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'step',
    startMs: endMs - 10,
    endMs,
    ...overrides,
  }
}

function post(spans: SpanInput[], project: string) {
  const headers = { 'x-sightline-project': project }
  return postTraces(server.url, encodeTraces({ spans }), { headers })
}

async function storedOf(project: string): Promise<number> {
  const [row] = await server.sql<{ spans: number }[]>`
    select count(*)::int as spans from spans where project_id = ${project}`
  return row?.spans ?? 0
}

describe('memory', () => {
  test('many bodies that inflate to much more than the budget are refused while they inflate', async () => {
    const body = gzipSync(Buffer.concat([randomBytes(MIB), Buffer.alloc(60 * MIB)]))
    const headers = { 'content-encoding': 'gzip' }
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }, 1)

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postTraces(server.url, body, { headers })),
    )
    clearInterval(watch)

    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(10)
    for (const { headers: sent } of refused) expect(sent['retry-after']).toBe('2')
    expect(peak).toBeLessThan(400 * MIB)
  })

  test('the largest body allowed is read when nothing else is in flight', async () => {
    const answer = await postTraces(server.url, Buffer.alloc(64 * MIB))

    expect(answer.status).toBe(400)
  })

  test('small bodies of many senders pass at once', async () => {
    const bodies = Array.from({ length: 32 }, () =>
      gzipSync(encodeLoad(makeSpans(100, { endMs: Date.now() }))),
    )
    const headers = { 'content-encoding': 'gzip', 'x-sightline-project': 'crowd' }

    const answers = await Promise.all(
      bodies.map((body) => postTraces(server.url, body, { headers })),
    )

    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    expect(await storedOf('crowd')).toBe(3_200)
  })

  test('a body past the budget is answered and its connection closed, unread', async () => {
    const first = openPost(60 * MIB)
    first.outgoing.write(Buffer.alloc(60 * MIB - 1))
    const second = openPost(60 * MIB)
    second.outgoing.write(Buffer.alloc(8 * MIB))

    const answers = [first.answer, second.answer]
    const refused = await Promise.race(answers)

    expect(refused).toMatchObject({ status: 503, retryAfter: '2', connection: 'close' })
    first.outgoing.destroy()
    second.outgoing.destroy()
    await Promise.allSettled(answers)
  })
})

type Refusal = {
  status: number | undefined
  retryAfter: string | undefined
  connection: string | undefined
}

function openPost(length: number) {
  const outgoing = request(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-length': length },
  })
  const answer = new Promise<Refusal>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.resume()
      const { 'retry-after': retryAfter, connection } = response.headers
      resolve({ status: response.statusCode, retryAfter, connection })
    })
  })
  return { outgoing, answer }
}

describe('one request', () => {
  test('of very many spans is committed in slices, and its bodies are whole', async () => {
    const spans = Array.from({ length: 25_000 }, () => tinySpan())
    // Past the first slice, and in a chunk that the cut goes through.
    const [repeated] = spans
    if (repeated !== undefined) spans.push(repeated)

    const answer = await post(spans, 'many')

    expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(await storedOf('many')).toBe(25_000)
    const [row] = await server.sql<{ commits: number }[]>`
      select count(distinct xmin::text)::int as commits from spans where project_id = 'many'`
    expect(row?.commits).toBe(3)
    for (const index of [0, 9_999, 10_000, 10_001, 24_999]) {
      const span = spans[index] ?? tinySpan()
      const path = `/api/v1/traces/${span.traceId}/spans/${span.spanId}?project=many`
      const read = await fetch(`${server.url}${path}`)
      expect(await read.json()).toMatchObject({ spanId: span.spanId, name: 'step' })
    }
  })
})

describe('what happens in the database', () => {
  test('a partition that housekeeping dropped is made again and no span is refused', async () => {
    const endMs = Date.now() - 20 * DAY_MS
    await post([tinySpan({ endMs })], 'dropped')
    const day = dayText(Math.floor(endMs / DAY_MS)).replaceAll('-', '')
    for (const table of ['spans', 'span_bodies']) {
      await server.sql`drop table ${server.sql(`${table}_${day}`)}`
    }

    const answer = await post([tinySpan({ endMs }), tinySpan({ endMs })], 'dropped')

    expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(await storedOf('dropped')).toBe(2)
  })

  test('a commit that waits for a lock is given up by the database too', async () => {
    await post([tinySpan()], 'locked')

    const { answer, waiting } = await server.sql.begin(async (sql) => {
      await sql`lock table rollup_deltas, spans in access exclusive mode`
      const { status } = await post([tinySpan()], 'locked')
      const [row] = await sql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and application_name = 'sightline-ingest'
          and state = 'active'`
      return { answer: status, waiting: row?.waiting }
    })

    expect(answer).toBe(503)
    expect(waiting).toBe(0)
    expect(await storedOf('locked')).toBe(1)
    expect((await post([tinySpan()], 'locked')).status).toBe(200)
  })

  test('a look-up in the stored spans that hangs is answered 503', async () => {
    const span = tinySpan()
    await post([span], 'letters')

    const status = await server.sql.begin(async (sql) => {
      await sql`lock table dead_letter in access exclusive mode`
      return (await post([{ ...span, name: 'other' }], 'letters')).status
    })

    expect(status).toBe(503)
  }, 20_000)

  test('a listener that throws keeps no sender from its answer', async () => {
    const stop = server.context.bus.subscribe('spans-stored', () => {
      throw new Error('this listener is broken')
    })

    const answer = await post([tinySpan()], 'listener')
    stop()

    expect(answer.status).toBe(200)
    expect(await storedOf('listener')).toBe(1)
    expect((await post([tinySpan()], 'listener')).status).toBe(200)
  })
})

describe('the borders of quarantine move with the clock', () => {
  const HOUR_MS = 3_600_000
  const cases = [
    ['ahead of the clock and then within the hour', 2 * HOUR_MS, 1.5 * HOUR_MS],
    ['within the last 30 days and then past them', -29.9 * DAY_MS, DAY_MS],
  ] as const
  for (const [name, ageMs, passesMs] of cases) {
    test(`a span sent again, ${name}, is a duplicate`, async () => {
      await using database = await createTestDatabase()
      const startMs = Date.now()
      let nowMs = startMs
      await using pipeline = createPipeline({
        target: database.target,
        sql: database.sql,
        bus: createBus(),
        clock: { nowMs: () => nowMs },
        counters: createCounters(),
        log: createLog('silent').forSlice('test'),
      })
      const body = encodeTraces({ spans: [tinySpan({ endMs: startMs + ageMs })] })
      const wire = { encoding: 'identity' as const, bytes: body }
      const sent = { projectId: 'default', format: 'protobuf' as const, body, wire }

      const first = await pipeline.ingestTraces(sent)
      nowMs += passesMs
      const again = await pipeline.ingestTraces(sent)

      expect(first).toMatchObject({ stored: 1, duplicates: 0 })
      expect(again).toMatchObject({ stored: 0, duplicates: 1, conflicts: 0 })
    })
  }
})
