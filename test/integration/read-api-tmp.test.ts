import { test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { startReadApi } from '../support/read-api.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'
test('time', async () => {
  const database = await createTestDatabase()
  const api = await startReadApi(database.sql)
  const all: string[] = []
  for (let day = 0; day < 30; day++) {
    const rows = Array.from({ length: 500 }, (_, at) => {
      const root = stepRecord({ startUs: (NOON_MS - day * 86400000) * 1000 + at * 6_000_000, durationUs: 5_000_000 })
      all.push(root.traceId)
      return [root, ...Array.from({ length: 9 }, (_, k) => spanRecord({ traceId: root.traceId, parentSpanId: root.spanId, startUs: root.startUs + k * 500_000, durationUs: 400_000, ...(at === 250 && k === 3 ? { status: 'error' as const } : {}) }))]
    }).flat()
    await storeSpans(database, rows)
  }
  const week = { from: NOON_MS - 7 * 86400000, to: NOON_MS + 3600000 }
  for (const [name, path, params] of [
    ['hour', '/traces', { from: NOON_MS, to: NOON_MS + 3600000 }],
    ['week', '/traces', week],
    ['month', '/traces', { from: NOON_MS - 30 * 86400000, to: NOON_MS + 3600000 }],
    ['week error', '/traces', { ...week, f: 'status:eq:error' }],
    ['week model', '/traces', { ...week, f: 'model:eq:gpt-4o-mini' }],
    ['week latency', '/traces', { ...week, f: 'latency:gt:100000' }],
    ['hour cost', '/traces', { from: NOON_MS, to: NOON_MS + 3600000, sort: '-cost' }],
    ['week cost', '/traces', { ...week, sort: '-cost' }],
    ['month 1000', '/traces', { ...week, limit: 1000 }],
    ['spans', '/spans', week],
    ['spans error', '/spans', { ...week, f: 'status:eq:error' }],
    ['trace', `/traces/${all[7]}`, {}],
  ] as const) {
    const times: number[] = []
    let status = 0
    let n = 0
    for (let i = 0; i < 4; i++) {
      const t = performance.now()
      const r = await api.get<{ items?: unknown[] }>(path, params as never)
      status = r.status; n = r.body.items?.length ?? 0
      times.push(Math.round(performance.now() - t))
    }
    console.log(name, status, n, times.join(' '))
  }
  await api[Symbol.asyncDispose]()
  await database.drop()
}, 300000)
