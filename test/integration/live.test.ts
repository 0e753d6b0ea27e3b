import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type {
  LiveFirstSpan,
  LiveTrace,
  LiveUpdate,
  MetricResult,
  SubscribeAck,
} from '../../server/contract/index.ts'
import { eventually } from '../support/eventually.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
const sockets: Socket[] = []
beforeAll(async () => {
  server = await startTestServer()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

function connect(options: { origin?: string } = {}): Promise<Socket> {
  const socket = io(`${server.url}/live`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(options.origin === undefined ? {} : { extraHeaders: { origin: options.origin } }),
  })
  sockets.push(socket)
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', reject)
  })
}

function send(project: string, count: number, endMs = Date.now()) {
  const body = encodeLoad(makeSpans(count, { endMs }))
  return postTraces(server.url, body, { headers: { 'x-sightline-project': project } })
}

async function metric(query: string): Promise<MetricResult> {
  return (await (await fetch(`${server.url}/api/v1/metrics?${query}`)).json()) as MetricResult
}

/** Replays snapshot and updates the way a page does: a point replaces the one with its time. */
function replay(ack: SubscribeAck, updates: LiveUpdate[]): Map<string, number | null> {
  const points = new Map<string, number | null>()
  if (!ack.ok) throw new Error(ack.error)
  const all = [
    ...ack.snapshot.flatMap((result, entry) =>
      result.series.map((series) => ({ ...series, entry })),
    ),
    ...updates.flatMap((update) => update.series),
  ]
  for (const { entry, group, points: list } of all) {
    for (const { t, value } of list) points.set(`${entry} ${JSON.stringify(group)} ${t}`, value)
  }
  return points
}

test('what a socket delivered equals the API, late spans included', async () => {
  const socket = await connect()
  const updates: LiveUpdate[] = []
  socket.on('update', (update: LiveUpdate) => updates.push(update))
  const from = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000
  await send('live', 20)
  const ack = (await socket.emitWithAck('subscribe', {
    id: 'page',
    project: 'live',
    from,
    metrics: [
      { metric: 'requests', step: '1m' },
      { metric: 'latency_p95', step: '5m', groupBy: ['model'] },
      { metric: 'cost', step: 300_000, f: ['model:eq:gpt-4o-mini'] },
    ],
  })) as SubscribeAck
  await send('live', 30)
  await send('live', 40, Date.now() - 1_200_000)
  await send('live', 10)

  await eventually(async () => {
    const to = Date.now() + 60_000
    const range = `project=live&from=${from}&to=${to}`
    const stored = await Promise.all([
      metric(`metric=requests&step=1m&${range}`),
      metric(`metric=latency_p95&step=5m&groupBy=model&${range}`),
      metric(`metric=cost&step=5m&f=model:eq:gpt-4o-mini&${range}`),
    ])
    const expected = new Map(
      stored.flatMap((result, entry) =>
        result.series.flatMap((series) =>
          series.points.map(
            ({ t, value }) => [`${entry} ${JSON.stringify(series.group)} ${t}`, value] as const,
          ),
        ),
      ),
    )
    expect(stored[0]?.series[0]?.points.reduce((sum, point) => sum + (point.value ?? 0), 0)).toBe(
      100,
    )
    expect(replay(ack, updates)).toEqual(expected)
  })
  expect(updates.map((update) => update.seq)).toEqual(updates.map((_, index) => index + 1))
})

test('frames go on without spans, so that a page sees how far the server is', async () => {
  const socket = await connect()
  const updates: LiveUpdate[] = []
  socket.on('update', (update: LiveUpdate) => updates.push(update))

  await socket.emitWithAck('subscribe', {
    id: 'idle',
    project: 'idle',
    from: Date.now() - 600_000,
    metrics: [{ metric: 'requests', step: '1m' }],
  })

  await eventually(() => {
    expect(updates.length).toBeGreaterThan(1)
  })
  expect(updates[1]?.storedThrough).toBeGreaterThan(updates[0]?.storedThrough ?? Infinity)
})

