import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFilterTerm } from '../../server/contract/index.ts'
import type { MetricName, MetricResult } from '../../server/contract/index.ts'
import type { ReadSql } from '../../server/db/read-within.ts'
import { queryMetric, queryMetrics } from '../../server/rollups/query-metric.ts'
import type { MetricQuery } from '../../server/rollups/query-metric.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { spansOfTraces } from '../../server/spans/trace-probe.ts'
import { traceRows } from '../../server/spans/trace-rows.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'
import { spansOf, tickets } from './explain-traces.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const RANGE = { from: NOON_MS, to: NOON_MS + HOUR_MS }

let database: TestDatabase
let spans: SpanRecord[]
beforeAll(async () => {
  database = await createTestDatabase()
  spans = tickets({ fromMs: NOON_MS - 600_000, toMs: RANGE.to + 600_000, count: 300, seed: 5 })
    .map((ticket, i) => spansOf(ticket).map((span) => ({ ...span, service: `s${i % 3}` })))
    .flat()
  await storeSpans(database, spans)
})
afterAll(() => database.drop())

function ask(
  metric: MetricName,
  filter: string[] = [],
  overrides: Partial<MetricQuery> = {},
): Promise<MetricResult> {
  return queryMetric(database.sql, queryOf(metric, filter, overrides), {
    spanConditions,
    traceRows,
  })
}

function queryOf(
  metric: MetricName,
  filter: string[] = [],
  overrides: Partial<MetricQuery> = {},
): MetricQuery {
  const terms = filter.map((text) => {
    const parsed = parseFilterTerm(text)
    if (parsed.status === 'invalid') throw new Error(parsed.message)
    return parsed.term
  })
  return {
    projectId: 'default',
    metric,
    range: RANGE,
    stepMs: 5 * MINUTE_MS,
    groupBy: [],
    filter: terms,
    scope: 'trace',
    ...overrides,
  }
}

type Trace = {
  endMs: number
  durationMs: number
  ttftMs: number
  isError: boolean
  service: string | null
  release: string | null
  cost: number
  tokens: number
  models: (string | null)[]
}

/** The traces counted anew from the spans that were stored. */
function recount(): Trace[] {
  return [...Map.groupBy(spans, (span) => span.traceId).values()].map((own) => {
    const root = own.find((span) => span.parentSpanId === null)
    if (root === undefined) throw new Error('every ticket has a root')
    const calls = own.filter((span) => span.countsTokens)
    const firstToken = Math.min(...calls.map((call) => call.startUs + (call.ttftUs ?? Infinity)))
    return {
      endMs: root.endUs / 1_000,
      durationMs: (root.durationUs ?? 0) / 1_000,
      ttftMs: (firstToken - root.startUs) / 1_000,
      isError: root.status === 'error',
      service: root.service,
      release: root.release,
      cost: calls.reduce((sum, call) => sum + (call.costNanoUsd ?? 0), 0) / 1e9,
      tokens: calls.reduce((sum, { usage }) => sum + (usage.input ?? 0) + (usage.output ?? 0), 0),
      models: calls.map((call) => call.model),
    }
  })
}

function inRange({ endMs }: Trace): boolean {
  return endMs >= RANGE.from && endMs < RANGE.to
}

