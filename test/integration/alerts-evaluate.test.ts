import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimDueRules } from '../../server/alerts/claim-rules.ts'
import { planEvaluation, type TickReading } from '../../server/alerts/plan-evaluation.ts'
import type { Preview } from '../../server/alerts/preview.ts'
import { saveEvaluation } from '../../server/alerts/save-evaluation.ts'
import type { Incident, MetricResult, Rule } from '../../server/contract/index.ts'
import { createSql } from '../../server/db/client.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import {
  isSignedWith,
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

type Judged = { tick: number; verdict: string; value: number | null }

let database: TestDatabase
let receiver: Receiver
let server: AlertServer
let channelId: string
let secret: string

beforeEach(async () => {
  database = await createTestDatabase()
  receiver = await startReceiver()
  server = await startAlertServer(database.sql, [receiver.address])
  await setClock(database.sql, T0)
  const channel = await server.call('POST', '/alerts/channels', {
    name: 'ops',
    kind: 'webhook',
    config: { url: `http://${receiver.address}/hook` },
  })
  const body = channel.body as { id: string; config: { secret: string } }
  channelId = body.id
  secret = body.config.secret
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await database.drop()
})

async function createRule(overrides = {}, condition = {}): Promise<Rule> {
  const answer = await server.call(
    'POST',
    '/alerts/rules',
    ruleOf({ channels: [channelId], ...overrides }, condition),
  )
  expect(answer.body).toHaveProperty('id')
  return answer.body as Rule
}

async function incidents(state = 'all'): Promise<Incident[]> {
  const answer = await server.call('GET', `/alerts/incidents?state=${state}`)
  return (answer.body as { items: Incident[] }).items
}

async function evaluations(ruleId: string): Promise<Judged[]> {
  const answer = await server.call('GET', `/alerts/rules/${ruleId}/evaluations?limit=1000`)
  return (answer.body as { items: Judged[] }).items.toReversed()
}

/** Writes minutes, each a letter: B slow, C fast, anything else nothing. */
async function writeLetters(letters: string, firstMinute = 0): Promise<void> {
  for (const [index, letter] of letters.split('').entries()) {
    if (letter === 'B') await writeMinute(database.sql, firstMinute + index, { durationMs: 9_000 })
    if (letter === 'C') await writeMinute(database.sql, firstMinute + index, { durationMs: 500 })
  }
}

async function runMinutes(from: number, to: number): Promise<void> {
  for (let minute = from; minute <= to; minute += 1) {
    await setTick(database.sql, minute)
    await server.pass()
  }
}

test('a breach fires once and resolves once, each message signed, and the state can be read', async () => {
  const rule = await createRule({ forMs: 2 * MINUTE_MS, keepFiringMs: 2 * MINUTE_MS })
  await writeLetters('BBBCCC')

  await runMinutes(0, 7)

  expect(receiver.reasons()).toEqual(['fire', 'resolve'])
  expect(receiver.hooks.every((hook) => isSignedWith(secret, hook))).toBe(true)
  expect((await evaluations(rule.id)).map((row) => row.verdict)).toEqual([
    'unknown:down',
    ...Array<string>(3).fill('critical'),
    ...Array<string>(3).fill('clear'),
    'unknown:down',
  ])
  const [incident] = await incidents()
  expect(incident).toMatchObject({
    state: 'resolved',
    startAt: T0 + 3 * MINUTE_MS,
    endAt: T0 + 6 * MINUTE_MS,
    reason: 'resolve',
    severity: 'critical',
    threshold: 4_000,
  })
  expect(incident?.timeline.map((entry) => entry.event)).toEqual(['fire', 'recovering', 'resolve'])
})

test('the value in the message is the number the API gives for the same window', async () => {
  await createRule({}, { windowMs: 5 * MINUTE_MS })
  await writeMinute(database.sql, 0, { durationMs: 7_777.7 })
  await writeMinute(database.sql, 1, { durationMs: 12_345.6 })

  await runMinutes(0, 2)

  const [hook] = receiver.hooks
  if (hook === undefined) throw new Error('no message came')
  const { value, windowEnd } = hook.body.sightline
  const from = windowEnd - 5 * MINUTE_MS
  const answer = await server.call(
    'GET',
    `/metrics?metric=latency_p95&from=${from}&to=${windowEnd}&step=all`,
  )
  const metrics = answer.body as MetricResult
  expect(value).toBeGreaterThan(7_000)
  expect(value).toBe(metrics.series[0]?.points[0]?.value)
})

