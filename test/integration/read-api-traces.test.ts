import { expect, test } from 'vitest'
import {
  TraceDetail,
  TraceList,
  type ApiError,
  type SpanList,
} from '../../server/contract/index.ts'
import { readWithin } from '../../server/db/read-within.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { walkTraces } from '../../server/spans/walk-traces.ts'
import { useReadApi } from '../support/read-api-tests.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }
const NOON_US = NOON_MS * 1_000
const SECOND_US = 1_000_000
const DAY_US = 86_400 * SECOND_US

const reads = useReadApi()

async function listed(params: Record<string, string | number | string[]> = {}) {
  const { status, body } = await reads.api.get<TraceList>('/traces', { ...HOUR, ...params })
  expect(status, JSON.stringify(body)).toBe(200)
  return TraceList.parse(body)
}

/** A request: an agent span with a retrieval, a tool and a streamed answer in it. */
function conversation(overrides: Partial<SpanRecord> = {}): SpanRecord[] {
  const root = stepRecord({
    name: 'answer ticket',
    type: 'agent',
    durationUs: 8 * SECOND_US,
    userId: 'user-7',
    sessionId: 'session-9',
    ...overrides,
  })
  const child = (part: Partial<SpanRecord> & { startUs: number }) => ({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    ...part,
  })
  return [
    root,
    stepRecord(
      child({ type: 'retriever', startUs: root.startUs + SECOND_US, durationUs: SECOND_US }),
    ),
    stepRecord(
      child({ type: 'tool', startUs: root.startUs + 2 * SECOND_US, durationUs: SECOND_US }),
    ),
    spanRecord(
      child({ startUs: root.startUs + 3 * SECOND_US, durationUs: 4 * SECOND_US, ttftUs: 500_000 }),
    ),
  ]
}

test('a trace is summed up with its root, its totals and where its time went', async () => {
  await storeSpans(reads.database, conversation())

  const { items, nextCursor } = await listed()

  expect(nextCursor).toBeNull()
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({
    name: 'answer ticket',
    startTime: NOON_MS,
    durationMs: 8_000,
    ttftMs: 3_500,
    status: 'ok',
    spanCount: 4,
    errorCount: 0,
    models: ['gpt-4o-mini'],
    usage: { inputTokens: 100, outputTokens: 20 },
    cost: { totalUsd: 0.000027, unpricedCalls: 0 },
    userId: 'user-7',
    sessionId: 'session-9',
    rootReceived: true,
    segments: [
      { kind: 'other', ms: 1_000 },
      { kind: 'retrieval', ms: 1_000 },
      { kind: 'tool', ms: 1_000 },
      { kind: 'wait', ms: 500 },
      { kind: 'generation', ms: 3_500 },
      { kind: 'other', ms: 1_000 },
    ],
  })
})

test('a trace whose root has not come is listed by its first span', async () => {
  const [, ...withoutRoot] = conversation()
  await storeSpans(reads.database, withoutRoot)

  const { items } = await listed()

  expect(items).toMatchObject([
    { rootReceived: false, startTime: NOON_MS + 1_000, durationMs: 6_000, spanCount: 3 },
  ])
})

test('a trace belongs to the range its root starts in, not to those of its later spans', async () => {
  const early = conversation({ startUs: NOON_US - 4 * SECOND_US })
  await storeSpans(reads.database, early)

  const after = await listed()
  const before = await listed({ from: NOON_MS - 3_600_000, to: NOON_MS })

  expect(after.items).toEqual([])
  expect(before.items).toMatchObject([{ spanCount: 4 }])
})

test('a trace that runs over midnight is one trace', async () => {
  const midnightMs = Date.UTC(2026, 2, 5)
  const spans = conversation({ startUs: (midnightMs - 4_000) * 1_000 })
  await storeSpans(reads.database, spans)

  const { items } = await listed({ from: midnightMs - 60_000, to: midnightMs + 60_000 })
  const nextDay = await listed({ from: midnightMs, to: midnightMs + 60_000 })

  expect(items).toMatchObject([{ spanCount: 4, durationMs: 8_000, rootReceived: true }])
  expect(nextDay.items).toEqual([])
})

test('a late span of a trace that began days ago makes no trace of its own', async () => {
  const root = stepRecord({ name: 'long job', startUs: NOON_US - 5 * DAY_US })
  const late = spanRecord({ traceId: root.traceId, parentSpanId: root.spanId })
  await storeSpans(reads.database, [root, late])

  const today = await listed()
  const detail = await reads.api.get<TraceDetail>(`/traces/${root.traceId}`)

  expect(today.items).toEqual([])
  expect(detail.body.spans.map((span) => span.name)).toEqual(['long job', 'chat gpt-4o-mini'])
})

test('a trace that runs for days is summed up whole', async () => {
  const root = stepRecord({ durationUs: 4 * DAY_US })
  const daily = Array.from({ length: 4 }, (_, day) =>
    spanRecord({
      traceId: root.traceId,
      parentSpanId: root.spanId,
      startUs: NOON_US + day * DAY_US,
    }),
  )
  await storeSpans(reads.database, [root, ...daily])

  for (const sort of ['-startTime', '-cost']) {
    const { items } = await listed({ sort, f: 'cost:gt:0.0001' })
    expect(items, sort).toMatchObject([{ spanCount: 5, usage: { inputTokens: 400 } }])
  }
})

