import { afterEach, beforeEach, expect, test } from 'vitest'
import { deleteExpiredAlertRows } from '../../server/alerts/delete-expired.ts'
import { evaluateDueRules } from '../../server/alerts/evaluate.ts'
import { createMetricSource } from '../../server/alerts/metric-source.ts'
import { recheckLateTicks } from '../../server/alerts/recheck-late-ticks.ts'
import type { Incident, Rule } from '../../server/contract/index.ts'
import { recordCollectorUp } from '../../server/rollups/collector-up.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import { traceRows } from '../../server/spans/trace-rows.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'
import {
  MINUTE_MS,
  ruleOf,
  setTick,
  startAlertServer,
  startReceiver,
  T0,
  writeMinute,
  type AlertServer,
  type Receiver,
} from './alerts-kit.ts'
import { setClock } from './rollups-calls.ts'

type EvaluationItem = {
  tick: number
  verdict: string
  value: number | null
  finalValue: number | null
  finalAt: number | null
  late: string | null
  health: string
  state: string
}

let database: TestDatabase
let receiver: Receiver
let server: AlertServer
let channelId: string

beforeEach(async () => {
  database = await createTestDatabase()
  receiver = await startReceiver()
  server = await startAlertServer(database.sql, [receiver.address])
  await setClock(database.sql, T0)
  const url = `http://${receiver.address}/hook`
  const channel = { name: 'ops', kind: 'webhook', config: { url } }
  channelId = ((await server.call('POST', '/alerts/channels', channel)).body as { id: string }).id
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await database.drop()
})

async function createRule(overrides = {}, condition = {}): Promise<Rule> {
  const rule = ruleOf({ channels: [channelId], ...overrides }, condition)
  return (await server.call('POST', '/alerts/rules', rule)).body as Rule
}

async function evaluations(ruleId: string): Promise<EvaluationItem[]> {
  const answer = await server.call('GET', `/alerts/rules/${ruleId}/evaluations?limit=1000`)
  return (answer.body as { items: EvaluationItem[] }).items.toReversed()
}

async function incidents(): Promise<Incident[]> {
  return ((await server.call('GET', '/alerts/incidents')).body as { items: Incident[] }).items
}

const recheck = () => recheckLateTicks(database.sql, createMetricSource(database.sql))

async function runMinutes(from: number, to: number): Promise<void> {
  for (let minute = from; minute <= to; minute += 1) {
    await setTick(database.sql, minute)
    await server.pass()
  }
}

test('a sum over a minute in which a collector ran and nothing came is zero and clear', async () => {
  await createRule({}, { metric: 'requests', critical: 10 })
  await writeMinute(database.sql, 0, { durationMs: 100 })
  await setClock(database.sql, T0 + 1.5 * MINUTE_MS)
  await recordCollectorUp(database.sql, 'collector')

  await runMinutes(1, 2)

  expect(receiver.reasons()).toEqual(['fire', 'resolve'])
  expect(receiver.hooks.map((hook) => hook.body.sightline.value)).toEqual([30, 0])
})

test('a sum over a minute without a collector is unknown and does not resolve', async () => {
  const rule = await createRule({}, { metric: 'requests', critical: 10 })
  await writeMinute(database.sql, 0, { durationMs: 100 })

  await runMinutes(1, 8)

  expect(receiver.reasons()).toEqual(['fire'])
  const rows = await evaluations(rule.id)
  expect(rows.at(-1)).toMatchObject({ verdict: 'unknown:down', state: 'firing', health: 'nodata' })
})

test('a breach that late data shows is marked, fires once and says how late it came', async () => {
  const rule = await createRule({ forMs: MINUTE_MS })
  for (let minute = 0; minute < 18; minute += 1) {
    await writeMinute(database.sql, minute, { durationMs: 100 })
  }
  await runMinutes(1, 18)
  expect(receiver.hooks).toHaveLength(0)

  for (let minute = 1; minute < 18; minute += 1) {
    await writeMinute(database.sql, minute, { durationMs: 9_000 })
  }
  await recheck()
  await server.pass()
  await recheck()
  await server.pass()

  expect(receiver.reasons()).toEqual(['fire'])
  expect(receiver.hooks[0]?.body.sightline).toMatchObject({ state: 'firing', lateMinutes: 16 })
  expect(await incidents()).toMatchObject([{ state: 'firing', startAt: T0 + 3 * MINUTE_MS }])
  const rows = await evaluations(rule.id)
  expect(rows.slice(0, 5).map(({ verdict, late }) => [verdict, late])).toEqual([
    ['unknown:down', null],
    ['clear', null],
    ['clear', 'late_missed'],
    ['clear', 'late_missed'],
    ['clear', null],
  ])
  expect(rows[2]?.value).toBeLessThan(200)
  expect(rows[2]?.finalValue).toBeGreaterThan(8_000)
})

test('a breach that late data takes away is marked and its incident stays', async () => {
  const rule = await createRule()
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await runMinutes(1, 1)
  await writeMinute(database.sql, 0, { durationMs: 100, count: 3_000 })
  await runMinutes(2, 17)

  await recheck()
  await server.pass()

  const row = (await evaluations(rule.id)).find((item) => item.tick === T0 + MINUTE_MS)
  expect(row).toMatchObject({ verdict: 'critical', late: 'late_spurious' })
  expect(receiver.reasons()).toEqual(['fire'])
})

