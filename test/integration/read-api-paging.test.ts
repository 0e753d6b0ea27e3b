import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TraceList } from '../../server/contract/index.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }

let database: TestDatabase
let api: ReadApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startReadApi(database.sql)
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database.drop()
})

type Shape = { startMs: number; durationMs: number; cost: number | null; hasRoot: boolean }

const shape = fc.record({
  // Few instants, durations and costs, so that many traces share their place.
  startMs: fc.integer({ min: 0, max: 40 }).map((step) => step * 7),
  durationMs: fc.integer({ min: 0, max: 5 }).map((step) => step * 100),
  cost: fc.option(fc.integer({ min: 0, max: 4 }).map((step) => step * 1_000)),
  hasRoot: fc.boolean(),
})
const arrivals = fc.array(fc.array(shape, { maxLength: 6 }), { minLength: 8, maxLength: 8 })
const order = fc.constantFrom('-startTime', 'startTime', '-durationMs', '-cost', '-tokens')
const filter = fc.constantFrom<string[]>(
  [],
  ['type:eq:llm'],
  ['latency:gte:100'],
  ['text:has:CHAT'],
)

/** A trace of an agent and its call; without a root only the call came. */
function traceOf({ startMs, durationMs, cost, hasRoot }: Shape): SpanRecord[] {
  const startUs = (NOON_MS + startMs) * 1_000
  const root = stepRecord({ type: 'agent', startUs, durationUs: durationMs * 1_000 })
  const call = spanRecord({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    startUs: startUs + 3_000,
    durationUs: durationMs * 1_000,
    costNanoUsd: cost,
    usage: { ...spanRecord().usage, input: cost },
  })
  return hasRoot ? [root, call] : [call]
}

test('traces that arrive between pages make no older one come twice or never', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        first: fc.array(shape, { minLength: 5, maxLength: 30 }),
        arrivals,
        order,
        filter,
      }),
      async ({ first, arrivals: batches, order: sort, filter: f }) => {
        await database.sql`truncate spans, span_bodies, rollup_deltas`
        await storeSpans(database, first.flatMap(traceOf))
        const before = await page({ sort, f, limit: 1_000 })
        const older = before.items.map((item) => item.traceId)

        const seen: string[] = []
        const coming = [...batches]
        let cursor: string | null = ''
        while (cursor !== null) {
          const list: TraceList = await page({ sort, f, limit: 3, cursor })
          seen.push(...list.items.map((item) => item.traceId))
          cursor = list.nextCursor
          const batch = coming.shift() ?? []
          if (batch.length > 0) await storeSpans(database, batch.flatMap(traceOf))
        }

        expect(new Set(seen).size).toBe(seen.length)
        expect(seen.filter((traceId) => older.includes(traceId))).toEqual(older)
      },
    ),
    { numRuns: 20, seed: 7 },
  )
}, 120_000)

async function page(params: Record<string, string | number | string[]>): Promise<TraceList> {
  const { status, body } = await api.get<TraceList>('/traces', { ...HOUR, ...params })
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}