test('ticks missed while no evaluator ran are replayed: one fire, since tick 3', async () => {
  const rule = await createRule({ forMs: 2 * MINUTE_MS })
  await writeLetters('BBBBBBBBB')
  await runMinutes(0, 1)

  await setTick(database.sql, 9)
  await server.pass()

  expect(receiver.reasons()).toEqual(['fire'])
  expect(receiver.hooks[0]?.body.alerts[0]?.startsAt).toBe(
    new Date(T0 + 3 * MINUTE_MS).toISOString(),
  )
  expect(await evaluations(rule.id)).toHaveLength(10)
})

test('a fire and its resolve while no evaluator ran become one message', async () => {
  await createRule()
  await writeLetters('CBBC')

  await setTick(database.sql, 200)
  await server.pass()

  expect(receiver.reasons()).toEqual(['fired_and_resolved'])
  expect(await incidents('open')).toEqual([])
})

test('a preview of the past is what was judged live, value by value', async () => {
  const rule = await createRule({ forMs: MINUTE_MS, keepFiringMs: MINUTE_MS })
  await writeLetters('CBBBC.CCBBBBCBCC')
  await runMinutes(1, 16)

  const answer = await server.call('POST', '/alerts/preview', {
    rule: ruleOf({ forMs: MINUTE_MS, keepFiringMs: MINUTE_MS }),
    from: T0,
    to: T0 + 17 * MINUTE_MS,
  })

  const preview = answer.body as Preview
  const judged = (await evaluations(rule.id)).map(({ tick, value }) => [tick, value])
  expect(preview.series[0]?.points.map(({ t, value }) => [t, value])).toEqual(judged)
  const live = (await incidents()).toReversed().map(({ startAt, endAt }) => ({ startAt, endAt }))
  expect(preview.firings.map(({ startAt, endAt }) => ({ startAt, endAt }))).toEqual(live)
  expect(live).toHaveLength(2)
})

test('an outage of more than a day leaves one gap row and replays the last day', async () => {
  const rule = await createRule()

  await setTick(database.sql, 3 * 1_440)
  await server.pass()

  const rows = await evaluations(rule.id)
  expect(rows[0]?.verdict).toBe('unknown:down')
  const all = await database.sql<{ verdict: string; count: number }[]>`
    select verdict, count(*) from alert_evaluations group by verdict order by verdict`
  expect(all).toEqual([
    { verdict: 'gap', count: 1 },
    { verdict: 'unknown:down', count: 1_440 },
  ])
})

test('two evaluators at once judge each tick once and send each message once', async () => {
  const otherSql = createSql(database.target)
  const other = await startAlertServer(otherSql, [receiver.address])
  try {
    for (let index = 0; index < 8; index += 1) await createRule({ name: `rule ${index}` })
    await writeLetters('CBBCBCCB')

    for (let minute = 1; minute <= 9; minute += 1) {
      await setTick(database.sql, minute)
      await Promise.all([server.pass(), other.pass(), server.pass(), other.pass()])
    }
    await server.pass()

    const ids = receiver.hooks.map((hook) => hook.headers['webhook-id'])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(8 * 5)
    const [counts] = await database.sql<{ evaluations: number; unsent: number }[]>`
      select (select count(*) from alert_evaluations) as evaluations,
        (select count(*) from alert_outbox where status <> 'sent') as unsent`
    expect(counts).toEqual({ evaluations: 8 * 10, unsent: 0 })
  } finally {
    await other[Symbol.asyncDispose]()
    await otherSql.end()
  }
})

test('an evaluator that died with its lease is replaced once the lease is over', async () => {
  await createRule()
  await writeLetters('B')
  await setTick(database.sql, 1)
  await database.sql`update alert_rules set fence = 7, lease_until = sightline_now() + interval '60 seconds'`

  await server.pass()
  expect(receiver.hooks).toHaveLength(0)

  await setTick(database.sql, 2.1)
  await server.pass()
  expect(receiver.reasons()).toEqual(['fire'])
})

test('a holder that was overtaken saves nothing', async () => {
  const rule = await createRule()
  await writeLetters('B')
  await setTick(database.sql, 1)
  const [overtaken] = await claimDueRules(database.sql, 1)
  if (overtaken === undefined) throw new Error('no rule was due')
  await setTick(database.sql, 2.1)
  await server.pass()
  const before = await evaluations(rule.id)

  const reading: TickReading = { type: 'read', tick: T0, up: true, samples: new Map() }
  const planned = { ...overtaken, delayMs: 0, newIncidentId: () => 'inc_late' }
  const plan = planEvaluation(planned, [], [reading])
  const advance = { nextTick: T0, dueAt: T0, isCatchingUp: false, lastError: null }
  const saved = await saveEvaluation(database.sql, overtaken, { plan, advance })

  expect(saved).toEqual({ status: 'lost' })
  expect(await evaluations(rule.id)).toEqual(before)
})

