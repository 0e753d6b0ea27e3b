import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parseFilterTerm } from '../../server/contract/index.ts'
import type { FilterTerm, MetricName, MetricResult } from '../../server/contract/index.ts'
import type { Sql } from '../../server/db/client.ts'
import { recordCollectorUp } from '../../server/rollups/collector-up.ts'
import { compactDeltas } from '../../server/rollups/compact.ts'
import { deleteExpiredRollups } from '../../server/rollups/delete-expired.ts'
import type { FoldableSpan } from '../../server/rollups/fold-spans.ts'
import { projectLatenessMs } from '../../server/rollups/lateness.ts'
import { queryMetric, queryMetrics } from '../../server/rollups/query-metric.ts'
import type { MetricQuery } from '../../server/rollups/query-metric.ts'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { callOf, setClock, writeDeltas } from './rollups-calls.ts'

const T0 = Date.UTC(2026, 0, 15, 10, 0)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

// One database for the file; each test has a project of its own, and the real clock at its start.
let database: TestDatabase
let sql: Sql
let projectId = 'p-0'
let projects = 0
beforeAll(async () => {
  database = await createTestDatabase()
  sql = database.sql
})
afterAll(() => database.drop())
beforeEach(async () => {
  projects += 1
  projectId = `p-${projects}`
  await sql`update clock_offset set shift = interval '0'`
  await sql`delete from collector_up`
})

async function write(calls: FoldableSpan[], receivedAtMs = Infinity): Promise<void> {
  await writeDeltas(sql, calls, { projectId, receivedAtMs })
}

function filterOf(...raw: string[]): FilterTerm[] {
  return raw.map((text) => {
    const parsed = parseFilterTerm(text)
    if (parsed.status === 'invalid') throw new Error(parsed.message)
    return parsed.term
  })
}

function queryOf(metric: MetricName, overrides: Partial<MetricQuery> = {}): MetricQuery {
  return {
    projectId,
    metric,
    range: { from: T0, to: T0 + 10 * MINUTE_MS },
    stepMs: MINUTE_MS,
    groupBy: [],
    filter: [],
    ...overrides,
  }
}

function pointsOf(result: MetricResult): [number, number | null, number][] {
  return result.series.flatMap((series) =>
    series.points.map((point): [number, number | null, number] => [
      (point.t - T0) / MINUTE_MS,
      point.value,
      point.n,
    ]),
  )
}

/** Four calls in minute 1, one in minute 3. */
function exampleCalls() {
  const at = T0 + MINUTE_MS + 1_000
  return [
    callOf({
      endMs: at,
      durationUs: 1_000_000,
      ttftUs: 400_000,
      costNanoUsd: 2_000_000,
      usage: { input: 100, output: 30, cacheRead: 40, cacheWrite: 10, reasoning: 5 },
    }),
    callOf({
      endMs: at + 10,
      durationUs: 3_000_000,
      ttftUs: 1_000_000,
      costNanoUsd: 500_000,
      model: 'm-2',
      usage: { input: 300, output: 100, cacheRead: 60 },
    }),
    callOf({
      endMs: at + 20,
      durationUs: 200_000,
      ttftUs: null,
      streaming: null,
      costNanoUsd: null,
      status: 'error',
      errorType: '429',
      usage: { input: null, output: null },
    }),
    callOf({
      endMs: at + 30,
      type: 'embedding',
      durationUs: 100_000,
      ttftUs: null,
      streaming: null,
      costNanoUsd: 1_000,
      usage: { input: 50, output: null },
    }),
    callOf({ endMs: T0 + 3 * MINUTE_MS, durationUs: 5_000_000, ttftUs: 600_000 }),
  ]
}