/** The buckets of a recount; those without a value are left out. */
function pointsOf(traces: Trace[], valueOf: (bucket: Trace[]) => number): [number, number][] {
  const bucketOf = ({ endMs }: Trace) =>
    RANGE.from + Math.floor((endMs - RANGE.from) / (5 * MINUTE_MS)) * 5 * MINUTE_MS
  return [...Map.groupBy(traces.filter(inRange), bucketOf)]
    .map(([t, bucket]): [number, number] => [t, valueOf(bucket)])
    .toSorted((a, b) => a[0] - b[0])
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = q * (sorted.length - 1)
  const low = sorted[Math.floor(position)] ?? NaN
  return low + ((sorted[Math.ceil(position)] ?? low) - low) * (position % 1)
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

const RECOUNTS: [MetricName, (bucket: Trace[]) => number][] = [
  ['requests', (bucket) => bucket.length],
  ['errors', (bucket) => bucket.filter((trace) => trace.isError).length],
  ['error_rate', (bucket) => bucket.filter((trace) => trace.isError).length / bucket.length],
  ['cost', (bucket) => sum(bucket.map((trace) => trace.cost))],
  ['cost_per_request', (bucket) => sum(bucket.map((trace) => trace.cost)) / bucket.length],
  ['tokens_total', (bucket) => sum(bucket.map((trace) => trace.tokens))],
  ['latency_avg', (bucket) => sum(bucket.map((trace) => trace.durationMs)) / bucket.length],
  ...([50, 90, 95, 99] as const).map((p): [MetricName, (bucket: Trace[]) => number] => [
    `latency_p${p}`,
    (bucket) =>
      quantile(
        bucket.map((trace) => trace.durationMs),
        p / 100,
      ),
  ]),
  ...([50, 95, 99] as const).map((p): [MetricName, (bucket: Trace[]) => number] => [
    `ttft_p${p}`,
    (bucket) =>
      quantile(
        bucket.map((trace) => trace.ttftMs),
        p / 100,
      ),
  ]),
]

test.each(RECOUNTS)('%s of traces equals a recount of their spans', async (metric, valueOf) => {
  const result = await ask(metric)

  const [series] = result.series
  const expected = pointsOf(recount(), valueOf)
  expect(result).toMatchObject({ metric, scope: 'trace', source: 'spans', stepMs: 300_000 })
  expect(series?.points.map(({ t }) => t)).toEqual(expected.map(([t]) => t))
  expect(expected).toHaveLength(12)
  for (const [i, [, value]] of expected.entries()) {
    expect(series?.points[i]?.value).toBeCloseTo(value, 6)
  }
})

test('traces are grouped by the values of their root', async () => {
  const result = await ask('requests', [], { stepMs: null, groupBy: ['service', 'status'] })

  const groups = Map.groupBy(recount().filter(inRange), ({ service, isError }) =>
    JSON.stringify({ service, status: isError ? 'error' : 'ok' }),
  )
  expect(
    Object.fromEntries(
      result.series.map(({ group, points }) => [JSON.stringify(group), points[0]?.value]),
    ),
  ).toEqual(Object.fromEntries([...groups].map(([key, traces]) => [key, traces.length])))
  expect(groups.size).toBeGreaterThan(3)
})

test('a filter keeps a trace by one of its spans, or by its own duration and cost', async () => {
  const count = async (...filter: string[]) =>
    (await ask('requests', filter, { stepMs: null })).series[0]?.points[0]?.value ?? 0
  const traces = recount().filter(inRange)

  expect(await count('model:eq:gpt-5-mini')).toBe(
    traces.filter(({ models }) => models.includes('gpt-5-mini')).length,
  )
  expect(await count('latency:gt:4000')).toBe(
    traces.filter(({ durationMs }) => durationMs > 4_000).length,
  )
  expect(await count('type:eq:tool', 'release:eq:1.9.0', 'cost:gte:0.0001')).toBe(
    traces.filter(({ release, cost }) => release === '1.9.0' && cost >= 0.0001).length,
  )
  expect(await count('type:eq:tool', 'model:eq:gpt-5-mini')).toBe(0)
})

test('queries that differ in their metric alone have one snapshot', async () => {
  const results = await queryMetrics(
    database.sql,
    [queryOf('requests'), queryOf('cost'), queryOf('latency_p95')],
    { spanConditions, traceRows },
  )

  expect(new Set(results.map((result) => result.storedThrough)).size).toBe(1)
  expect(results.map((result) => result.series[0]?.points.length)).toEqual([12, 12, 12])
})

test('a trace without a root, one of hours and one of several roots each count once, at their end', async () => {
  const at = (ms: number) => (NOON_MS + ms) * 1_000
  const lost = stepRecord({ startUs: at(-30 * MINUTE_MS), parentSpanId: 'b000000000000001' })
  const later = spanRecord({
    startUs: at(10 * MINUTE_MS),
    traceId: lost.traceId,
    parentSpanId: 'b000000000000001',
    status: 'error',
  })
  const longRoot = stepRecord({ startUs: at(-5 * HOUR_MS), durationUs: 5.5 * HOUR_MS * 1_000 })
  const early = spanRecord({
    startUs: at(-4 * HOUR_MS),
    traceId: longRoot.traceId,
    parentSpanId: longRoot.spanId,
  })
  const first = stepRecord({ startUs: at(20 * MINUTE_MS), durationUs: 2_000_000 })
  const second = stepRecord({
    startUs: at(20 * MINUTE_MS + 500),
    durationUs: 60_000_000,
    traceId: first.traceId,
  })
  await storeSpans(database, [lost, later, longRoot, early, first, second], 'odd')

  const latency = await ask('latency_avg', [], { projectId: 'odd', stepMs: MINUTE_MS })
  const errors = await ask('errors', [], { projectId: 'odd', stepMs: null })
  const cost = await ask('cost', [], { projectId: 'odd', stepMs: null })

  expect(latency.series[0]?.points.map(({ t, value, n }) => [t - NOON_MS, value, n])).toEqual([
    [10 * MINUTE_MS, 40 * MINUTE_MS + 1_000, 1],
    [20 * MINUTE_MS, 2_000, 1],
    [30 * MINUTE_MS, 5.5 * HOUR_MS, 1],
  ])
  expect(errors.series[0]?.points[0]).toMatchObject({ value: 1, n: 3 })
  expect(cost.series[0]?.points[0]).toMatchObject({ value: 0.000054, n: 2 })
})

test('traces of a project that statistics do not know are looked up by their key', async () => {
  await database.sql`analyze spans`
  await storeSpans(database, [spanRecord()], 'unknown')
  const traces: ReturnType<ReadSql> = database.sql`
    select '00000000-0000-0000-0000-000000000001'::uuid as trace_id,
      '2026-03-04'::date as low, '2026-03-04'::date as high`

  const plan = await database.sql`
    explain select s.name from ${spansOfTraces(database.sql, traces, 'unknown')}`

  const text = plan.map((row) => Object.values(row).join('')).join('\n')
  expect(text).toContain('using spans_20260304_pkey')
})

test('beyond the largest fifty groups traces share one', async () => {
  const many = Array.from({ length: 53 }, (_, i) => {
    const service = `svc-${String(i).padStart(2, '0')}`
    const times = i < 50 ? 2 : 1
    return Array.from({ length: times }, () => spanRecord({ service, parentSpanId: null }))
  }).flat()
  await storeSpans(database, many, 'wide')

  const { series } = await ask('requests', [], {
    projectId: 'wide',
    stepMs: null,
    groupBy: ['service'],
  })

  expect(series).toHaveLength(51)
  const other = series.find(({ group }) => group['service'] === '__other__')
  expect(other?.points[0]?.value).toBe(3)
})

test('what is not known of traces is refused with what is', async () => {
  await expect(ask('cache_hit_rate')).rejects.toMatchObject({
    status: 422,
    field: 'metric',
    message: expect.stringContaining('latency_p95'),
  })
  await expect(ask('requests', [], { groupBy: ['model'] })).rejects.toMatchObject({
    status: 422,
    field: 'groupBy',
    message: expect.stringContaining('service environment release status'),
  })
  const range = { from: NOON_MS - 32 * 24 * HOUR_MS, to: NOON_MS }
  await expect(ask('requests', [], { range, stepMs: null })).rejects.toMatchObject({
    status: 422,
    field: 'from',
    message: expect.stringContaining('narrow the range'),
  })
})