test("the status of a trace is its root's; without a root any failed span makes it an error", async () => {
  const [root, retrieval, tool, call] = conversation() as [
    SpanRecord,
    SpanRecord,
    SpanRecord,
    SpanRecord,
  ]
  const orphan = spanRecord({ parentSpanId: 'b000000000000001', status: 'error', errorType: '429' })
  await storeSpans(reads.database, [root, retrieval, tool, { ...call, status: 'error' }, orphan])

  const { items } = await listed()

  const statusBy = new Map(items.map((item) => [item.traceId, item]))
  expect(statusBy.get(root.traceId)).toMatchObject({ status: 'ok', errorCount: 1 })
  expect(statusBy.get(orphan.traceId)).toMatchObject({ status: 'error', errorCount: 1 })
})

test('one span must match all span terms together', async () => {
  const root = stepRecord({ service: 'gateway' })
  const child = spanRecord({ traceId: root.traceId, parentSpanId: root.spanId, service: 'worker' })
  await storeSpans(reads.database, [root, child])

  const apart = await listed({ f: ['service:eq:gateway', 'type:eq:llm'] })
  const together = await listed({ f: ['service:eq:worker', 'type:eq:llm'] })

  expect(apart.items).toEqual([])
  expect(together.items).toHaveLength(1)
})

test('latency, cost and tokens filter traces by their totals', async () => {
  await storeSpans(reads.database, [
    ...conversation(),
    spanRecord({ usage: bigUsage(), costNanoUsd: 9e9 }),
  ])

  const slow = await listed({ f: 'latency:gt:7999' })
  const costly = await listed({ f: 'cost:gte:9' })
  const small = await listed({ f: ['tokens:lte:120', 'latency:lt:60000'] })

  expect(slow.items).toMatchObject([{ name: 'answer ticket' }])
  expect(costly.items).toMatchObject([{ cost: { totalUsd: 9 } }])
  expect(small.items).toMatchObject([{ name: 'answer ticket' }])
})

test('a page follows the other in every order, and none repeats or is left out', async () => {
  const records = Array.from({ length: 23 }, (_, at) =>
    spanRecord({
      // Pairs share an instant, so that the order must be settled by the trace.
      startUs: NOON_US + Math.floor(at / 2) * 1_001,
      durationUs: (at % 7) * SECOND_US,
      costNanoUsd: at % 3 === 0 ? null : at * 1_000,
      usage: { ...bigUsage(), input: (at * 5) % 11 },
    }),
  )
  await storeSpans(reads.database, records)

  for (const sort of ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens']) {
    const seen: TraceList['items'] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: TraceList = await listed({ sort, limit: 5, cursor })
      expect(page.items.length).toBeLessThanOrEqual(5)
      seen.push(...page.items)
      cursor = page.nextCursor
    }
    expect(new Set(seen.map((item) => item.traceId)).size, sort).toBe(23)
    expect(seen, sort).toHaveLength(23)
    expect(seen.map(keyOf(sort)), sort).toEqual(seen.map(keyOf(sort)).toSorted(orderOf(sort)))
  }
})

test('a filter that keeps few of many traces finds them all the same', async () => {
  const many = Array.from({ length: 4_000 }, (_, at) =>
    spanRecord({ startUs: NOON_US + at * 1_000, durationUs: 1_000 }),
  )
  const rare = spanRecord({ startUs: NOON_US + 500, model: 'rare:x', responseModel: 'rare:x' })
  await storeSpans(reads.database, [...many, rare])

  for (const f of ['model:eq:rare:x', 'latency:gt:500']) {
    for (const sort of ['-startTime', 'startTime', '-cost']) {
      const { items, nextCursor } = await listed({ f, sort })
      expect(items.map((item) => item.traceId)).toEqual([rare.traceId])
      expect(nextCursor).toBeNull()
    }
  }
})

test('a walk that meets next to nothing gives up, one that fills its page stops there', async () => {
  const many = Array.from({ length: 3_000 }, (_, at) =>
    spanRecord({ startUs: NOON_US + at * 1_000, durationUs: 1_000 }),
  )
  await storeSpans(reads.database, many)
  const walk = {
    projectId: 'default',
    range: HOUR,
    limit: 2,
    isNewestFirst: true,
    after: undefined,
    maxSpans: 1_000,
  }

  const [barren, fruitful] = await readWithin(reads.database.sql, (read) =>
    Promise.all([
      walkTraces(read, { ...walk, filters: [{ field: 'latency', op: 'gt', value: '500' }] }),
      walkTraces(read, { ...walk, filters: [] }),
    ]),
  )

  expect(barren).toEqual({ status: 'too-many' })
  const newest = many.slice(-3).toReversed()
  expect(fruitful).toMatchObject({
    status: 'done',
    places: newest.map((span) => ({ key: span.startUs, trace: span.traceId })),
  })
})