const EXPECTED: [MetricName, [number, number, number][]][] = [
  [
    'requests',
    [
      [1, 4, 4],
      [3, 1, 1],
    ],
  ],
  [
    'errors',
    [
      [1, 1, 4],
      [3, 0, 1],
    ],
  ],
  [
    'tokens_input',
    [
      [1, 450, 4],
      [3, 100, 1],
    ],
  ],
  [
    'tokens_output',
    [
      [1, 130, 4],
      [3, 20, 1],
    ],
  ],
  [
    'tokens_cache_read',
    [
      [1, 100, 4],
      [3, 0, 1],
    ],
  ],
  [
    'tokens_cache_write',
    [
      [1, 10, 4],
      [3, 0, 1],
    ],
  ],
  [
    'tokens_reasoning',
    [
      [1, 5, 4],
      [3, 0, 1],
    ],
  ],
  [
    'tokens_total',
    [
      [1, 580, 4],
      [3, 120, 1],
    ],
  ],
  [
    'cost',
    [
      [1, 0.002501, 3],
      [3, 0.001, 1],
    ],
  ],
  [
    'error_rate',
    [
      [1, 0.25, 4],
      [3, 0, 1],
    ],
  ],
  [
    'cache_hit_rate',
    [
      [1, 100 / 450, 3],
      [3, 0, 1],
    ],
  ],
  [
    'latency_avg',
    [
      [1, 1_075, 4],
      [3, 5_000, 1],
    ],
  ],
  [
    'latency_p50',
    [
      [1, 600, 4],
      [3, 5_000, 1],
    ],
  ],
  [
    'latency_p90',
    [
      [1, 2_400, 4],
      [3, 5_000, 1],
    ],
  ],
  [
    'latency_p95',
    [
      [1, 2_700, 4],
      [3, 5_000, 1],
    ],
  ],
  [
    'latency_p99',
    [
      [1, 2_940, 4],
      [3, 5_000, 1],
    ],
  ],
  [
    'ttft_p50',
    [
      [1, 700, 2],
      [3, 600, 1],
    ],
  ],
  [
    'ttft_p95',
    [
      [1, 970, 2],
      [3, 600, 1],
    ],
  ],
  [
    'ttft_p99',
    [
      [1, 994, 2],
      [3, 600, 1],
    ],
  ],
  [
    'output_tokens_per_second_p50',
    [
      [1, 50, 2],
      [3, 20 / 4.4, 1],
    ],
  ],
  [
    'cost_per_request',
    [
      [1, 0.002501 / 3, 3],
      [3, 0.001, 1],
    ],
  ],
]

test.each(EXPECTED)(
  '%s is what the calls add up to, before and after folding',
  async (metric, expected) => {
    await write(exampleCalls())

    const fresh = await queryMetric(sql, queryOf(metric))
    await compactDeltas(sql, { maxAgeMs: 0 })
    const folded = await queryMetric(sql, queryOf(metric))

    expect(pointsOf(folded)).toEqual(pointsOf(fresh))
    const isPercentile = /_p\d\d$/.test(metric)
    for (const [i, [minute, value, n]] of expected.entries()) {
      const [gotMinute, gotValue, gotN] = pointsOf(fresh)[i] ?? []
      expect([gotMinute, gotN]).toEqual([minute, n])
      const tolerance = isPercentile ? value * 0.011 : 1e-12
      expect(Math.abs((gotValue ?? Number.NaN) - value)).toBeLessThanOrEqual(tolerance)
    }
    expect(pointsOf(fresh).length).toBe(expected.length)
  },
)

test('a bucket without a call that has the value is left out, a sum over unpriced calls is 0', async () => {
  const call = callOf({ endMs: T0, costNanoUsd: null, ttftUs: null })
  await write([call])

  expect(pointsOf(await queryMetric(sql, queryOf('cost')))).toEqual([[0, 0, 0]])
  expect((await queryMetric(sql, queryOf('ttft_p95'))).series).toEqual([])
  expect((await queryMetric(sql, queryOf('cost_per_request'))).series).toEqual([])
})

test('from is rounded down to its minute and buckets of a step begin there', async () => {
  await write([
    callOf({ endMs: T0 + 7 * MINUTE_MS }),
    callOf({ endMs: T0 + 11 * MINUTE_MS + 59_999 }),
    callOf({ endMs: T0 + 12 * MINUTE_MS }),
    callOf({ endMs: T0 + 6 * MINUTE_MS + 59_999 }),
  ])
  const range = { from: T0 + 7 * MINUTE_MS + 31_000, to: T0 + HOUR_MS }

  const result = await queryMetric(sql, queryOf('requests', { range, stepMs: 5 * MINUTE_MS }))

  expect(pointsOf(result)).toEqual([
    [7, 2, 2],
    [12, 1, 1],
  ])
  expect(result.stepMs).toBe(5 * MINUTE_MS)
})

test('step all is one bucket over the whole range', async () => {
  await write(exampleCalls())

  const result = await queryMetric(sql, queryOf('latency_avg', { stepMs: null }))

  expect(pointsOf(result)).toEqual([[0, (1_075 * 4 + 5_000) / 5, 5]])
  expect(result.stepMs).toBe(10 * MINUTE_MS)
})

test('any range over folded rows of three steps counts each call once', async () => {
  const calls = Array.from({ length: 300 }, (_, i) => callOf({ endMs: T0 + i * MINUTE_MS }))
  await write(calls)
  await compactDeltas(sql, { maxAgeMs: 0 })
  await write(calls)

  for (const [first, last] of [
    [0, 300],
    [7, 241],
    [59, 61],
    [60, 180],
    [13, 14],
  ] as const) {
    const range = { from: T0 + first * MINUTE_MS, to: T0 + last * MINUTE_MS }
    for (const stepMs of [null, 7 * MINUTE_MS, HOUR_MS]) {
      const { series } = await queryMetric(sql, queryOf('requests', { range, stepMs }))
      const points = series[0]?.points ?? []
      const sum = points.reduce((total, point) => total + (point.value ?? 0), 0)
      expect([first, last, stepMs, sum]).toEqual([first, last, stepMs, 2 * (last - first)])
    }
  }
})

