import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DriftResult, DriftSignalName } from '../../server/contract/index.ts'
import { DriftResult as DriftResultSchema } from '../../server/contract/index.ts'
import type { Sql } from '../../server/db/client.ts'
import { queryDrift } from '../../server/drift/query-drift.ts'
import { compactDeltas } from '../../server/rollups/compact.ts'
import type { FoldableSpan } from '../../server/rollups/fold-spans.ts'
import { randomStream } from '../simulator/random.ts'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { callOf, writeDeltas } from './rollups-calls.ts'

const T0 = Date.UTC(2026, 0, 15, 10, 0)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MINUTES = 1_440

let database: TestDatabase
let sql: Sql
let projectId = 'p-0'
let projects = 0
beforeAll(async () => {
  database = await createTestDatabase()
  sql = database.sql
})
afterAll(() => database.drop())
beforeEach(() => {
  projects += 1
  projectId = `p-${projects}`
})

type Traffic = { minutes: number; perMinute: number; longFrom?: number; type?: 'llm' | 'embedding' }

/** Seeded log-normal lengths from T0; from minute `longFrom` on, inputs are 1.4 times as long. */
function traffic({ minutes, perMinute, longFrom = Infinity, type = 'llm' }: Traffic) {
  const random = randomStream(7, `drift ${type}`)
  return Array.from({ length: minutes * perMinute }, (_, i): FoldableSpan => {
    const minute = Math.floor(i / perMinute)
    const factor = minute >= longFrom ? 1.4 : 1
    return callOf({
      endMs: T0 + (minute + (i % perMinute) / perMinute) * MINUTE_MS,
      type,
      usage: {
        input: Math.round(random.logNormal(1_800, 0.4) * factor),
        output: Math.round(random.logNormal(250, 0.6)),
      },
    })
  })
}

/** The day's head folded, its last stretch still in deltas, as in a running server. */
async function write(calls: FoldableSpan[]): Promise<void> {
  const cut = Math.floor(calls.length * 0.97)
  await writeDeltas(sql, calls.slice(0, cut), { projectId })
  await compactDeltas(sql, { maxAgeMs: 0 })
  await writeDeltas(sql, calls.slice(cut), { projectId })
}

function ask(toMinute: number, rangeMs = HOUR_MS): Promise<DriftResult> {
  const to = T0 + toMinute * MINUTE_MS
  return queryDrift(sql, { projectId, range: { from: to - rangeMs, to }, filter: [] })
}

function signalOf(result: DriftResult, name: DriftSignalName) {
  const found = result.signals.find(({ signal }) => signal === name)
  if (found === undefined) throw new Error(`no signal ${name}`)
  return found
}

test('longer prompts turn input length alone, within ten minutes', async () => {
  await write(traffic({ minutes: DAY_MINUTES + 30, perMinute: 30, longFrom: DAY_MINUTES }))

  const before = await ask(DAY_MINUTES)
  const after = await ask(DAY_MINUTES + 10)

  expect(before.signals.map(({ verdict }) => verdict)).toEqual(['stable', 'stable'])
  const input = signalOf(after, 'input_length')
  expect(input.verdict).toBe('shifted')
  expect(input.effect.text).toMatch(/^median 1,8\d\d → 2,[45]\d\d tokens$/)
  expect(input.evidence).toBeGreaterThan(input.threshold)
  expect(signalOf(after, 'output_length').verdict).toBe('stable')
  expect(DriftResultSchema.parse(after)).toEqual(after)
})

test('the window is the last ten complete minutes and the reference the day before it', async () => {
  await write(traffic({ minutes: DAY_MINUTES + 30, perMinute: 30 }))
  const to = T0 + (DAY_MINUTES + 20.5) * MINUTE_MS

  const result = await queryDrift(sql, { projectId, range: { from: to - HOUR_MS, to }, filter: [] })

  const { window, reference, n, nReference } = signalOf(result, 'input_length')
  const end = T0 + (DAY_MINUTES + 20) * MINUTE_MS
  expect(window).toEqual({ from: end - 10 * MINUTE_MS, to: end })
  expect(reference).toEqual({ from: window.from - 24 * HOUR_MS, to: window.from })
  expect([n, nReference]).toEqual([300, DAY_MINUTES * 30])
})

