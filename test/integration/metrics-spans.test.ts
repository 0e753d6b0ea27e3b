import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFilterTerm } from '../../server/contract/index.ts'
import type { FilterTerm, MetricName, MetricResult } from '../../server/contract/index.ts'
import type { Sql } from '../../server/db/client.ts'
import { slotOf } from '../../server/projects/slot.ts'
import type { FoldableSpan } from '../../server/rollups/fold-spans.ts'
import { queryMetric } from '../../server/rollups/query-metric.ts'
import type { MetricQuery } from '../../server/rollups/query-metric.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import { ensurePartitions } from '../../server/spans/partitions.ts'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { callOf, writeDeltas } from './rollups-calls.ts'

const T0 = Date.UTC(2026, 0, 15, 0, 2)
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let database: TestDatabase
let sql: Sql
beforeAll(async () => {
  database = await createTestDatabase()
  sql = database.sql
  const day = Math.floor(T0 / DAY_MS)
  await ensurePartitions(sql, [day - 1, day])
  const calls = exampleCalls()
  await writeDeltas(sql, calls)
  for (const [i, call] of calls.entries()) await insertSpan(call, i)
})
afterAll(() => database.drop())

/** Calls of two users; the first one began the day before and ran over midnight. */
function exampleCalls(): FoldableSpan[] {
  return Array.from({ length: 12 }, (_, i) =>
    callOf({
      endMs: T0 + (i % 4) * MINUTE_MS + 500,
      durationUs: i === 0 ? 200_000_000 : 500_000 + i * 250_000,
      ttftUs: i % 3 === 0 ? null : 100_000 + i * 1_000,
      streaming: i % 3 !== 0,
      costNanoUsd: i % 5 === 0 ? null : 1_000 * i,
      status: i % 6 === 5 ? 'error' : 'ok',
      model: i % 2 === 0 ? 'm-1' : 'm-2',
      promptName: 'greet',
      promptVersion: i < 6 ? '1' : null,
      usage: { input: 100 * i, output: 10 * i, cacheRead: i, cacheWrite: 1, reasoning: 2 },
    }),
  )
}

async function insertSpan(call: FoldableSpan, i: number): Promise<void> {
  const endedAt = call.endUs / 1_000
  const startedAt = endedAt - (call.durationUs ?? 0) / 1_000
  const flags = 1 + (call.status === 'error' ? 2 : 0) + (call.streaming === true ? 12 : 4)
  await sql`insert into spans ${sql({
    slot: slotOf('default'),
    day: new Date(startedAt).toISOString().slice(0, 10),
    project_id: 'default',
    trace_id: `00000000-0000-0000-0000-${String(i).padStart(12, '0')}`,
    span_id: i,
    started_at: startedAt,
    ended_at: endedAt,
    duration_us: call.durationUs,
    chunk_id: '00000000-0000-0000-0000-000000000000',
    chunk_ix: i,
    otel_kind: 3,
    otel_status: 0,
    flags,
    name: 'chat',
    service: call.service,
    environment: call.environment,
    release: call.release,
    type: call.type,
    operation: call.operation,
    provider: call.provider,
    request_model: call.model,
    input_tokens: call.usage.input,
    output_tokens: call.usage.output,
    cache_read_tokens: call.usage.cacheRead,
    cache_write_tokens: call.usage.cacheWrite,
    reasoning_tokens: call.usage.reasoning,
    cost_nano_usd: call.costNanoUsd,
    ttft_us: call.ttftUs,
    user_id: i < 7 ? 'u-1' : 'u-2',
    prompt_name: call.promptName,
    prompt_version: call.promptVersion,
    dialect: 'gen-ai',
  })}`
}

function ask(metric: MetricName, filter: string[], overrides: Partial<MetricQuery> = {}) {
  const terms: FilterTerm[] = filter.map((text) => {
    const parsed = parseFilterTerm(text)
    if (parsed.status === 'invalid') throw new Error(parsed.message)
    return parsed.term
  })
  const query: MetricQuery = {
    projectId: 'default',
    metric,
    range: { from: T0, to: T0 + 10 * MINUTE_MS },
    stepMs: MINUTE_MS,
    groupBy: [],
    filter: terms,
    ...overrides,
  }
  return queryMetric(sql, query, { spanConditions })
}

function withoutSource(result: MetricResult): unknown {
  const { series, unit, stepMs } = result
  return { series, unit, stepMs }
}

test.each<MetricName>([
  'requests',
  'errors',
  'tokens_total',
  'tokens_cache_read',
  'cost',
  'error_rate',
  'cache_hit_rate',
  'latency_avg',
  'latency_p95',
  'ttft_p50',
  'output_tokens_per_second_p50',
  'cost_per_request',
])('%s from spans equals the same from rollups', async (metric) => {
  const groupBy = ['model', 'prompt', 'status'] as const
  const fromRollups = await ask(metric, [], { groupBy })
  const fromSpans = await ask(metric, ['latency:gte:0'], { groupBy })

  expect([fromRollups.source, fromSpans.source]).toEqual(['rollups', 'spans'])
  expect(fromSpans.series.length).toBeGreaterThan(1)
  expect(withoutSource(fromSpans)).toEqual(withoutSource(fromRollups))
})

test('a filter outside the series is answered from spans, beside one inside', async () => {
  const ofUser = await ask('requests', ['user:eq:u-1'], { stepMs: null })
  const both = await ask('requests', ['user:eq:u-1', 'model:eq:m-2'], { stepMs: null })

  expect(ofUser.series[0]?.points[0]?.value).toBe(7)
  expect(both.series[0]?.points[0]?.value).toBe(3)
  expect(both.storedThrough).toBeGreaterThan(T0)
})

test('a value no filter field can have is refused by f', async () => {
  await expect(ask('requests', ['latency:gt:fast'])).rejects.toMatchObject({
    status: 422,
    field: 'f',
  })
})
