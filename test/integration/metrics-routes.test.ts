import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import { DriftResult, MetricResult } from '../../server/contract/index.ts'
import { driftRoutes } from '../../server/drift/routes.ts'
import { createBus } from '../../server/live/bus.ts'
import { errorHandler } from '../../server/platform/error-handler.ts'
import { createLog } from '../../server/platform/log.ts'
import { metricRoutes } from '../../server/rollups/routes.ts'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { callOf, writeDeltas } from './rollups-calls.ts'

const T0 = Date.UTC(2026, 0, 15, 10, 0)
const RANGE = `from=${T0}&to=${T0 + 600_000}`

let database: TestDatabase
let base = ''
let close: () => void
beforeAll(async () => {
  database = await createTestDatabase()
  const log = createLog('silent')
  const context = { config: loadConfig({}), sql: database.sql, bus: createBus(), log }
  const app = express()
  app.use(metricRoutes(context), driftRoutes(context), errorHandler(log.forSlice('test')))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => void server.close()
  await writeDeltas(database.sql, [
    callOf({ endMs: T0 }),
    callOf({ endMs: T0 + 60_000, model: 'llama3.2:3b' }),
  ])
})
afterAll(async () => {
  close()
  await database.drop()
})

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${base}${path}`)
  return { status: response.status, body: await response.json() }
}

test('metrics are answered in the form of the contract', async () => {
  const { status, body } = await get(`/metrics?metric=requests&${RANGE}&step=5m&groupBy=model`)

  expect(status).toBe(200)
  const result = MetricResult.parse(body)
  expect(result).toEqual(body)
  expect(result).toMatchObject({ metric: 'requests', unit: '1', stepMs: 300_000 })
  const groups = result.series.map(({ group }) => group['model'])
  expect(new Set(groups)).toEqual(new Set(['llama3.2:3b', 'm-1']))
})

test('a filter value may hold colons', async () => {
  const { body } = await get(`/metrics?metric=requests&${RANGE}&step=all&f=model:eq:llama3.2:3b`)

  expect(MetricResult.parse(body).series[0]?.points[0]?.value).toBe(1)
})

test('without a range the last hour is answered', async () => {
  const { status, body } = await get('/metrics?metric=requests')

  expect(status).toBe(200)
  expect(MetricResult.parse(body).series).toEqual([])
})

test('drift is answered in the form of the contract', async () => {
  const { status, body } = await get(`/drift?${RANGE}`)

  expect(status).toBe(200)
  expect(DriftResult.parse(body)).toEqual(body)
})

test.each([
  ['/metrics', 400, 'metric'],
  ['/metrics?metric=speed', 422, 'metric'],
  ['/metrics?metric=requests&step=90s', 422, 'step'],
  ['/metrics?metric=requests&step=', 200, undefined],
  ['/metrics?metric=requests&groupBy=colour', 422, 'groupBy'],
  ['/metrics?metric=requests&from=soon', 400, 'from'],
  ['/metrics?metric=requests&f=model:is:x', 422, 'f'],
  ['/metrics?metric=requests&f=user:eq:u-1', 422, 'f'],
  [`/metrics?metric=requests&from=${T0}&to=${T0}`, 422, 'to'],
  [`/drift?from=${T0}&to=${T0 - 1}`, 422, 'to'],
  ['/drift?f=session:eq:s-1', 422, 'f'],
])('%s answers %i with field %s', async (path, status, field) => {
  const got = await get(path)

  expect(got.status).toBe(status)
  if (field !== undefined) expect(got.body).toMatchObject({ error: { field } })
})
