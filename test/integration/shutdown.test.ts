import { once } from 'node:events'
import { Agent } from 'node:http'
import { io } from 'socket.io-client'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { startServerProcess } from '../support/server-process.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'

test('SIGTERM with a page open and a sender at work drains and exits 0, and loses nothing it acknowledged', async () => {
  await using database = await createTestDatabase()
  await using server = await startServerProcess({ DATABASE_URL: database.url })
  const page = io(`${server.url}/live`, { transports: ['websocket'], reconnection: false })
  await new Promise((resolve) => page.once('connect', resolve as () => void))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const acknowledged: string[] = []
  async function sendUntilRefused(): Promise<void> {
    for (;;) {
      const spans = makeSpans(5, { endMs: Date.now() })
      const answer = await postTraces(server.url, encodeLoad(spans), { agent }).catch(
        () => undefined,
      )
      if (answer?.status !== 200) return
      acknowledged.push(...spans.map((span) => span.spanId))
      if (acknowledged.length === 50) server.child.kill('SIGTERM')
    }
  }

  const exited = once(server.child, 'exit')
  await sendUntilRefused()
  const [code] = await exited

  expect(code).toBe(0)
  const rows = await database.sql<
    { id: string }[]
  >`select lpad(to_hex(span_id), 16, '0') as id from spans`
  const stored = new Set(rows.map((row) => row.id))
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  expect(acknowledged.length).toBeGreaterThanOrEqual(50)
  page.disconnect()
  agent.destroy()
})