test('a window widens, a minute at a time, until it holds 200 calls', async () => {
  await write(traffic({ minutes: DAY_MINUTES, perMinute: 6 }))

  const { window, n, verdict } = signalOf(await ask(DAY_MINUTES), 'output_length')

  expect(n).toBe(204)
  expect(window.to - window.from).toBe(34 * MINUTE_MS)
  expect(verdict).toBe('stable')
})

test('traffic too thin for sixty minutes is insufficient', async () => {
  await write(traffic({ minutes: DAY_MINUTES, perMinute: 3 }))

  const { window, n, verdict, effect } = signalOf(await ask(DAY_MINUTES), 'input_length')

  expect([n, verdict]).toEqual([180, 'insufficient'])
  expect(window.to - window.from).toBe(60 * MINUTE_MS)
  expect(effect.text).toBe('too few calls: 180 of 200')
})

test('a project in its first hours is learning', async () => {
  await write(traffic({ minutes: 300, perMinute: 30 }))

  expect((await ask(300)).signals.map(({ verdict }) => verdict)).toEqual(['learning', 'learning'])
})

test('the strip judges each bucket at its end as the call for that instant does', async () => {
  await write(traffic({ minutes: DAY_MINUTES + 60, perMinute: 25, longFrom: DAY_MINUTES + 20 }))

  const { strip } = signalOf(await ask(DAY_MINUTES + 60), 'input_length')

  expect(strip.length).toBe(30)
  expect(strip.map(({ t }) => (t - T0) / MINUTE_MS)).toEqual(
    Array.from({ length: 30 }, (_, i) => DAY_MINUTES + i * 2),
  )
  for (const minute of [12, 24, 28, 58]) {
    const single = signalOf(await ask(DAY_MINUTES + minute + 2), 'input_length')
    const bucket = strip[minute / 2]
    expect([bucket?.evidence, bucket?.verdict]).toEqual([single.evidence, single.verdict])
  }
  expect(strip[5]?.verdict).toBe('stable')
  expect(strip[15]?.verdict).toBe('shifted')
})

test('a range that reaches into the future is judged now', async () => {
  const nowMs = Date.now()
  const range = { from: nowMs - HOUR_MS, to: nowMs + HOUR_MS }

  const { signals, storedThrough } = await queryDrift(sql, { projectId, range, filter: [] })

  const { window, strip } = signalOf({ signals, storedThrough }, 'input_length')
  expect(window.to).toBe(Math.floor(storedThrough / MINUTE_MS) * MINUTE_MS)
  expect(strip.length).toBeLessThan(20)
  expect(strip.every(({ verdict }) => verdict === 'learning')).toBe(true)
})

test('embeddings are no part of the lengths, unless asked for', async () => {
  await write([
    ...traffic({ minutes: 30, perMinute: 30 }),
    ...traffic({ minutes: 30, perMinute: 30, type: 'embedding' }),
  ])
  const range = { from: T0, to: T0 + 30 * MINUTE_MS }

  const generations = await queryDrift(sql, { projectId, range, filter: [] })
  const term = { field: 'type', op: 'in', value: 'llm,embedding' } as const
  const all = await queryDrift(sql, { projectId, range, filter: [term] })

  expect(signalOf(generations, 'input_length').n).toBe(300)
  expect(signalOf(all, 'input_length').n).toBe(600)
})

test('a filter beyond the series is refused', async () => {
  const range = { from: T0, to: T0 + HOUR_MS }
  const filter = [{ field: 'user', op: 'eq', value: 'u-1' } as const]

  await expect(queryDrift(sql, { projectId, range, filter })).rejects.toMatchObject({
    status: 422,
    field: 'f',
  })
})
