import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ApiError, SpanList, TraceList } from '../../server/contract/index.ts'
import { createPipeline } from '../../server/ingest/pipeline.ts'
import { readChunkSpans } from '../../server/ingest/read-chunk-spans.ts'
import { ingestRoutes } from '../../server/ingest/routes.ts'
import { createBus } from '../../server/live/bus.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import { attributeHash } from '../../server/spans/attribute-hash.ts'
import { listSpans, SpanCursor } from '../../server/spans/list-spans.ts'
import { listTraces } from '../../server/spans/list-traces.ts'
import { TraceCursor } from '../../server/spans/trace-place.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }
const NOON_US = NOON_MS * 1_000
const RECEIVED_MS = NOON_MS + 120_000
const TRACE = '5b8efff798038103d269b633813fc60c'

let database: TestDatabase
let api: ReadApi
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  database = await createTestDatabase()
  owned.defer(() => database.drop())
  const log = createLog('silent').forSlice('test')
  const pipeline = createPipeline({
    target: database.target,
    sql: database.sql,
    bus: createBus(),
    clock: { nowMs: () => RECEIVED_MS },
    counters: createCounters(),
    log,
  })
  owned.use(pipeline)
  api = await startReadApi(database.sql, { ingest: ingestRoutes(pipeline, log) })
  owned.use(api)
})
beforeEach(async () => {
  await database.sql`truncate spans, span_bodies, rollup_deltas`
})
afterAll(() => owned.disposeAsync())

type Wire = 'json' | 'protobuf' | 'protobuf gzip' | 'protobuf zstd'

/** One span as a sender sends it, whose body is stored as it came. */
async function send(wire: Wire, attributes: Record<string, string>, name = 'chat'): Promise<void> {
  const spanId = 'eee19b7ec3c1b174'
  const span = { traceId: TRACE, spanId, name, startMs: NOON_MS + 1_000, endMs: NOON_MS + 2_000 }
  const plain =
    wire === 'json'
      ? Buffer.from(JSON.stringify(jsonRequest(span, attributes)))
      : encodeTraces({ spans: [{ ...span, attributes }] })
  const encoding = wire.split(' ')[1]
  const bodies = { gzip: gzipSync, zstd: zstdCompressSync }
  const body = encoding === 'gzip' || encoding === 'zstd' ? bodies[encoding](plain) : plain
  const response = await fetch(`${api.url}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': wire === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    body: new Uint8Array(body),
  })
  expect(response.status).toBe(200)
}

function jsonRequest(
  span: { traceId: string; spanId: string; name: string; startMs: number; endMs: number },
  attributes: Record<string, string>,
) {
  const { startMs, endMs, ...rest } = span
  const list = Object.entries(attributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }))
  const times = {
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${endMs}000000`,
  }
  return { resourceSpans: [{ scopeSpans: [{ spans: [{ ...rest, ...times, attributes: list }] }] }] }
}

/** Whether both lists find the one span by this text. */
async function isFound(text: string): Promise<boolean> {
  const f = `text:has:${text}`
  const spans = await api.get<SpanList>('/spans', { ...HOUR, f })
  const traces = await api.get<TraceList>('/traces', { ...HOUR, f })
  expect(spans.status, JSON.stringify(spans.body)).toBe(200)
  expect(traces.body.items.length, text).toBe(spans.body.items.length)
  expect(spans.body.scanned).toEqual({ ...HOUR, isComplete: true })
  expect(traces.body.scanned).toEqual({ ...HOUR, isComplete: true })
  return spans.body.items.length === 1
}