test('a tick judged long after its time needs no second look', async () => {
  const rule = await createRule()
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await runMinutes(60, 60)

  await recheck()

  const [first] = await evaluations(rule.id)
  expect(first?.finalAt).not.toBeNull()
  expect(first?.finalValue).toBe(first?.value)
})

test('a failing query holds the state, shows as error and loses no tick', async () => {
  const rule = await createRule()
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await runMinutes(1, 1)

  await database.sql`alter table rollup_deltas rename to away`
  await writeFailingPasses(2)
  const during = (await server.call('GET', `/alerts/rules/${rule.id}`)).body as Rule
  await database.sql`alter table away rename to rollup_deltas`
  await writeMinute(database.sql, 1, { durationMs: 100 })
  await setTick(database.sql, 2.5)
  await server.pass()

  expect(during.state.groups).toMatchObject([{ state: 'firing', health: 'error' }])
  expect((await evaluations(rule.id)).map((row) => row.verdict)).toEqual([
    'unknown:down',
    'critical',
    'clear',
  ])
  expect(receiver.reasons()).toEqual(['fire', 'resolve'])
})

test('from the fifth failure on ticks are judged as errors, which never resolve', async () => {
  const rule = await createRule()
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await runMinutes(1, 1)
  await database.sql`alter table rollup_deltas rename to away`

  await writeFailingPasses(5)

  const rows = await evaluations(rule.id)
  expect(rows.at(-1)).toMatchObject({
    tick: T0 + 2 * MINUTE_MS,
    verdict: 'unknown:error',
    state: 'firing',
    health: 'error',
  })
})

/** Passes six seconds apart, within the wait between tick 2 and tick 3. */
async function writeFailingPasses(count: number): Promise<void> {
  for (let pass = 0; pass < count; pass += 1) {
    await setTick(database.sql, 2 + pass / 10)
    await server.pass()
  }
}

test('an incident opens with the slowest calls of its group, in the message too', async () => {
  await createRule({}, { groupBy: ['model'], filter: ['service:eq:support-chat'], minSamples: 1 })
  const startUs = (T0 + 10_000) * 1_000
  const spans = [5_000, 9_000, 7_000, 6_000].map((ms) =>
    spanRecord({ startUs, durationUs: ms * 1_000, model: 'm-1', requestModel: 'm-1' }),
  )
  const other = spanRecord({ startUs, durationUs: 20_000_000, model: 'm-2', requestModel: 'm-2' })
  await storeSpans(database, [...spans, { ...other, service: 'elsewhere' }])
  await setTick(database.sql, 1)

  const { sql } = database
  const log = server.context.log.forSlice('alerts')
  const source = createMetricSource(sql, { spanConditions })
  await evaluateDueRules({ ...server.context, log, source, spanConditions, traceRows })
  await server.deliver()

  const [incident] = await incidents()
  expect(incident?.exemplars).toEqual([
    { traceId: spans[1]?.traceId, value: 9_000 },
    { traceId: spans[2]?.traceId, value: 7_000 },
    { traceId: spans[3]?.traceId, value: 6_000 },
  ])
  expect(receiver.hooks[0]?.body.sightline).toMatchObject({
    exemplars: [{ traceId: spans[1]?.traceId, value: 9_000 }, {}, {}],
  })
})

test('a rule about traces looks at their duration, and opens with the slowest of them', async () => {
  const created = await createRule({}, { scope: 'trace', groupBy: ['service'], minSamples: 1 })
  const startUs = (T0 + 5_000) * 1_000
  const traces = [5_000, 9_000, 7_000].map((ms) => {
    const root = stepRecord({ startUs, durationUs: ms * 1_000 })
    const call = { traceId: root.traceId, parentSpanId: root.spanId, durationUs: 20_000 }
    return [root, spanRecord({ startUs, ...call })]
  })
  const quick = stepRecord({ startUs, durationUs: 1_000_000, service: 'elsewhere' })
  await storeSpans(database, [...traces.flat(), quick])
  await setTick(database.sql, 1)

  const { sql } = database
  const log = server.context.log.forSlice('alerts')
  const source = createMetricSource(sql, { spanConditions, traceRows })
  await evaluateDueRules({ ...server.context, log, source, spanConditions, traceRows })

  expect(created.condition).toMatchObject({ scope: 'trace' })
  expect(await incidents()).toMatchObject([
    {
      group: { service: 'support-chat' },
      value: 8_800,
      exemplars: [9_000, 7_000, 5_000].map((value) => ({ value })),
    },
  ])
})

test('a rule about traces cannot group them by model', async () => {
  const rule = ruleOf({}, { scope: 'trace', groupBy: ['model'] })

  expect(await server.call('POST', '/alerts/rules', rule)).toMatchObject({
    status: 422,
    body: { error: { field: 'condition.groupBy' } },
  })
})

test('evaluations and messages of more than 30 days ago are deleted, unsent ones stay', async () => {
  const rule = await createRule()
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  receiver.answers.push({ status: 500 })
  await runMinutes(1, 1)
  await setClock(database.sql, T0 + 31 * 1_440 * MINUTE_MS)

  await deleteExpiredAlertRows(database.sql)

  expect(await evaluations(rule.id)).toEqual([])
  const deliveries = (await server.call('GET', '/alerts/deliveries')).body as { items: unknown[] }
  expect(deliveries.items).toEqual([])
  const [outbox] = await database.sql<{ left: number }[]>`select count(*) as left from alert_outbox`
  expect(outbox?.left).toBe(1)
})