test('two projects with the same trace see each their own', async () => {
  const spans = conversation()
  await storeSpans(reads.database, spans)
  await storeSpans(reads.database, spans.slice(0, 2), 'other')
  const traceId = spans[0]?.traceId ?? ''

  const own = await listed()
  const other = await listed({ project: 'other' })
  const detail = await reads.api.get<TraceDetail>(`/traces/${traceId}`, { project: 'other' })
  const nobody = await reads.api.get<ApiError>(`/traces/${traceId}`, { project: 'third' })

  expect(own.items).toMatchObject([{ traceId, spanCount: 4 }])
  expect(other.items).toMatchObject([{ traceId, spanCount: 2 }])
  expect(detail.body.spans).toHaveLength(2)
  expect(nobody.status).toBe(404)
})

test('one trace answers its spans by start and the totals of its calls', async () => {
  const spans = conversation()
  const root = spans[0] ?? stepRecord()
  const failed = spanRecord({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    startUs: NOON_US + 100,
    type: 'embedding',
    status: 'error',
    costNanoUsd: null,
    costReason: 'missing_usage',
    usage: { ...bigUsage(), input: null, output: null },
  })
  await storeSpans(reads.database, [...spans, failed])

  const { body } = await reads.api.get<TraceDetail>(`/traces/${root.traceId}`)

  const detail = TraceDetail.parse(body)
  expect(detail.spans.map((span) => span.type)).toEqual([
    'agent',
    'embedding',
    'retriever',
    'tool',
    'llm',
  ])
  expect(detail.totals).toEqual({
    usage: {
      inputTokens: 100,
      outputTokens: 20,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    },
    cost: { totalUsd: 0.000027, unpricedCalls: 1 },
    spanCount: 5,
    modelCalls: 2,
    failedModelCalls: 1,
    embeddingCalls: 1,
  })
})

test('a trace is read in smaller pages where that is asked for, each with the totals of the whole', async () => {
  const spans = conversation()
  await storeSpans(reads.database, spans)
  const path = `/traces/${spans[0]?.traceId ?? ''}`

  const whole = TraceDetail.parse((await reads.api.get<TraceDetail>(path)).body)
  const first = TraceDetail.parse((await reads.api.get<TraceDetail>(path, { limit: 3 })).body)
  const rest = TraceDetail.parse(
    (await reads.api.get<TraceDetail>(path, { limit: 3, cursor: first.nextCursor ?? '' })).body,
  )
  const tooMany = await reads.api.get<ApiError>(path, { limit: 5_001 })

  expect(first.spans).toHaveLength(3)
  expect([...first.spans, ...rest.spans]).toEqual(whole.spans)
  expect([first.totals, rest.totals]).toEqual([whole.totals, whole.totals])
  expect([whole.nextCursor, rest.nextCursor]).toEqual([null, null])
  expect(tooMany).toMatchObject({ status: 422, body: { error: { field: 'limit' } } })
})

test('a large trace comes in pages of 5,000 spans', async () => {
  const root = stepRecord()
  const children = Array.from({ length: 5_200 }, (_, at) =>
    stepRecord({
      traceId: root.traceId,
      parentSpanId: root.spanId,
      startUs: NOON_US + Math.floor(at / 3),
    }),
  )
  await storeSpans(reads.database, [root, ...children])

  const first = await reads.api.get<TraceDetail>(`/traces/${root.traceId}`)
  const second = await reads.api.get<TraceDetail>(`/traces/${root.traceId}`, {
    cursor: first.body.nextCursor ?? '',
  })

  expect(first.body.spans).toHaveLength(5_000)
  expect(second.body.spans).toHaveLength(201)
  expect(second.body.nextCursor).toBeNull()
  const ids = [...first.body.spans, ...second.body.spans].map((span) => span.spanId)
  expect(new Set(ids).size).toBe(5_201)
})

test('quarantined spans are in no list', async () => {
  const far = spanRecord({ startUs: 1_000_000, quarantined: true })
  await storeSpans(reads.database, [far])

  const traces = await listed({ from: 0, to: 3_600_000 })
  const spans = await reads.api.get<SpanList>('/spans', { from: 0, to: 3_600_000 })
  const detail = await reads.api.get<ApiError>(`/traces/${far.traceId}`)

  expect(traces.items).toEqual([])
  expect(spans.body.items).toEqual([])
  expect(detail.status).toBe(404)
})

function bigUsage(): SpanRecord['usage'] {
  return { ...spanRecord().usage, input: 1_000, output: 500 }
}

function keyOf(sort: string) {
  return (item: TraceList['items'][number]): number => {
    switch (sort) {
      case '-durationMs':
        return item.durationMs ?? -1
      case '-cost':
        return item.cost.totalUsd ?? -1
      case '-tokens':
        return item.usage.inputTokens + item.usage.outputTokens
      default:
        return item.startTime
    }
  }
}

function orderOf(sort: string) {
  return (a: number, b: number) => (sort === 'startTime' ? a - b : b - a)
}