test('a tick that an instance has passed already is not judged again', async () => {
  await createRule()
  await writeLetters('BB')
  await runMinutes(1, 1)
  await database.sql`update alert_rules set next_tick = next_tick - interval '1 minute', due_at = sightline_now()`

  await server.pass()

  expect(receiver.reasons()).toEqual(['fire'])
  expect(await incidents()).toHaveLength(1)
})

test('grouped by model, each model has its own state and one that is away for a day is gone', async () => {
  const rule = await createRule({}, { groupBy: ['model'] })
  await writeMinute(database.sql, 0, { durationMs: 9_000, model: 'slow' })
  await writeMinute(database.sql, 0, { durationMs: 300, model: 'fast' })

  await setTick(database.sql, 1)
  await server.pass()
  const after = (await server.call('GET', `/alerts/rules/${rule.id}`)).body as Rule
  expect(after.state.groups.map(({ group, state }) => [group['model'], state])).toEqual([
    ['fast', 'ok'],
    ['slow', 'firing'],
  ])

  await setTick(database.sql, 1_442)
  await server.pass()
  expect(receiver.reasons()).toEqual(['fire', 'gone'])
  expect((await incidents())[0]).toMatchObject({ state: 'resolved', reason: 'gone' })
})

test('deleting or pausing a rule resolves what it fired, with the reason', async () => {
  const deleted = await createRule({ name: 'deleted' })
  const paused = await createRule({ name: 'paused' })
  await writeLetters('B')
  await setTick(database.sql, 1)
  await server.pass()

  expect((await server.call('DELETE', `/alerts/rules/${deleted.id}`)).status).toBe(204)
  const disabled = ruleOf({ name: 'paused', channels: [channelId], enabled: false })
  expect((await server.call('PUT', `/alerts/rules/${paused.id}`, disabled)).status).toBe(200)
  await server.pass()

  expect(receiver.reasons().toSorted()).toEqual(['fire', 'fire', 'rule_deleted', 'rule_disabled'])
  expect(await incidents('open')).toEqual([])
  await setTick(database.sql, 4)
  await server.pass()
  expect(receiver.hooks).toHaveLength(4)
})

test('renaming a firing rule keeps its state and sends nothing', async () => {
  const rule = await createRule()
  await writeLetters('B')
  await runMinutes(1, 1)

  const renamed = ruleOf({ name: 'renamed', channels: [channelId] })
  const answer = await server.call('PUT', `/alerts/rules/${rule.id}`, renamed)
  await server.pass()

  expect(answer.body).toMatchObject({ name: 'renamed', version: 1 })
  expect(receiver.reasons()).toEqual(['fire'])
  expect(await incidents('open')).toHaveLength(1)
})

test('a new threshold that still breaches keeps the incident without a new page', async () => {
  const rule = await createRule()
  await writeLetters('BB')
  await runMinutes(1, 1)
  const [before] = await incidents('open')

  const edited = ruleOf({ channels: [channelId] }, { critical: 5_000 })
  const answer = await server.call('PUT', `/alerts/rules/${rule.id}`, edited)
  await server.pass()
  await runMinutes(2, 2)

  expect(answer.body).toMatchObject({ version: 2 })
  expect(receiver.reasons()).toEqual(['fire'])
  expect(await incidents('open')).toMatchObject([{ id: before?.id, threshold: 5_000 }])
})

test('a new threshold that no longer breaches resolves with rule_changed', async () => {
  const rule = await createRule()
  await writeLetters('BB')
  await runMinutes(1, 1)

  const edited = ruleOf({ channels: [channelId] }, { critical: 20_000 })
  await server.call('PUT', `/alerts/rules/${rule.id}`, edited)
  await server.pass()

  expect(receiver.reasons()).toEqual(['fire', 'rule_changed'])
  expect(await incidents('open')).toEqual([])
})

test('a clock set back evaluates nothing and says so', async () => {
  const rule = await createRule()
  await writeLetters('CC')
  await runMinutes(1, 2)

  await setTick(database.sql, -30)
  await server.pass()

  const { state } = (await server.call('GET', `/alerts/rules/${rule.id}`)).body as Rule
  expect(state.groups[0]?.health).toBe('clock')
  expect(await evaluations(rule.id)).toHaveLength(3)
})

test('what changed is told to the page', async () => {
  const rule = await createRule()
  const events: string[] = []
  server.context.bus.subscribe('rule-evaluated', ({ ruleId, groups }) => {
    events.push(`${ruleId === rule.id} ${groups[0]?.state}`)
  })
  server.context.bus.subscribe('incident-changed', ({ incident }) => {
    events.push(`${incident.ruleId === rule.id} incident ${incident.state}`)
  })
  await writeLetters('BC')

  await runMinutes(1, 2)

  expect(events).toEqual([
    'true firing',
    'true incident firing',
    'true ok',
    'true incident resolved',
  ])
})
