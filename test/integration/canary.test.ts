import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeOwnIncident, openOwnIncident } from '../../server/alerts/own-incident.ts'
import { Canary } from '../../server/canary/canary.ts'
import type { Ledger } from '../../server/contract/index.ts'
import { createCounters, type Counters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import { eventually } from '../support/eventually.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
let counters: Counters
beforeEach(async () => {
  server = await startTestServer()
  counters = createCounters()
})
afterEach(() => server[Symbol.asyncDispose]())

const PROJECT = 'sightline-canary'

/** A canary whose spans go to `url`, which may be changed. */
function canaryTo(target: { url: string }): Canary {
  return new Canary({
    sql: server.sql,
    log: createLog('silent').forSlice('canary'),
    counters,
    nowMs: () => Date.now(),
    async send(body) {
      const headers = { 'content-type': 'application/json', 'x-sightline-project': PROJECT }
      return (await fetch(`${target.url}/v1/traces`, { method: 'POST', headers, body })).status
    },
    async onAlarm(isMissing, reason) {
      const own = { name: 'ingest canary', reason, value: 2, threshold: 2 }
      if (isMissing) await openOwnIncident(server.context, own)
      else await closeOwnIncident(server.context, own.name)
    },
  })
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`)
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as T
}

async function incidents(): Promise<{ ruleName: string; state: string; reason: string }[]> {
  return (
    await get<{ items: { ruleName: string; state: string; reason: string }[] }>('/alerts/incidents')
  ).items
}

test('a span that comes through is seen, in every ledger and in no figure', async () => {
  const canary = canaryTo(server)
  expect(canary.health()).toEqual({ status: 'waiting', lastSeenAt: null, missed: 0 })

  await canary.run()

  expect(canary.health()).toMatchObject({ status: 'ok', missed: 0 })
  const { items, totals } = await get<Ledger>('/ledger')
  expect(items.map(({ source, storedSpans }) => [source.service, storedSpans])).toEqual([
    ['sightline-canary', 1],
  ])
  expect(totals.receivedSpans).toBe(0)
  expect(await get('/traces')).toMatchObject({ items: [] })
  expect(await get('/metrics?metric=requests&step=all')).toMatchObject({ series: [] })
})

test('missed twice it alarms once, and the incident ends when it is back', async () => {
  const target = { url: 'http://127.0.0.1:9' }
  const canary = canaryTo(target)

  await canary.run()
  expect(await incidents()).toEqual([])
  await canary.run()
  await canary.run()

  expect(canary.health()).toEqual({ status: 'missing', lastSeenAt: null, missed: 3 })
  expect(await incidents()).toMatchObject([{ ruleName: 'ingest canary', state: 'firing' }])
  expect(counters.render()).toContain('sightline_canary_missed_total 3')

  target.url = server.url
  await canary.run()

  expect(canary.health()).toMatchObject({ status: 'ok', missed: 0 })
  expect(await incidents()).toMatchObject([{ ruleName: 'ingest canary', state: 'resolved' }])
})

test('a span that is acknowledged and not stored is missed', async () => {
  const canary = new Canary({
    sql: server.sql,
    log: createLog('silent').forSlice('canary'),
    counters,
    nowMs: () => Date.now(),
    send: () => Promise.resolve(200),
    onAlarm: () => Promise.resolve(),
  })

  await canary.run()
  await canary.run()

  expect(canary.health()).toMatchObject({ status: 'missing', missed: 2 })
})

test('a server watches itself from its start, unless that is off', async () => {
  await using watched = await startTestServer({ SIGHTLINE_CANARY: 'on' })

  await eventually(async () => {
    const answer = await fetch(`${watched.url}/api/v1/ingest/health`)
    expect(await answer.json()).toMatchObject({ canary: { status: 'ok', missed: 0 } })
  })
  expect(await get('/ingest/health')).toMatchObject({ canary: { status: 'off' } })
})