const MESSAGES = JSON.stringify([
  { role: 'user', parts: [{ type: 'text', content: 'Grüße an "Zoë"\nzweite Zeile 🙂 100% a_b' }] },
])
/** As Python writes JSON: everything beyond ASCII escaped, and tool arguments as JSON in JSON. */
const ESCAPED = MESSAGES.replaceAll(
  /[^\u0020-\u007e]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
const TOOL_CALL = JSON.stringify([
  { parts: [{ type: 'tool_call', arguments: '{"city":"Z\\u00fcrich","note":"say \\"hi\\""}' }] },
])

test.each<Wire>(['json', 'protobuf', 'protobuf gzip', 'protobuf zstd'])(
  'a text is found in a body sent as %s, whatever its case and its escapes',
  async (wire) => {
    for (const messages of [MESSAGES, ESCAPED]) {
      await database.sql`truncate spans, span_bodies`
      await send(wire, { 'gen_ai.input.messages': messages, 'gen_ai.output.messages': TOOL_CALL })

      for (const text of [
        'grüße',
        'GRÜSSE'.replace('SS', 'ß'),
        'ZOË',
        '"zoë"',
        '🙂',
        '100%',
        'A_B',
      ]) {
        expect(await isFound(text), text).toBe(true)
      }
      for (const text of ['zoë"\nzweite zeile', '"city":"zürich"', 'say "hi"', 'Grüße an']) {
        expect(await isFound(text), text).toBe(true)
      }
      for (const text of ['gruesse', '1000%', 'aXb', 'city:zürich', '🙁']) {
        expect(await isFound(text), text).toBe(false)
      }
    }
  },
)

test.each([
  ['letters written as escapes', '["\\u0072\\u0065fund"]', 'refund'],
  ['a decomposed letter', 'cafe\u0301', 'café'],
  ['a composed letter', 'café', 'cafe\u0301'],
  ['the sign of Kelvin', '300 \u212a', '300 k'],
  ['a final sigma', 'ΟΔΟΣ', 'οδοσ'],
  ['a dotted capital I', 'İstanbul', 'i\u0307stanbul'],
])('%s is found', async (_, stored, text) => {
  for (const wire of ['json', 'protobuf'] as const) {
    await database.sql`truncate spans, span_bodies`
    await send(wire, { note: stored })

    expect(await isFound(text), wire).toBe(true)
  }
})

test.each([
  "' or 1=1 --",
  '\u0000',
  '\ud800',
  '%',
  '_',
  '\\',
  '(a+)+$',
  '.*',
  '[',
  'x'.repeat(1_900),
])('the text %j is a text and nothing more', async (text) => {
  await send('json', { note: 'harmless' })

  expect(await isFound(text)).toBe(false)
  await database.sql`truncate spans, span_bodies`
  await send('protobuf', { note: `before ${text} after` })
  expect(await isFound(text)).toBe(true)
})

test('a text of 10 kB is refused with its length', async () => {
  const { status, body } = await api.get<ApiError>('/traces', {
    f: `text:has:${'x'.repeat(10_000)}`,
  })

  expect(status).toBe(422)
  expect(body.error).toMatchObject({ field: 'f' })
})

test('names, status messages and events are texts of a span too', async () => {
  await storeSpans(database, [spanRecord({ name: 'fetch invoice' })])

  for (const [text, isThere] of [
    ['INVOICE', true],
    ['receipt', false],
  ] as const) {
    const { body } = await api.get<SpanList>('/spans', { ...HOUR, f: `text:has:${text}` })
    expect(body.items.length === 1, text).toBe(isThere)
  }
})

test('one span must hold the text and match the other terms', async () => {
  const root = stepRecord({ service: 'gateway' })
  const child = spanRecord({ traceId: root.traceId, parentSpanId: root.spanId, service: 'worker' })
  await storeSpans(database, [root, child], {
    bodyOf: (record): Record<string, string> => (record === root ? { note: 'refund' } : {}),
  })

  const apart = await api.get<TraceList>('/traces', {
    ...HOUR,
    f: ['text:has:refund', 'type:eq:llm'],
  })
  const together = await api.get<TraceList>('/traces', {
    ...HOUR,
    f: ['text:has:refund', 'service:eq:gateway', 'tokens:gte:1'],
  })

  expect(apart.body.items).toEqual([])
  expect(together.body.items).toMatchObject([{ traceId: root.traceId, spanCount: 2 }])
})

test('two values of one hash are told apart by the body', async () => {
  const [first, second] = ['tenant-36wu', 'tenant-ewfa'] as const
  expect(attributeHash('tenant', first)).toBe(attributeHash('tenant', second))
  const tenants = [first, second]
  const records = tenants.map((tenant) =>
    spanRecord({ attributeHashes: [attributeHash('tenant', tenant)], requestModel: tenant }),
  )
  await storeSpans(database, records, {
    bodyOf: (record) => ({ tenant: record.requestModel ?? '' }),
  })

  for (const tenant of tenants) {
    const f = `attr.tenant:eq:${tenant}`
    const spans = await api.get<SpanList>('/spans', { ...HOUR, f })
    const traces = await api.get<TraceList>('/traces', { ...HOUR, f })
    expect(spans.body.items).toMatchObject([{ requestModel: tenant }])
    expect(traces.body.items).toHaveLength(1)
  }
  const both = await api.get<SpanList>('/spans', { ...HOUR, f: `attr.tenant:in:${tenants.join()}` })
  expect(both.body.items).toHaveLength(2)
})

test('a value too long to be hashed is found in the body all the same', async () => {
  await send('json', { note: 'n'.repeat(300) })

  const { body } = await api.get<SpanList>('/spans', {
    ...HOUR,
    f: `attr.note:eq:${'n'.repeat(300)}`,
  })

  expect(body.items).toHaveLength(1)
})

/** 5,000 traces, every 50th of which says so in a body; every second one of those runs for long. */
async function storeHaystack() {
  const records = Array.from({ length: 5_000 }, (_, at) =>
    spanRecord({ startUs: NOON_US + at * 100_000, durationUs: 1_000 }),
  )
  const needles = records.filter((_, at) => at % 50 === 7)
  const late = needles
    .filter((_, at) => at % 2 === 0)
    .map((root) =>
      spanRecord({
        traceId: root.traceId,
        parentSpanId: root.spanId,
        startUs: root.startUs + 60_000_000,
      }),
    )
  const said = new Set([...needles.filter((_, at) => at % 2 === 1), ...late])
  const spans = [...records, ...late].toSorted((a, b) => a.startUs - b.startUs)
  // A chunk is read as a whole, so there must be many for a search to have to go on.
  for (let at = 0; at < spans.length; at += 250) {
    await storeSpans(database, spans.slice(at, at + 250), {
      bodyOf: (record): Record<string, string> => (said.has(record) ? { note: 'needle' } : {}),
    })
  }
  return { needles, said }
}

const FILTERS = [{ field: 'text', op: 'has' as const, value: 'NEEDLE' }]
const QUERY = { projectId: 'default', range: HOUR, filters: FILTERS, limit: 20, withinMs: 0 }

test('a search that runs out of time says how far it came and goes on from there', async () => {
  const { needles } = await storeHaystack()

  const seen: string[] = []
  const reached: number[] = []
  let after: TraceCursor | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const list = await listTraces(
      database.sql,
      { ...QUERY, sort: '-startTime', after },
      readChunkSpans,
    )
    seen.push(...list.items.map((item) => item.traceId))
    reached.push(list.scanned?.from ?? Number.NaN)
    if (list.nextCursor === null) break
    after = TraceCursor.parse(JSON.parse(Buffer.from(list.nextCursor, 'base64url').toString()))
  }

  expect(seen).toEqual(needles.toReversed().map((record) => record.traceId))
  expect(reached.length).toBeGreaterThan(2)
  expect(reached).toEqual(reached.toSorted((a, b) => b - a))
  expect(reached.at(-1)).toBe(HOUR.from)
})