test('where minutes have expired the coarser rows answer, and no call is lost', async () => {
  const calls = Array.from({ length: 48 * 12 }, (_, i) =>
    callOf({ endMs: T0 + i * 5 * MINUTE_MS + 30_000 }),
  )
  await write(calls)
  await compactDeltas(sql, { maxAgeMs: 0 })
  await setClock(sql, T0 + 16 * 24 * HOUR_MS)
  await deleteExpiredRollups(sql)
  const range = { from: T0, to: T0 + 48 * HOUR_MS }
  const [left] = await sql<{ n: number }[]>`
    select count(*) as n from rollups where project_id = ${projectId} and step_ms = 60000`

  const { series } = await queryMetric(sql, queryOf('requests', { range, stepMs: 7 * MINUTE_MS }))

  expect(left?.n).toBeLessThanOrEqual(24 * 12)
  const values = series[0]?.points.map((point) => point.value ?? 0) ?? []
  expect(values.reduce((sum, value) => sum + value, 0)).toBe(48 * 12)
})

test('groups carry their values and filters on series are exact', async () => {
  await write(exampleCalls())
  const grouped = await queryMetric(
    sql,
    queryOf('requests', { stepMs: null, groupBy: ['model', 'status'] }),
  )
  const filtered = await queryMetric(
    sql,
    queryOf('requests', { stepMs: null, filter: filterOf('status:eq:error', 'model:ne:m-2') }),
  )

  const counts = grouped.series.map(({ group, points }) => [group, points[0]?.value])
  expect(counts).toEqual([
    [{ model: 'm-1', status: 'ok' }, 3],
    [{ model: 'm-1', status: 'error' }, 1],
    [{ model: 'm-2', status: 'ok' }, 1],
  ])
  expect(pointsOf(filtered)).toEqual([[0, 1, 1]])
})

test('a dimension nobody sent is a group of its own', async () => {
  await write([callOf({ endMs: T0, model: null }), callOf({ endMs: T0, model: '' })])

  const { series } = await queryMetric(sql, queryOf('requests', { groupBy: ['model'] }))

  expect(series.map(({ group }) => group)).toEqual([{ model: null }, { model: '' }])
})

test('more than 50 groups fold into __other__, the smallest first', async () => {
  const calls = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: i + 1 }, () => callOf({ endMs: T0, model: `m-${i}` })),
  )
  await write(calls.flat())

  const { series } = await queryMetric(sql, queryOf('requests', { groupBy: ['model'] }))

  expect(series.length).toBe(51)
  expect(series[0]?.group).toEqual({ model: 'm-59' })
  const other = series.find(({ group }) => group['model'] === '__other__')
  expect(other?.points[0]?.value).toBe((10 * 11) / 2)
})

test('a bucket is partial until its end and the lateness have passed', async () => {
  await write([callOf({ endMs: T0 }), callOf({ endMs: T0 + MINUTE_MS })])
  await setClock(sql, T0 + MINUTE_MS + 29_000)
  const before = await queryMetric(sql, queryOf('requests'))
  await setClock(sql, T0 + MINUTE_MS + 31_000)
  const after = await queryMetric(sql, queryOf('requests'))

  const partials = ({ series }: MetricResult) => series[0]?.points.map((point) => point.partial)
  expect(partials(before)).toEqual([true, true])
  expect(partials(after)).toEqual([false, true])
})

test('a range that ends in the past makes its last bucket final although it is cut', async () => {
  await write([callOf({ endMs: T0 })])
  await setClock(sql, T0 + 3 * MINUTE_MS)
  const range = { from: T0, to: T0 + 2 * MINUTE_MS }

  const { series } = await queryMetric(sql, queryOf('requests', { range, stepMs: 5 * MINUTE_MS }))

  expect(series[0]?.points[0]?.partial).toBe(false)
})

test('up joins the minutes of all collectors and ends at storedThrough', async () => {
  for (const minute of [1, 2, 5, 8]) {
    await setClock(sql, T0 + minute * MINUTE_MS + 20_000)
    await recordCollectorUp(sql, 'a')
    await recordCollectorUp(sql, 'a')
    if (minute === 2) await recordCollectorUp(sql, 'b')
  }
  const range = { from: T0 + 90_000, to: T0 + 10 * MINUTE_MS }

  const { up, storedThrough, series } = await queryMetric(sql, queryOf('requests', { range }))

  expect(series).toEqual([])
  expect(storedThrough).toBeGreaterThanOrEqual(T0 + 8 * MINUTE_MS + 20_000)
  expect(storedThrough).toBeLessThan(T0 + 9 * MINUTE_MS)
  expect(up).toEqual([
    [T0 + MINUTE_MS, T0 + 3 * MINUTE_MS],
    [T0 + 5 * MINUTE_MS, T0 + 6 * MINUTE_MS],
    [T0 + 8 * MINUTE_MS, storedThrough],
  ])
})

