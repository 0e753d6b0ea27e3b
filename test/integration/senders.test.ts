import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REPOSITORY } from '../support/server-process.ts'
import { shiftToToday } from '../support/shift-days.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

/** Of two days: captured bytes are moved by whole days, so to any hour of the last one. */
async function traces(project: string) {
  const from = Date.now() - 2 * 86_400_000
  const answer = await fetch(`${server.url}/api/v1/traces?project=${project}&from=${from}`)
  return answer.json()
}

test('the captured bytes of a Python OTLP/HTTP exporter become one trace with its tokens and emoji', async () => {
  const file = join(REPOSITORY, 'test/fixtures/otlp/python-otlp-http/chat.pb')
  const body = shiftToToday(await readFile(file), Date.now())

  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': 'python' },
    body: new Uint8Array(body),
  })

  expect(answer.status).toBe(200)
  expect(await traces('python')).toMatchObject({
    items: [
      {
        name: 'answer 🦊',
        spanCount: 2,
        models: ['gpt-4o-mini'],
        usage: { inputTokens: 42, outputTokens: 17 },
        service: 'unknown_service:python',
      },
    ],
  })
})

test('a program with a plain OpenTelemetry exporter that knows only the endpoint is stored', async () => {
  const program = join(REPOSITORY, 'test/support/plain-otel-program.ts')
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.url },
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')

  expect(code).toBe(0)
  expect(await traces('default')).toMatchObject({
    items: [{ name: 'plain 🦊', spanCount: 1, models: ['gpt-4o-mini'] }],
  })
})
