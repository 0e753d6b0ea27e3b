import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Channel, RuleList } from '../../server/contract/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
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

type Attempt = {
  outcome: string
  httpStatus: number | null
  attempt: number
  messageId: string
  nextAttemptAt: number | null
  attemptedAt: number
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
  channelId = await createChannel()
  await server.call('POST', '/alerts/rules', ruleOf({ channels: [channelId] }))
  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await writeMinute(database.sql, 1, { durationMs: 100 })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await database.drop()
})

async function createChannel(url = `http://${receiver.address}/hook`): Promise<string> {
  const channel = { name: 'ops', kind: 'webhook', config: { url } }
  return ((await server.call('POST', '/alerts/channels', channel)).body as Channel).id
}

async function attempts(): Promise<Attempt[]> {
  const answer = await server.call('GET', '/alerts/deliveries')
  return (answer.body as { items: Attempt[] }).items.toReversed()
}

async function channelStatus(): Promise<Channel['status']> {
  const answer = await server.call('GET', `/alerts/channels/${channelId}`)
  return (answer.body as Channel).status
}

const fireTick = () => setTick(database.sql, 1)
const later = (seconds: number) =>
  database.sql`update clock_offset set shift = shift + make_interval(secs => ${seconds}::float8)`

test('500s are tried again by the schedule, under one message id, until one succeeds', async () => {
  receiver.answers.push({ status: 500 }, { status: 500 })
  await fireTick()
  await server.pass()
  await server.deliver()
  expect(receiver.hooks).toHaveLength(1)
  expect((await channelStatus()).failingSince).not.toBeNull()

  await later(7)
  await server.deliver()
  await server.deliver()
  expect(receiver.hooks).toHaveLength(2)
  await later(37)
  await server.deliver()

  const log = await attempts()
  expect(log.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
    ['http_500', 1],
    ['http_500', 2],
    ['delivered', 3],
  ])
  expect(new Set(receiver.hooks.map((hook) => hook.headers['webhook-id'])).size).toBe(1)
  expect(await channelStatus()).toMatchObject({ failingSince: null })
  expect((await channelStatus()).lastSuccessAt).not.toBeNull()
})

test('Retry-After of a 429 is obeyed to the second', async () => {
  receiver.answers.push({ status: 429, headers: { 'retry-after': '300' } })
  await fireTick()
  await server.pass()

  const [first] = await attempts()
  expect((first?.nextAttemptAt ?? 0) - (first?.attemptedAt ?? 0)).toBe(300_000)
  await later(290)
  await server.deliver()
  expect(receiver.hooks).toHaveLength(1)
  await later(11)
  await server.deliver()
  expect(receiver.hooks).toHaveLength(2)
})

test('a refused message is not sent again and the channel stays in use', async () => {
  receiver.answers.push({ status: 404 })
  await fireTick()
  await server.pass()
  await later(4_000)
  await server.deliver()
  expect(receiver.hooks).toHaveLength(1)

  await setTick(database.sql, 2)
  await server.pass()

  expect(receiver.hooks.map((hook) => hook.status)).toEqual([404, 204])
})

test('410 ends this message and says that the endpoint is gone', async () => {
  receiver.answers.push({ status: 410 })
  await fireTick()
  await server.pass()

  expect(await attempts()).toMatchObject([
    { outcome: 'gone', httpStatus: 410, nextAttemptAt: null },
  ])
})

test('a fire that could not be sent and its resolve become one message', async () => {
  receiver.answers.push({ status: 500 })
  await fireTick()
  await server.pass()

  await setTick(database.sql, 2)
  await server.pass()

  expect(receiver.reasons()).toEqual(['fire', 'fired_and_resolved'])
  await later(3_600)
  await server.deliver()
  expect(receiver.hooks).toHaveLength(2)
})

test('a resolve keeps the wait that the receiver asked for', async () => {
  receiver.answers.push({ status: 429, headers: { 'retry-after': '600' } })
  await fireTick()
  await server.pass()

  await setTick(database.sql, 2)
  await server.pass()
  expect(receiver.hooks).toHaveLength(1)

  await later(600)
  await server.deliver()
  expect(receiver.reasons()).toEqual(['fire', 'fired_and_resolved'])
})

test('a later message of an incident waits for the earlier one', async () => {
  const [rule] = ((await server.call('GET', '/alerts/rules')).body as RuleList).items
  const two = ruleOf({ channels: [channelId] }, { critical: 20_000, warn: 4_000 })
  await server.call('PUT', `/alerts/rules/${rule?.id}`, two)
  await writeMinute(database.sql, 1, { durationMs: 30_000, count: 300 })
  receiver.answers.push({ status: 429, headers: { 'retry-after': '600' } })
  await fireTick()
  await server.pass()

  await setTick(database.sql, 2)
  await server.pass()
  expect(receiver.reasons()).toEqual(['fire'])

  await later(600)
  await server.deliver()
  expect(receiver.reasons()).toEqual(['fire', 'fire', 'raise'])
})

test('a kill between sending and saving sends again, under the same id', async () => {
  await fireTick()
  await server.evaluate()
  await server.deliver()
  // What a killed process leaves: the message out, its row leased and unsettled.
  await database.sql`
    update alert_outbox set status = 'pending', lease_until = sightline_now() + interval '60 seconds'`

  await server.deliver()
  expect(receiver.hooks).toHaveLength(1)
  await later(61)
  await server.deliver()

  expect(receiver.hooks).toHaveLength(2)
  expect(receiver.hooks[0]?.headers['webhook-id']).toBe(receiver.hooks[1]?.headers['webhook-id'])
})

test('an address that is no longer allowed at sending makes no connection and keeps the message', async () => {
  const strict = await startAlertServer(database.sql, [])
  try {
    await fireTick()
    await strict.pass()
    expect(receiver.hooks).toHaveLength(0)
    expect(await attempts()).toMatchObject([{ outcome: 'blocked_address' }])

    await later(10)
    await server.deliver()
    expect(receiver.reasons()).toEqual(['fire'])
  } finally {
    await strict[Symbol.asyncDispose]()
  }
})

test('messages of a rule that is still replaying wait for its final state', async () => {
  await fireTick()
  await server.evaluate()
  await database.sql`update alert_rules set catching_up = true`

  await server.deliver()
  expect(receiver.hooks).toHaveLength(0)

  await database.sql`update alert_rules set catching_up = false`
  await server.deliver()
  expect(receiver.hooks).toHaveLength(1)
})

test('the webhook timestamp is real time, whatever the moved clock says', async () => {
  await fireTick()
  await server.pass()

  const sentAt = Number(receiver.hooks[0]?.headers['webhook-timestamp']) * 1_000
  expect(Math.abs(sentAt - Date.now())).toBeLessThan(5 * MINUTE_MS)
})

test('a test message says what the receiver answered and is logged', async () => {
  receiver.answers.push({ status: 503 })

  const first = await server.call('POST', `/alerts/channels/${channelId}/test`)
  const second = await server.call('POST', `/alerts/channels/${channelId}/test`)

  expect(first.body).toMatchObject({ delivered: false, outcome: 'http_503', httpStatus: 503 })
  expect(second.body).toMatchObject({ delivered: true, httpStatus: 204 })
  expect(receiver.reasons()).toEqual(['test', 'test'])
  expect(await attempts()).toHaveLength(2)
})
