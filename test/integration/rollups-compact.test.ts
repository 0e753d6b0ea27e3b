import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSql } from '../../server/db/client.ts'
import type { Sql } from '../../server/db/client.ts'
import { withDeadline } from '../../server/db/copy.ts'
import { slotOf } from '../../server/projects/slot.ts'
import { STORED_STEPS_MS, floorTo } from '../../server/rollups/bucket.ts'
import { compactDeltas } from '../../server/rollups/compact.ts'
import { foldIntoRows } from '../../server/rollups/fold-spans.ts'
import type { FoldableSpan } from '../../server/rollups/fold-spans.ts'
import { PackedRow } from '../../server/rollups/packed-row.ts'
import { randomStream } from '../simulator/random.ts'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { callOf, writeDeltas } from './rollups-calls.ts'

const START_MS = Date.UTC(2026, 0, 15, 10, 50)
const MINUTE_MS = 60_000
const ALL = { maxAgeMs: 0 }

let database: TestDatabase
let sql: Sql
beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
})
afterEach(() => database.drop())

/** Batches over 25 minutes that cross an hour, in no order of time. */
function randomBatches(count: number, seed: number): FoldableSpan[][] {
  const random = randomStream(seed, 'batches')
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.integer(20) }, () =>
      callOf({
        endMs: START_MS + random.uniform() * 25 * MINUTE_MS,
        durationUs: Math.round(random.logNormal(800_000, 0.7)),
        model: random.pick(['m-1', 'm-2', null]),
        status: random.pick(['ok', 'ok', 'error']),
        usage: { input: random.integer(5_000), output: random.integer(400) },
      }),
    ),
  )
}

/** Every stored step's rows, made from the spans themselves. */
function recount(spans: readonly FoldableSpan[]): Map<string, string> {
  const minutes = new Map<number, PackedRow>()
  foldIntoRows(spans, Infinity, minutes)
  const rows = new Map<string, PackedRow>()
  for (const [minuteMs, row] of minutes) {
    for (const stepMs of STORED_STEPS_MS) {
      const key = `${stepMs} ${floorTo(minuteMs, stepMs)}`
      const target = rows.get(key) ?? new PackedRow()
      target.merge(row.encode())
      rows.set(key, target)
    }
  }
  return new Map([...rows].map(([key, row]) => [key, row.encode().toString('hex')]))
}

async function storedRows(projectId = 'default'): Promise<Map<string, string>> {
  const rows = await sql<{ stepMs: number; bucket: number; data: Buffer }[]>`
    select step_ms, bucket, data from rollups
    where slot = ${slotOf(projectId)} and project_id = ${projectId}`
  return new Map(rows.map((row) => [`${row.stepMs} ${row.bucket}`, row.data.toString('hex')]))
}

async function deltaCount(): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*) as n from rollup_deltas`
  return row?.n ?? 0
}

test('rows of every step equal a recount after folding in one go', async () => {
  const batches = randomBatches(60, 1)
  for (const batch of batches) await writeDeltas(sql, batch)
  const deltas = await deltaCount()

  const { folded } = await compactDeltas(sql, ALL)

  expect(folded).toBe(deltas)
  expect(await deltaCount()).toBe(0)
  expect(await storedRows()).toEqual(recount(batches.flat()))
})

test('two compactors beside a writer fold each delta exactly once', async () => {
  const batches = randomBatches(120, 2)
  const others = [createSql(database.target, { max: 2 }), createSql(database.target, { max: 2 })]
  let written = 0
  let isWriting = true
  async function write(): Promise<void> {
    for (const batch of batches) written += await writeDeltas(sql, batch)
    isWriting = false
  }
  async function compact(own: Sql): Promise<number> {
    let folded = 0
    while (isWriting) folded += (await compactDeltas(own, ALL)).folded
    return folded
  }

  const [, ...counts] = await Promise.all([write(), ...others.map(compact)])
  const last = await compactDeltas(sql, ALL)
  await Promise.all(others.map((own) => own.end()))

  expect(counts.reduce((sum, count) => sum + count, last.folded)).toBe(written)
  expect(await deltaCount()).toBe(0)
  expect(await storedRows()).toEqual(recount(batches.flat()))
})

test('compactors that lose their connection at any moment leave each delta folded once', async () => {
  const batches = randomBatches(80, 3)
  let isWriting = true
  async function write(): Promise<void> {
    for (const batch of batches) await writeDeltas(sql, batch)
    isWriting = false
  }
  let broken = 0
  async function compact(): Promise<void> {
    const own = createSql(database.target, { max: 1 })
    while (isWriting) {
      // The driver loses a query now and then whose connection is cut, and would wait for it for ever.
      await withDeadline(compactDeltas(own, ALL), 5_000).catch(() => {
        broken += 1
      })
    }
    await own.end({ timeout: 1 })
  }
  async function breakThem(): Promise<void> {
    while (isWriting) {
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and query like '%with gone as%'`
    }
  }

  await Promise.all([write(), compact(), compact(), breakThem()])
  await compactDeltas(sql, ALL)

  expect(broken).toBeGreaterThan(0)
  expect(await storedRows()).toEqual(recount(batches.flat()))
})

test('a bucket waits for 32 deltas or an old one', async () => {
  for (let i = 0; i < 31; i += 1) await writeDeltas(sql, [callOf({ endMs: START_MS })])
  const patient = { maxAgeMs: 3_600_000 }

  const early = await compactDeltas(sql, patient)
  await writeDeltas(sql, [callOf({ endMs: START_MS })])
  const enough = await compactDeltas(sql, patient)
  await writeDeltas(sql, [callOf({ endMs: START_MS })])
  const old = await compactDeltas(sql, ALL)

  expect([early.folded, enough.folded, old.folded]).toEqual([0, 32, 1])
})

test('projects are folded apart, also one that nobody has listed', async () => {
  const ours = [callOf({ endMs: START_MS })]
  const theirs = [callOf({ endMs: START_MS, model: 'm-9' })]
  await writeDeltas(sql, ours)
  await writeDeltas(sql, theirs, { projectId: 'shop' })

  await compactDeltas(sql, ALL)

  expect(await storedRows()).toEqual(recount(ours))
  expect(await storedRows('shop')).toEqual(recount(theirs))
})
