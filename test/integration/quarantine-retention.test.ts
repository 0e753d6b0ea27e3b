import { expect, test } from 'vitest'
import { deleteExpiredQuarantine } from '../../server/spans/keep-partitions.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { startTestServer } from '../support/test-server.ts'

const RETENTION_DAYS = 30
const traceId = 'a'.repeat(32)
const spanId = 'b'.repeat(16)

test('spans and log records with impossible times go when they were received longer ago than all others are kept', async () => {
  await using server = await startTestServer()
  const { sql, url } = server
  const post = async (signal: string, type: string, body: Uint8Array<ArrayBuffer>) => {
    const headers = { 'content-type': type }
    const answer = await fetch(`${url}/v1/${signal}`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
  }
  const left = async (): Promise<number[]> => {
    const [row] = await sql<{ spans: number; logs: number; bodies: number }[]>`
      select (select count(*) from spans where project_id = 'default') as spans,
        (select count(*) from span_logs) as logs,
        (select count(*) from span_bodies where project_id = 'default') as bodies`
    return row === undefined ? [] : [row.spans, row.logs, row.bodies]
  }
  const old = { traceId, spanId, name: 'old', startMs: 1_000, endMs: 2_000 }
  const now = { ...old, spanId: 'c'.repeat(16), startMs: Date.now(), endMs: Date.now() }
  for (const span of [old, now]) {
    const body = new Uint8Array(encodeTraces({ spans: [span] }))
    await post('traces', 'application/x-protobuf', body)
  }
  const record = { timeUnixNano: '1000000000', eventName: 'gen_ai.user.message', traceId, spanId }
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }
  await post('logs', 'application/json', new Uint8Array(Buffer.from(JSON.stringify(logs))))

  await deleteExpiredQuarantine(sql, RETENTION_DAYS)
  expect(await left()).toEqual([2, 1, 3])
  await sql`update clock_offset set shift = ${RETENTION_DAYS + 1} * interval '1 day'`
  await deleteExpiredQuarantine(sql, RETENTION_DAYS)

  expect(await left()).toEqual([1, 0, 1])
})
