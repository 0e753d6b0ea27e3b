import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { REPOSITORY } from '../support/server-process.ts'
import { shiftToToday } from '../support/shift-days.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ OTLP_GRPC_PORT: '0' })
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

/** The only span of a trace, whole. */
async function getSpan(traceId: string): Promise<unknown> {
  const trace = await fetch(`${server.url}/api/v1/traces/${traceId}`)
  const { spans } = (await trace.json()) as { spans: { spanId: string }[] }
  const answer = await fetch(`${server.url}/api/v1/traces/${traceId}/spans/${spans[0]?.spanId}`)
  return answer.json()
}

async function gauge(service: string): Promise<unknown> {
  const query = new URLSearchParams({ metric: 'otel.gen_ai.server.queue_depth', step: 'all' })
  query.set('to', String(Date.now() + 60_000))
  query.set('f', `service:eq:${service}`)
  return (await fetch(`${server.url}/api/v1/metrics?${query}`)).json()
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
  const { items } = (await traces('default')) as { items: { name: string }[] }
  expect(items).toContainEqual(
    expect.objectContaining({ name: 'plain 🦊', spanCount: 1, models: ['gpt-4o-mini'] }),
  )
})

test('the captured frames of a Python exporter at its gRPC default become one trace with its tokens and emoji', async () => {
  const file = join(REPOSITORY, 'test/fixtures/otlp/python-otlp-grpc/client.bin')
  const socket = connect(Number(server.grpcPort), '127.0.0.1')

  socket.write(shiftToToday(await readFile(file), Date.now()))

  await eventually(async () => {
    const { items } = (await traces('default')) as { items: { name: string }[] }
    expect(items.find(({ name }) => name === 'answer 🦊')).toMatchObject({
      spanCount: 2,
      models: ['gpt-4o-mini-2024-07-18'],
      usage: { inputTokens: 42, outputTokens: 17 },
      service: 'unknown_service:python',
    })
  })
  socket.destroy()
})

test('a sender that leaves its connection half open does not hold up the stop', async () => {
  const file = join(REPOSITORY, 'test/fixtures/otlp/python-otlp-grpc/client.bin')
  const stopping = await startTestServer({ OTLP_GRPC_PORT: '0' })
  const socket = connect({
    port: Number(stopping.grpcPort),
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  socket.on('error', () => undefined)
  socket.write(await readFile(file))
  await once(socket, 'data')

  await stopping[Symbol.asyncDispose]()

  expect(socket.readyState).not.toBe('closed')
  socket.destroy()
})

describe('the exporters of OpenTelemetry JS that know only the endpoint', () => {
  test.each(['proto', 'http', 'grpc'])('send all three signals over %s', async (transport) => {
    const endpoint = transport === 'grpc' ? `http://127.0.0.1:${server.grpcPort}` : server.url
    const program = join(REPOSITORY, 'test/support/exporters-program.ts')
    const child = spawn(process.execPath, [program, transport], {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [complaints, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])

    expect(code).toBe(0)
    expect(JSON.parse(complaints)).toEqual([])
    const { items } = (await traces('default')) as {
      items: { service: string; traceId: string }[]
    }
    const sent = items.find(({ service }) => service === `exporter-${transport}`)
    expect(sent).toMatchObject({
      name: 'chat 🦊',
      spanCount: 1,
      usage: { inputTokens: 31, outputTokens: 13 },
    })
    expect(await getSpan(String(sent?.traceId))).toMatchObject({
      inputMessages: [
        { role: 'user', parts: [{ type: 'text', content: `asked over ${transport}` }] },
      ],
    })
    expect(await gauge(`exporter-${transport}`)).toMatchObject({
      series: [{ points: [{ value: 3 }] }],
    })
  })
})
