import { afterAll, beforeAll, expect, test } from 'vitest'
import { DriftResult } from '../../server/contract/index.ts'
import { parseOptions } from '../demo/parse-options.ts'
import { runDemo, type DemoSummary } from '../demo/run-demo.ts'
import { startServerAt } from '../support/server-at.ts'
import type { TestServer } from '../support/test-server.ts'

const NOW = Date.UTC(2026, 2, 4, 9, 30)
let server: TestServer

test('time', async () => {
  server = await startServerAt(NOW)
  for (const [args] of [[['--backfill', '24h', '--rate', process.env['RATE'] ?? '20']]] as const) {
  const t=performance.now()
  const options = parseOptions(['--endpoint', server.url, '--clock-offset', String(Math.round(NOW - Date.now())), ...args])
  const summary: DemoSummary = await runDemo(options, { signal: new AbortController().signal, log: (l) => console.log(l) })
  console.log(summary, performance.now()-t)
  const t2=performance.now()
  const r = await fetch(`${server.url}/api/v1/drift?from=${NOW-600_000}&to=${NOW}`)
  console.log(JSON.stringify(await r.json()).slice(0,2000), performance.now()-t2)
  const t3=performance.now()
  const r3 = await fetch(`${server.url}/api/v1/drift?from=${NOW-5*3600_000}&to=${NOW}`)
  console.log((await r3.text()).length, performance.now()-t3)
  }
  await server[Symbol.asyncDispose]()
}, 200_000)
