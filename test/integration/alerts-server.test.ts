import { expect, test } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import { startServer } from '../../server/start.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { ruleOf, setTick, startReceiver, T0, writeMinute } from './alerts-kit.ts'
import { setClock } from './rollups-calls.ts'

/** On a busy machine the loops come round late. */
const PATIENT = { timeoutMs: 50_000 }

test('the running server judges its rules and sends their messages by itself', async () => {
  await using database = await createTestDatabase()
  await using receiver = await startReceiver()
  await setClock(database.sql, T0)
  const config = loadConfig({
    PORT: '0',
    OTLP_GRPC_PORT: 'off',
    DATABASE_URL: database.url,
    SIGHTLINE_OUTBOUND_ALLOW: receiver.address,
    SIGHTLINE_LOG_LEVEL: 'silent',
  })
  await using server = await startServer(config)
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return response.json()
  }
  const channel = await post('/alerts/channels', {
    name: 'ops',
    kind: 'webhook',
    config: { url: `http://${receiver.address}/hook` },
  })
  const rule = ruleOf({ channels: [(channel as { id: string }).id] })
  expect(await post('/alerts/rules', rule)).toHaveProperty('id')

  await writeMinute(database.sql, 0, { durationMs: 9_000 })
  await setTick(database.sql, 1)
  await eventually(() => expect(receiver.reasons()).toEqual(['fire']), PATIENT)
  await writeMinute(database.sql, 1, { durationMs: 100 })
  await setTick(database.sql, 2)

  await eventually(() => expect(receiver.reasons()).toEqual(['fire', 'resolve']), PATIENT)
}, 120_000)
