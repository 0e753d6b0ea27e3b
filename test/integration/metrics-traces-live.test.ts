import { randomBytes } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LiveUpdate, MetricResult, SubscribeAck } from '../../server/contract/index.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MINUTE_MS = 60_000

let server: TestServer
let socket: Socket
beforeAll(async () => {
  server = await startTestServer()
  socket = io(`${server.url}/live`, { transports: ['websocket'], reconnection: false })
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
})
afterAll(async () => {
  socket.disconnect()
  await server[Symbol.asyncDispose]()
})

/** A root of two minutes and the model call in it, to be sent apart. */
function ticket(endMs: number): { root: SpanInput; call: SpanInput } {
  const traceId = randomBytes(16).toString('hex')
  const rootId = randomBytes(8).toString('hex')
  return {
    root: {
      traceId,
      spanId: rootId,
      name: 'answer_ticket',
      startMs: endMs - 2 * MINUTE_MS,
      endMs,
      attributes: { 'gen_ai.operation.name': 'invoke_agent' },
    },
    call: {
      traceId,
      spanId: randomBytes(8).toString('hex'),
      parentSpanId: rootId,
      name: 'chat gpt-4o-mini',
      startMs: endMs - 90_000,
      endMs: endMs - 80_000,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': 1_000,
        'gen_ai.usage.output_tokens': 100,
      },
    },
  }
}

async function send(...spans: SpanInput[]): Promise<void> {
  const answer = await postTraces(
    server.url,
    encodeTraces({ resource: { 'service.name': 'desk' }, spans }),
  )
  expect(answer.status).toBe(200)
}

async function ask(query: string): Promise<MetricResult> {
  const answer = await fetch(`${server.url}/api/v1/metrics?scope=trace&${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as MetricResult
}

type Points = Map<string, number | null>
type Series = { entry: number; group: object; points: { t: number; value: number | null }[] }

function toMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS
}

/** As a page does: a point replaces the one with its time. */
function replay(series: Series[]): Points {
  return new Map(
    series.flatMap(({ entry, group, points }) =>
      points.map(({ t, value }) => [`${entry} ${JSON.stringify(group)} ${t}`, value] as const),
    ),
  )
}

test('a subscription to traces delivers what the API answers, whichever span comes last', async () => {
  const to = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const from = to - 30 * MINUTE_MS
  const updates: LiveUpdate[] = []
  socket.on('update', (update: LiveUpdate) => updates.push(update))
  const [before, rootFirst, callFirst, rootless] = [5, 8, 12, 15].map((minutes) =>
    ticket(to - minutes * MINUTE_MS),
  )
  if (before === undefined || rootFirst === undefined) throw new Error('four tickets were made')
  if (callFirst === undefined || rootless === undefined) throw new Error('four tickets were made')
  await send(before.root)

  const ack = (await socket.emitWithAck('subscribe', {
    id: 'page',
    from,
    metrics: [
      { metric: 'requests', step: '1m', groupBy: ['status'], scope: 'trace' },
      { metric: 'tokens_total', step: '1m', scope: 'trace' },
      { metric: 'latency_p95', step: '5m', scope: 'trace', f: ['model:eq:gpt-4o-mini'] },
    ],
  })) as SubscribeAck
  if (!ack.ok) throw new Error(ack.error)
  await send(before.call, rootFirst.root, callFirst.call, rootless.call)
  const counted = () => replay(updates.flatMap((update) => update.series))
  const early = toMinute(callFirst.call.endMs)
  await eventually(() => {
    expect(counted().get(`0 {"status":"ok"} ${early}`)).toBe(1)
  })
  await send(rootFirst.call, callFirst.root)

  await eventually(async () => {
    const stored = await Promise.all([
      ask(`metric=requests&groupBy=status&step=1m&from=${from}&to=${to}`),
      ask(`metric=tokens_total&step=1m&from=${from}&to=${to}`),
      ask(`metric=latency_p95&step=5m&f=model:eq:gpt-4o-mini&from=${from}&to=${to}`),
    ])
    const snapshot = ack.snapshot.flatMap(({ series }, entry) =>
      series.map((one) => ({ ...one, entry })),
    )
    const delivered = replay([...snapshot, ...updates.flatMap((update) => update.series)])
    const answered = replay(
      stored.flatMap(({ series }, entry) => series.map((one) => ({ ...one, entry }))),
    )
    expect([...answered.values()].filter((value) => value === 1_100)).toHaveLength(4)
    expect(new Map([...delivered].filter(([key]) => answered.has(key)))).toEqual(answered)
    const emptied = [...delivered].filter(([key]) => !answered.has(key))
    expect(emptied.map(([, value]) => value ?? 0)).toEqual(emptied.map(() => 0))
    // Before its root came, the call was a trace of its own that ended a minute earlier.
    expect(emptied.map(([key]) => key)).toContain(`0 {"status":"ok"} ${early}`)
  })
  expect(ack.snapshot.every((result) => result.scope === 'trace')).toBe(true)
})

test('a subscription that asks of traces what is known of calls only is refused', async () => {
  const ack = (await socket.emitWithAck('subscribe', {
    id: 'refused',
    from: Date.now() - 60_000,
    metrics: [{ metric: 'requests', step: '1m', groupBy: ['model'], scope: 'trace' }],
  })) as SubscribeAck

  expect(ack).toMatchObject({ ok: false, error: expect.stringContaining('service environment') })
})
