import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Channel, Incident, Rule } from '../../server/contract/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { MINUTE_MS, ruleOf, setTick, startAlertServer, T0, writeMinute } from './alerts-kit.ts'
import type { AlertServer } from './alerts-kit.ts'
import { setClock } from './rollups-calls.ts'

let database: TestDatabase
let server: AlertServer
beforeAll(async () => {
  database = await createTestDatabase()
  server = await startAlertServer(database.sql, ['127.0.0.1:9'])
  await setClock(database.sql, T0)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await database.drop()
})

function channelOf(url = 'http://127.0.0.1:9/hook', config = {}) {
  return { name: 'ops', kind: 'webhook', config: { url, ...config } }
}

async function createRule(overrides = {}, condition = {}): Promise<Rule> {
  const answer = await server.call('POST', '/alerts/rules', ruleOf(overrides, condition))
  expect(answer.status).toBe(201)
  return Rule.parse(answer.body)
}

describe('rules', () => {
  test('a rule is created with its defaults, read, replaced and deleted', async () => {
    const rule = await createRule()
    expect(rule).toMatchObject({
      version: 1,
      createdAt: expect.any(Number) as number,
      enabled: true,
      onNoData: 'hold',
      condition: { minSamples: 20, stepMs: 60_000, delayMs: 'auto', filter: [], groupBy: [] },
      state: { groups: [] },
    })
    expect((await server.call('GET', `/alerts/rules/${rule.id}`)).body).toEqual(rule)

    const put = await server.call('PUT', `/alerts/rules/${rule.id}`, ruleOf({ name: 'other' }))
    expect(put.body).toMatchObject({ id: rule.id, name: 'other', version: 1 })

    expect((await server.call('DELETE', `/alerts/rules/${rule.id}`)).status).toBe(204)
    expect((await server.call('GET', `/alerts/rules/${rule.id}`)).status).toBe(404)
    expect((await server.call('DELETE', `/alerts/rules/${rule.id}`)).status).toBe(404)
  })

  test('p99 asks for 100 samples unless the rule says otherwise', async () => {
    const byDefault = await createRule({}, { metric: 'latency_p99' })
    const given = await createRule({}, { metric: 'latency_p99', minSamples: 7 })

    expect(byDefault.condition.minSamples).toBe(100)
    expect(given.condition.minSamples).toBe(7)
  })

  test('the list is paged, newest first, and holds one project only', async () => {
    const path = '/alerts/rules?project=paged'
    for (const name of ['a', 'b', 'c']) await server.call('POST', path, ruleOf({ name }))

    const first = (await server.call('GET', `${path}&limit=2`)).body as {
      items: Rule[]
      nextCursor: string
    }
    const second = (await server.call('GET', `${path}&limit=2&cursor=${first.nextCursor}`)).body

    expect(first.items.map((rule) => rule.name)).toEqual(['c', 'b'])
    expect(second).toMatchObject({ items: [{ name: 'a' }], nextCursor: null })
  })

  test('a rule of another project is not found', async () => {
    const rule = await createRule()

    for (const method of ['GET', 'DELETE']) {
      const answer = await server.call(method, `/alerts/rules/${rule.id}?project=other`)
      expect(answer.status).toBe(404)
    }
  })

  test.each([
    ['condition.critical', {}, { critical: '' }],
    ['condition.critical', {}, { critical: Number.NaN }],
    ['condition.critical', {}, { critical: undefined }],
    ['condition.windowMs', {}, { windowMs: 1_000 }],
    ['condition.stepMs', {}, { stepMs: 300_000, windowMs: MINUTE_MS }],
    ['condition.stepMs', {}, { stepMs: 61_000 }],
    ['condition.warn', {}, { warn: 5_000 }],
    ['condition.recover', {}, { recover: 4_500 }],
    ['condition.metric', {}, { metric: 'latency_p42' }],
    ['condition.op', {}, { op: 'eq' }],
    ['condition.filter.0', {}, { filter: ['nonsense'] }],
    ['condition.groupBy.0', {}, { groupBy: ['colour'] }],
    ['condition.kind', {}, { kind: 'anomaly' }],
    ['forMs', { forMs: -1 }, {}],
    ['name', { name: '' }, {}],
    ['severity', { severity: 'urgent' }, {}],
    ['channels', { channels: ['ch_missing'] }, {}],
  ])('%s is named where it is wrong: %o %o', async (field, overrides, condition) => {
    const answer = await server.call('POST', '/alerts/rules', ruleOf(overrides, condition))

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ error: { code: 'invalid_value', field } })
  })

  test('1e400 in the text of a threshold is refused', async () => {
    const text = JSON.stringify(ruleOf()).replace('4000', '1e400')
    const answer = await server.call('POST', '/alerts/rules', JSON.parse(text) as unknown)

    expect(answer.body).toMatchObject({ error: { field: 'condition.critical' } })
  })

  test('no body is 400, a list is 422', async () => {
    expect((await server.call('POST', '/alerts/rules', [])).status).toBe(422)
  })
})

