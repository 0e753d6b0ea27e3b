import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ledger, LedgerTotals, LedgerWhere } from '../../server/contract/index.ts'
import { saveDeadLetters } from '../../server/ingest/dead-letter.ts'
import { foldLedger } from '../../server/ledger/fold-ledger.ts'
import { minuteOf } from '../../server/ledger/ledger-entry.ts'
import { recordLedger } from '../../server/ledger/record-ledger.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput, type TracesInput } from '../support/otlp-encode.ts'
import { spanRecord } from '../support/span-factory.ts'
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
    traceId: made.toString(16).padStart(32, 'c'),
    spanId: made.toString(16).padStart(16, 'd'),
    name: 'chat',
    startMs: Date.now() - 900,
    endMs: Date.now(),
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' },
    ...overrides,
  }
}

async function send(project: string, body: Buffer | string, type = 'application/x-protobuf') {
  const bytes = new Uint8Array(Buffer.from(body))
  const headers = { 'content-type': type, 'x-sightline-project': project }
  return fetch(`${server.url}/v1/traces`, { method: 'POST', headers, body: bytes })
}

function sendSpans(project: string, spans: SpanInput[], more: Partial<TracesInput> = {}) {
  return send(project, encodeTraces({ spans, ...more }))
}

async function ledgerOf(project: string): Promise<Ledger> {
  const answer = await fetch(`${server.url}/api/v1/ledger?project=${project}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Ledger
}

async function whereIs(project: string, traceId: string): Promise<LedgerWhere> {
  const answer = await fetch(
    `${server.url}/api/v1/ledger/where?project=${project}&traceId=${traceId}`,
  )
  expect(answer.status).toBe(200)
  return (await answer.json()) as LedgerWhere
}

const NOTHING: LedgerTotals = {
  receivedSpans: 0,
  storedSpans: 0,
  duplicateSpans: 0,
  conflictSpans: 0,
  rejectedSpans: {},
  sdkDroppedSpans: 0,
  unmappedSpans: 0,
  refusedRequests: {},
}

describe('the ledger', () => {
  test('tells stored, duplicate, conflicting and rejected spans apart, by source', async () => {
    const resource = {
      'service.name': 'shop',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.1.0',
    }
    const spans = [chat(), chat(), chat()]
    const [first] = spans
    await sendSpans('tells', spans, { resource })
    await sendSpans('tells', spans, { resource })
    await sendSpans('tells', [{ ...chat(), ...first, name: 'another' }], { resource })
    await sendSpans('tells', [chat({ spanId: '0'.repeat(16) }), chat()], {
      scope: { name: 'inst', version: '3' },
    })

    const { totals, bySignal, items, isComplete } = await ledgerOf('tells')

    expect(totals).toEqual({
      ...NOTHING,
      receivedSpans: 9,
      storedSpans: 4,
      duplicateSpans: 4,
      conflictSpans: 1,
      rejectedSpans: { invalid_span_id: 1 },
    })
    expect(bySignal).toEqual({ traces: totals, logs: NOTHING, metrics: NOTHING })
    expect(isComplete).toBe(true)
    const bySource = items.filter(({ source }) => source.service !== 'sightline-canary')
    expect(bySource).toContainEqual({
      ...NOTHING,
      minute: expect.any(Number) as number,
      signal: 'traces',
      source: {
        dialect: 'gen-ai',
        sdk: 'opentelemetry',
        sdkVersion: '2.1.0',
        service: 'shop',
      },
      receivedSpans: 7,
      storedSpans: 3,
      duplicateSpans: 4,
      conflictSpans: 1,
    })
    expect(bySource).toContainEqual(
      expect.objectContaining({
        source: { dialect: 'gen-ai', sdk: 'inst', sdkVersion: '3', service: null },
        storedSpans: 1,
      }),
    )
  })

  test('is the same before and after its minutes are folded', async () => {
    await sendSpans('folded', [chat(), chat()])
    await sendSpans('folded', [chat()])
    const before = await ledgerOf('folded')

    await eventually(async () => {
      const [row] = await server.sql<{ n: number }[]>`
        select count(*) as n from ledger_deltas where project_id = 'folded'`
      expect(row?.n).toBe(0)
    })

    expect(await ledgerOf('folded')).toMatchObject({ totals: before.totals })
    expect(before.totals).toMatchObject({ receivedSpans: 3, storedSpans: 3 })
  })

  test('adds each count once, though several fold and record at the same time', async () => {
    const source = { dialect: 'd', sdk: null, sdkVersion: null, service: 's' }
    const minuteMs = minuteOf(Date.now())
    const counts = { stored: 2, duplicate: 1, conflict: 0, rejected: { why: 3 } }
    const entry = { projectId: 'races', minuteMs, signal: 'logs', source, ...counts } as const
    const record = async (): Promise<void> => {
      for (let n = 0; n < 20; n += 1) await recordLedger(server.sql, [entry])
    }
    const fold = async (): Promise<void> => {
      for (let n = 0; n < 20; n += 1) await foldLedger(server.sql)
    }

    await Promise.all([record(), fold(), record(), fold(), fold()])

    expect((await ledgerOf('races')).bySignal.logs).toMatchObject({
      receivedSpans: 240,
      storedSpans: 80,
      duplicateSpans: 40,
      rejectedSpans: { why: 120 },
    })
  })

  test('counts spans of which no dialect knows more than OpenTelemetry', async () => {
    await sendSpans('plain', [
      chat({ name: 'GET /', attributes: { 'http.method': 'GET' } }),
      chat(),
    ])

    expect((await ledgerOf('plain')).totals).toMatchObject({ storedSpans: 2, unmappedSpans: 1 })
  })

  test('counts requests that were refused as a whole', async () => {
    const answers = await Promise.all([
      send('refused', '{"resourceSpans":[', 'application/json'),
      send('refused', 'x', 'text/plain'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 415])

    await eventually(async () => {
      expect((await ledgerOf('refused')).totals).toEqual({
        ...NOTHING,
        refusedRequests: { bad_request: 1, unsupported_type: 1 },
      })
    })
  })

  test('counts what an SDK dropped once, however often and in whatever order it is told', async () => {
    const tell = (instance: string, dropped: number, span = chat()) =>
      sendSpans('drops', [span], {
        resource: {
          'service.name': 'shop',
          'sightline.sdk.instance': instance,
          'sightline.sdk.dropped': dropped,
        },
      })
    const repeated = chat()
    await tell('one', 0)
    await tell('one', 5, repeated)
    await tell('one', 5, repeated)
    await tell('one', 3)
    await Promise.all([8, 8, 8, 8].map((dropped) => tell('one', dropped)))
    await tell('two', 2)

    const { totals } = await ledgerOf('drops')

    expect(totals).toMatchObject({ sdkDroppedSpans: 10, storedSpans: 8, duplicateSpans: 1 })
  })

  test('counts the drops of thousands of SDK instances that one request tells of', async () => {
    const bodies = Array.from({ length: 4_000 }, (_, n) =>
      encodeTraces({
        spans: [chat()],
        resource: { 'sightline.sdk.instance': `i-${n % 3_999}`, 'sightline.sdk.dropped': 2 },
      }),
    )

    const answer = await send('instances', Buffer.concat(bodies))

    expect(answer.status).toBe(200)
    expect((await ledgerOf('instances')).totals).toMatchObject({
      storedSpans: 4_000,
      sdkDroppedSpans: 7_998,
    })
  })

  test('keeps a bounded number of notes of conflicting spans, however many come at once', async () => {
    const receivedAtMs = Date.now()
    const conflict = {
      projectId: 'conflicts',
      receivedAtMs,
      record: spanRecord(),
      fate: 'conflict' as const,
    }

    await saveDeadLetters(
      server.sql,
      Array.from({ length: 11_000 }, () => conflict),
    )

    const [row] = await server.sql<{ n: number }[]>`
      select count(*) as n from dead_letter where project_id = 'conflicts'`
    expect(row?.n).toBe(10_000)
  })

  test('folds the sources of a sender that makes up names', async () => {
    for (let part = 0; part < 4; part += 1) {
      const bodies = Array.from({ length: 100 }, (_, index) =>
        encodeTraces({ spans: [chat()], resource: { 'service.name': `s-${part}-${index}` } }),
      )
      await send('many', Buffer.concat(bodies))
    }

    const { totals, items } = await ledgerOf('many')

    expect(totals.storedSpans).toBe(400)
    const others = items.filter(({ source }) => source.service === '__other__')
    expect(others.reduce((sum, { storedSpans }) => sum + storedSpans, 0)).toBe(100)
  })
})

describe('where a trace is', () => {
  test('stored, with who sent it', async () => {
    const span = chat()
    await sendSpans('where', [span], { resource: { 'service.name': 'shop' } })

    expect(await whereIs('where', span.traceId.toUpperCase())).toEqual({
      state: 'stored',
      project: 'where',
      receivedAt: expect.any(Number) as number,
      reason: null,
      source: { dialect: 'gen-ai', sdk: 'test', sdkVersion: '1.0.0', service: 'shop' },
    })
  })

  test('stored though its times are out of range', async () => {
    const span = chat({ startMs: 1_000, endMs: 2_000 })
    await sendSpans('where', [span])

    expect(await whereIs('where', span.traceId)).toMatchObject({ state: 'stored' })
    expect((await ledgerOf('where')).totals.storedSpans).toBeGreaterThan(0)
  })

  test('rejected, with the reason and who sent it', async () => {
    const span = chat({ spanId: '0'.repeat(16) })
    await sendSpans('refusing', [span], { resource: { 'service.name': 'shop' } })

    expect(await whereIs('refusing', span.traceId)).toEqual({
      state: 'rejected',
      project: 'refusing',
      receivedAt: expect.any(Number) as number,
      reason: 'invalid_span_id',
      source: { dialect: 'otel', sdk: 'test', sdkVersion: '1.0.0', service: 'shop' },
    })
  })

  test('unknown where nothing of it came, or to another project', async () => {
    const span = chat()
    await sendSpans('where', [span])

    expect(await whereIs('elsewhere', span.traceId)).toMatchObject({ state: 'unknown' })
    const answer = await fetch(`${server.url}/api/v1/ledger/where?traceId=abc`)
    expect(answer.status).toBe(400)
  })
})