test('everything committed before storedThrough is in the numbers, while others write and fold', async () => {
  let committed = 0
  let isWriting = true
  async function writeAll(): Promise<void> {
    for (let i = 0; i < 150; i += 1) {
      await write([callOf({ endMs: T0 + (i % 3) * MINUTE_MS })])
      committed += 1
    }
    isWriting = false
  }
  async function fold(): Promise<void> {
    while (isWriting) await compactDeltas(sql, { maxAgeMs: 0 })
  }
  async function read(): Promise<void> {
    while (isWriting) {
      const least = committed
      const { series } = await queryMetric(sql, queryOf('requests', { stepMs: null }))
      const seen = series[0]?.points[0]?.value ?? 0
      expect(seen).toBeGreaterThanOrEqual(least)
      expect(seen).toBeLessThanOrEqual(committed + 1)
    }
  }

  await Promise.all([writeAll(), fold(), read()])
})

test('queries of different steps and ranges share one storedThrough', async () => {
  await write(exampleCalls())
  await compactDeltas(sql, { maxAgeMs: 0 })
  await write(exampleCalls())

  const results = await queryMetrics(sql, [
    queryOf('requests', { stepMs: null, range: { from: T0, to: T0 + HOUR_MS } }),
    queryOf('requests', { stepMs: null, range: { from: T0, to: T0 + 3 * MINUTE_MS } }),
    queryOf('tokens_total'),
  ])

  expect(new Set(results.map((result) => result.storedThrough)).size).toBe(1)
  expect(results.map(pointsOf)).toEqual([
    [[0, 10, 10]],
    [[0, 8, 8]],
    [
      [1, 1_160, 8],
      [3, 240, 2],
    ],
  ])
})

test.each([
  ['to', { range: { from: T0, to: T0 } }],
  ['from', { range: { from: 0, to: 3_650 * 24 * HOUR_MS } }],
  ['step', { range: { from: T0, to: T0 + 5_001 * MINUTE_MS } }],
  ['step', { stepMs: 90_000 }],
  ['groupBy', { groupBy: ['model', 'status', 'task', 'release'] as const }],
  ['f', { filter: filterOf('status:eq:perhaps') }],
])('a refused value is answered with its field: %s', async (field, overrides) => {
  await expect(queryMetric(sql, queryOf('requests', overrides))).rejects.toMatchObject({
    status: 422,
    field,
  })
})

async function markUp(fromMs: number, minutes: number): Promise<void> {
  await sql`
    insert into collector_up (minute, collector_id)
    select minute, 'a' from generate_series(
      ${fromMs}::timestamptz, ${fromMs + (minutes - 1) * MINUTE_MS}::timestamptz, interval '1 minute'
    ) as minute`
}

function lateness(project = projectId): Promise<number> {
  return projectLatenessMs(sql, project, { maxAgeMs: 0 })
}

test('lateness is the p99 of receipt after end, in whole quarters of a minute', async () => {
  expect(await lateness()).toBe(30_000)
  const endMs = T0 + MINUTE_MS
  await markUp(T0, 60)
  await setClock(sql, T0 + HOUR_MS)

  const calls = Array.from({ length: 200 }, () => callOf({ endMs }))
  await write(calls.slice(4), endMs + 500)
  await write(calls.slice(0, 4), endMs + 50_000)
  expect(await lateness()).toBe(60_000)

  await compactDeltas(sql, { maxAgeMs: 0 })
  expect(await lateness()).toBe(60_000)
  expect(await lateness('another')).toBe(30_000)

  await setClock(sql, T0 + 26 * HOUR_MS)
  expect(await lateness()).toBe(30_000)
})

test('history sent before a collector ran, or while none did, makes nothing late', async () => {
  await markUp(T0 + 30 * MINUTE_MS, 30)
  await setClock(sql, T0 + HOUR_MS)
  const history = Array.from({ length: 30 }, (_, i) => callOf({ endMs: T0 + i * MINUTE_MS }))
  await write(history, T0 + 31 * MINUTE_MS)

  expect(await lateness()).toBe(30_000)
  await compactDeltas(sql, { maxAgeMs: 0 })
  expect(await lateness()).toBe(30_000)

  await write([callOf({ endMs: T0 + 31 * MINUTE_MS })], T0 + 33 * MINUTE_MS)
  expect(await lateness()).toBe(120_000)
})