describe('channels', () => {
  test('a secret is made, shown once and never again', async () => {
    const created = await server.call('POST', '/alerts/channels', channelOf())
    const { id, config } = Channel.parse(created.body)
    const put = await server.call(
      'PUT',
      `/alerts/channels/${id}`,
      channelOf('http://127.0.0.1:9/x'),
    )
    const one = await server.call('GET', `/alerts/channels/${id}`)
    const list = await server.call('GET', '/alerts/channels')

    expect(created.status).toBe(201)
    expect(config.secret).toMatch(/^whsec_/)
    expect(one.body).toMatchObject({ config: { url: 'http://127.0.0.1:9/x' } })
    for (const { body } of [put, one, list]) expect(JSON.stringify(body)).not.toContain('whsec_')
  })

  test('a secret of the user is kept and a bad one refused', async () => {
    const secret = `whsec_${'A'.repeat(40)}`
    const kept = await server.call('POST', '/alerts/channels', channelOf(undefined, { secret }))
    const bad = await server.call('POST', '/alerts/channels', channelOf(undefined, { secret: 'x' }))

    expect(kept.body).toMatchObject({ config: { secret } })
    expect(bad.body).toMatchObject({ error: { field: 'config.secret' } })
  })

  test.each([
    'http://127.0.0.1/hook',
    'https://127.0.0.1/hook',
    'https://127.1/hook',
    'https://2130706433/hook',
    'https://0x7f.1/hook',
    'https://[::1]/hook',
    'https://[::ffff:7f00:1]/hook',
    'https://localhost./hook',
    'https://127.0.0.1.nip.io/hook',
  ])('%s is refused as not public', async (url) => {
    const answer = await server.call('POST', '/alerts/channels', channelOf(url))

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({
      error: {
        field: 'config.url',
        message: expect.stringMatching(/^address is not public/) as string,
      },
    })
  })

  test('a new host wants the secret again', async () => {
    const { body } = await server.call('POST', '/alerts/channels', channelOf())
    const { id } = body as Channel
    const url = 'https://8.8.8.8/hook'

    const without = await server.call('PUT', `/alerts/channels/${id}`, channelOf(url))
    const secret = `whsec_${'B'.repeat(40)}`
    const given = await server.call('PUT', `/alerts/channels/${id}`, channelOf(url, { secret }))

    expect(without.body).toMatchObject({ error: { field: 'config.secret' } })
    expect(given.status).toBe(200)
  })

  test('a channel that a rule names cannot be deleted until the rule lets it go', async () => {
    const { body } = await server.call('POST', '/alerts/channels', channelOf())
    const { id } = body as Channel
    const rule = await createRule({ name: 'user of it', channels: [id] })

    const refused = await server.call('DELETE', `/alerts/channels/${id}`)
    await server.call('PUT', `/alerts/rules/${rule.id}`, ruleOf())
    const deleted = await server.call('DELETE', `/alerts/channels/${id}`)

    expect(refused.status).toBe(409)
    expect(JSON.stringify(refused.body)).toContain('user of it')
    expect(deleted.status).toBe(204)
    expect((await server.call('DELETE', `/alerts/channels/${id}`)).status).toBe(404)
  })
})

describe('incidents and preview', () => {
  beforeAll(async () => {
    await setClock(database.sql, T0)
    for (const minute of [0, 1, 4]) await writeMinute(database.sql, minute, { durationMs: 9_000 })
    for (const minute of [2, 3]) await writeMinute(database.sql, minute, { durationMs: 90 })
  })

  test('a preview fires when and how long the live rule would', async () => {
    await setTick(database.sql, 10)
    const answer = await server.call('POST', '/alerts/preview', {
      rule: ruleOf(),
      from: T0 + MINUTE_MS,
      to: T0 + 6 * MINUTE_MS,
    })

    expect(answer.body).toMatchObject({
      minutes: 3,
      firings: [
        { group: {}, startAt: T0 + MINUTE_MS, endAt: T0 + 3 * MINUTE_MS },
        { group: {}, startAt: T0 + 5 * MINUTE_MS, endAt: null },
      ],
    })
    const { series } = answer.body as { series: { points: { t: number }[] }[] }
    expect(series[0]?.points).toHaveLength(5)
  })

  test('a preview of more ticks than are answered is refused', async () => {
    const answer = await server.call('POST', '/alerts/preview', { rule: ruleOf(), from: 0, to: T0 })

    expect(answer.body).toMatchObject({ error: { field: 'from' } })
  })

  test('an incident is listed by state and acknowledged once', async () => {
    await setClock(database.sql, T0)
    await createRule({ name: 'acked' })
    await setTick(database.sql, 1)
    await server.evaluate()

    const open = (await server.call('GET', '/alerts/incidents?state=open')).body as {
      items: unknown[]
    }
    const incident = open.items
      .map((item) => Incident.parse(item))
      .find((item) => item.ruleName === 'acked')
    const path = `/alerts/incidents/${incident?.id}/ack`
    const first = await server.call('POST', path, { by: 'ann' })
    const second = await server.call('POST', path, { by: 'bob' })

    expect(first.body).toMatchObject({ ackBy: 'ann', state: 'firing' })
    expect(second.body).toMatchObject({ ackBy: 'ann' })
    expect((await server.call('POST', '/alerts/incidents/inc_none/ack')).status).toBe(404)
    const resolved = await server.call('GET', '/alerts/incidents?state=resolved')
    expect(JSON.stringify(resolved.body)).not.toContain(incident?.id)
  })
})
