import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSql, type Sql } from '../../server/db/client.ts'
import { amendSpans, type SpanAmendment } from '../../server/ingest/amend-spans.ts'
import { partitionDay } from '../../server/ingest/copy-rows.ts'
import { slotOf } from '../../server/projects/slot.ts'
import { compactDeltas } from '../../server/rollups/compact.ts'
import { foldIntoRows } from '../../server/rollups/fold-spans.ts'
import { PackedRow } from '../../server/rollups/packed-row.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { randomStream } from '../simulator/random.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { NOON_MS, spanRecord, storeSpans } from '../support/span-factory.ts'

const MINUTE_MS = 60_000

let database: TestDatabase
let sql: Sql
beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
})
afterEach(() => database.drop())

function amendment(record: SpanRecord, set: SpanAmendment['set']): SpanAmendment {
  const { traceId, spanId } = record
  return { projectId: 'default', traceId, spanId, day: partitionDay(record), set }
}

/** All counts of all minutes, from rows and deltas as they are stored. */
async function storedCounts(): Promise<unknown> {
  const rows = await sql<{ bucket: number; data: Buffer }[]>`
    select bucket, data from rollups
    where slot = ${slotOf('default')} and project_id = 'default' and step_ms = ${MINUTE_MS}
    union all select bucket, data from rollup_deltas`
  const minutes = new Map<number, PackedRow>()
  for (const { bucket, data } of rows) {
    const row = minutes.get(bucket) ?? new PackedRow()
    minutes.set(bucket, row)
    row.merge(data)
  }
  return countsOf(minutes)
}

function recount(records: readonly SpanRecord[]): unknown {
  const minutes = new Map<number, PackedRow>()
  foldIntoRows(records, Infinity, minutes)
  return countsOf(minutes)
}

function countsOf(minutes: Map<number, PackedRow>): unknown {
  const counts = [...minutes].flatMap(([minute, row]) =>
    [...row.seriesByKey.values()]
      .filter((series) => !series.isEmpty)
      .map(({ tuple, counters, histograms }) => {
        const sketches = histograms.map((sketch) => {
          const cells: unknown[] = []
          sketch.forEachCell((upper, count) => cells.push([upper, count]))
          return { sum: sketch.sum, cells }
        })
        return [
          `${minute} ${JSON.stringify(tuple)}`,
          { counters: [...counters], sketches },
        ] as const
      }),
  )
  return Object.fromEntries(counts)
}

test('rollups follow every change of a stored span, whatever was folded before', async () => {
  const random = randomStream(7, 'amend')
  const records = Array.from({ length: 60 }, () =>
    spanRecord({
      startUs: (NOON_MS + random.integer(5) * MINUTE_MS) * 1_000,
      durationUs: 1 + random.integer(2_000_000),
      model: random.pick(['m-1', 'm-2']),
      requestModel: null,
      responseModel: null,
    }),
  ).map((record) => ({ ...record, responseModel: record.model }))
  await storeSpans(database, records)
  const sets: SpanAmendment['set'][] = [
    { countsTokens: false, repeatsCall: true, costNanoUsd: null, costReason: 'not_a_model_call' },
    { status: 'error', errorType: 'timeout', errorMessage: 'too late', finishReasons: ['error'] },
    { streaming: true, ttftUs: 1 },
    { costNanoUsd: 5, priceVersion: 'other' },
  ]
  for (let round = 0; round < 4; round += 1) {
    const chosen = records.map((record) => ({ record, set: random.pick(sets) }))

    await amendSpans(
      sql,
      chosen.map(({ record, set }) => amendment(record, set)),
    )

    for (const { record, set } of chosen) Object.assign(record, set)
    expect(await storedCounts()).toEqual(recount(records))
    if (round % 2 === 0) await compactDeltas(sql, { maxAgeMs: 0 })
    expect(await storedCounts()).toEqual(recount(records))
  }
})

test('the same again changes nothing, and a span that is not stored is left alone', async () => {
  const record = spanRecord()
  await storeSpans(database, [record])
  const twice = [
    amendment(record, { status: 'error' }),
    amendment(record, { finishReasons: ['error'] }),
  ]

  const first = await amendSpans(sql, twice)
  const second = await amendSpans(sql, twice)
  const unknown = await amendSpans(sql, [amendment(spanRecord(), { status: 'error' })])

  expect([first, second, unknown]).toEqual([1, 0, 0])
  const [row] = await sql<{ flags: number; finishReasons: string[] }[]>`
    select flags, finish_reasons from spans`
  expect(row).toEqual({ flags: 3, finishReasons: ['error'] })
})

test('changes made at once by many are all counted once', async () => {
  const records = Array.from({ length: 20 }, () => spanRecord())
  await storeSpans(database, records)
  const other = createSql(database.target, { max: 4 })
  const sets: SpanAmendment['set'][] = [
    { status: 'error' },
    { ttftUs: 400, streaming: true },
    { errorType: 'timeout' },
    { costNanoUsd: 9 },
  ]

  await Promise.all(
    sets.map((set, at) =>
      amendSpans(
        at % 2 === 0 ? sql : other,
        (at < 2 ? records : records.toReversed()).map((record) => amendment(record, set)),
      ),
    ),
  )
  await other.end()

  for (const record of records) for (const set of sets) Object.assign(record, set)
  expect(await storedCounts()).toEqual(recount(records))
})