test('a search of spans goes on in the same way', async () => {
  const { said } = await storeHaystack()

  const seen: string[] = []
  let after: SpanCursor | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const list = await listSpans(database.sql, { ...QUERY, after }, readChunkSpans)
    seen.push(...list.items.map((item) => item.spanId))
    if (list.nextCursor === null) break
    after = SpanCursor.parse(JSON.parse(Buffer.from(list.nextCursor, 'base64url').toString()))
  }

  expect(seen).toHaveLength(said.size)
  expect(new Set(seen)).toEqual(new Set([...said].map((record) => record.spanId)))
})

test('spans that no index finds in time are looked for window by window', async () => {
  const many = Array.from({ length: 40_000 }, (_, at) =>
    spanRecord({ startUs: NOON_US + at * 10_000, name: at % 10_000 === 5 ? 'rare' : 'common' }),
  )
  await storeSpans(database, many)
  const rare = many.filter((record) => record.name === 'rare').toReversed()

  const seen: string[] = []
  const complete: unknown[] = []
  let after: SpanCursor | undefined
  for (let pages = 0; pages < 20; pages += 1) {
    const filters = [{ field: 'name', op: 'eq' as const, value: 'rare' }]
    const list = await listSpans(database.sql, { ...QUERY, filters, after }, readChunkSpans)
    seen.push(...list.items.map((item) => item.spanId))
    complete.push(list.scanned?.isComplete)
    if (list.nextCursor === null) break
    after = SpanCursor.parse(JSON.parse(Buffer.from(list.nextCursor, 'base64url').toString()))
  }

  expect(seen).toEqual(rare.map((record) => record.spanId))
  expect(complete[0]).toBe(false)
})

test('a slow filter on totals goes on from where its time was over', async () => {
  const many = Array.from({ length: 40_000 }, (_, at) =>
    spanRecord({
      startUs: NOON_US + at * 10_000,
      durationUs: at % 10_000 === 5 ? 9_000_000 : 1_000,
    }),
  )
  await storeSpans(database, many)
  const slow = many.filter((record) => record.durationUs === 9_000_000)

  for (const sort of ['-startTime', 'startTime'] as const) {
    const seen: string[] = []
    let pages = 0
    let after: TraceCursor | undefined
    for (; pages < 20; pages += 1) {
      const filters = [{ field: 'latency', op: 'gt' as const, value: '8000' }]
      const query = { ...QUERY, filters, sort, after }
      const list = await listTraces(database.sql, query, readChunkSpans)
      seen.push(...list.items.map((item) => item.traceId))
      if (list.nextCursor === null) break
      expect(list.scanned?.isComplete).toBe(false)
      after = TraceCursor.parse(JSON.parse(Buffer.from(list.nextCursor, 'base64url').toString()))
    }
    const expected = slow.map((record) => record.traceId)
    expect(seen, sort).toEqual(sort === 'startTime' ? expected : expected.toReversed())
    expect(pages, sort).toBeGreaterThan(0)
  }
})