test('the first span and the traces of a project reach those who asked, and nobody else', async () => {
  const socket = await connect()
  const first: LiveFirstSpan[] = []
  const traces: LiveTrace[] = []
  socket.on('first-span', (event: LiveFirstSpan) => first.push(event))
  socket.on('trace', (event: LiveTrace) => traces.push(event))
  await socket.emitWithAck('subscribe-first-span', { id: 'f', project: 'mine' })
  await socket.emitWithAck('subscribe-traces', { id: 't', project: 'mine' })

  await send('theirs', 5)
  await send('mine', 5)

  await eventually(() => {
    expect(first).toMatchObject([{ id: 'f', service: 'load' }])
    expect(traces.flatMap((trace) => trace.items)).toMatchObject([
      { spanCount: 5, service: 'load' },
    ])
  })
})

test('who asks for the first span after it came is told at once', async () => {
  await send('late', 5)
  const socket = await connect()
  const first: LiveFirstSpan[] = []
  socket.on('first-span', (event: LiveFirstSpan) => first.push(event))

  await socket.emitWithAck('subscribe-first-span', { id: 'f', project: 'late' })

  await eventually(() => {
    expect(first).toHaveLength(1)
  })
})

test('a faulty subscription is refused with its reason and the socket lives on', async () => {
  const socket = await connect()
  const ask = (metrics: unknown, from: unknown = Date.now()) =>
    socket.emitWithAck('subscribe', { id: 'x', from, metrics }) as Promise<SubscribeAck>

  expect(await ask([{ metric: 'nonsense', step: '1m' }])).toMatchObject({ ok: false })
  expect(await ask([{ metric: 'requests', step: '7s' }])).toMatchObject({
    ok: false,
    error: expect.stringContaining('step'),
  })
  expect(await ask([{ metric: 'requests', step: '1m', f: ['bogus'] }])).toMatchObject({ ok: false })
  expect(await ask([{ metric: 'requests', step: '1m' }], 'yesterday')).toMatchObject({ ok: false })
  expect(await socket.emitWithAck('subscribe', null)).toMatchObject({ ok: false })
  expect(await ask([{ metric: 'requests', step: '1m' }])).toMatchObject({ ok: true, seq: 0 })
})

test('a filtered tail shows the one trace that matches among many others of the same second', async () => {
  const socket = await connect()
  const traces: LiveTrace[] = []
  socket.on('trace', (event: LiveTrace) => traces.push(event))
  await socket.emitWithAck('subscribe-traces', {
    id: 't',
    project: 'crowd',
    f: ['user:eq:u-199'],
  })

  await send('crowd', 200)

  await eventually(async () => {
    expect(traces.flatMap((trace) => trace.items)).toMatchObject([{ userId: 'u-199' }])
    expect(traces[0]?.sampled).toBe(1)
  })
})

test('a filter that live traces cannot answer is refused, and other pages go on', async () => {
  const [faulty, good] = [await connect(), await connect()]
  const traces: LiveTrace[] = []
  good.on('trace', (event: LiveTrace) => traces.push(event))

  const refused = await faulty.emitWithAck('subscribe-traces', {
    id: 't',
    project: 'beside',
    f: ['text:has:x'],
  })
  await good.emitWithAck('subscribe-traces', { id: 't', project: 'beside' })
  await send('beside', 5)

  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('text') })
  await eventually(() => {
    expect(traces.flatMap((trace) => trace.items)).toHaveLength(1)
  })
})

test('a page of another origin gets no socket', async () => {
  await expect(connect({ origin: 'https://evil.example' })).rejects.toThrow()
})

test('a socket that floods the server is closed', async () => {
  const socket = await connect()
  const closed = new Promise((resolve) => socket.once('disconnect', resolve))

  for (let index = 0; index < 40; index += 1) socket.emit('unsubscribe', { id: 'x' })

  expect(await closed).toBe('io server disconnect')
})
