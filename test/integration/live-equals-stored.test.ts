import fc from 'fast-check'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LiveUpdate, MetricResult, SubscribeAck } from '../../server/contract/index.ts'
import { eventually } from '../support/eventually.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const METRICS = [
  { metric: 'requests', step: '1m' },
  { metric: 'errors', step: '1m', groupBy: ['service'] },
  { metric: 'tokens_total', step: '5m', groupBy: ['model'] },
  { metric: 'latency_p95', step: '5m', groupBy: ['model'] },
  { metric: 'cost', step: '1h', f: ['model:eq:gpt-4o-mini'] },
]
const HOURS_BACK = 3
const HOUR_MS = 3_600_000

type Points = Map<string, number | null>

/** A dashboard as the contract says it should be: it takes what comes, and subscribes anew when it is back. */
class Page {
  readonly points: Points = new Map()
  readonly #project: string
  readonly #from: number
  #socket: Socket | undefined
  #seq = 0

  constructor(project: string, from: number) {
    this.#project = project
    this.#from = from
  }

  async open(): Promise<void> {
    if (this.#socket !== undefined) return
    const socket = io(`${server.url}/live`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    this.#socket = socket
    // A socket that was cut off may still hand over what it had read.
    socket.on('update', (update: LiveUpdate) => {
      if (this.#socket === socket) this.#take(update)
    })
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(undefined))
      socket.once('connect_error', reject)
    })
    const request = { id: 'page', project: this.#project, from: this.#from, metrics: METRICS }
    const ack = (await socket.emitWithAck('subscribe', request)) as SubscribeAck
    if (!ack.ok) throw new Error(ack.error)
    this.#seq = ack.seq
    for (const [entry, { series }] of ack.snapshot.entries()) this.#store(entry, series)
  }

  close(): void {
    this.#socket?.disconnect()
    this.#socket = undefined
  }

  #take({ seq, series }: LiveUpdate): void {
    expect(seq).toBe(this.#seq + 1)
    this.#seq = seq
    for (const one of series) this.#store(one.entry, [one])
  }

  #store(entry: number, series: Pick<MetricResult['series'][number], 'group' | 'points'>[]): void {
    for (const { group, points } of series) {
      for (const { t, value } of points) {
        this.points.set(`${entry} ${JSON.stringify(group)} ${t}`, value)
      }
    }
  }
}

async function storedPoints(project: string, from: number): Promise<Points> {
  const points: Points = new Map()
  for (const [entry, { metric, step, groupBy = [], f = [] }] of METRICS.entries()) {
    const query = new URLSearchParams({ metric, step, project, from: String(from) })
    query.set('to', String(Date.now() + HOUR_MS))
    if (groupBy.length > 0) query.set('groupBy', groupBy.join(','))
    for (const term of f) query.append('f', term)
    const answer = await fetch(`${server.url}/api/v1/metrics?${query}`)
    const { series } = (await answer.json()) as MetricResult
    for (const { group, points: list } of series) {
      for (const { t, value } of list) {
        points.set(`${entry} ${JSON.stringify(group)} ${t}`, value)
      }
    }
  }
  return points
}

type Step =
  | { do: 'send'; spans: number; lateMs: number; failing: number }
  | { do: 'resend' }
  | { do: 'drop' | 'return'; page: number }

const page = fc.nat({ max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      spans: fc.integer({ min: 1, max: 60 }),
      lateMs: fc.oneof(fc.constant(0), fc.nat({ max: 2 * HOUR_MS })),
      failing: fc.nat({ max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resend' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('drop' as const, 'return' as const), page }),
  },
)

let made = 0

test('what two pages were delivered, cut off and back again, is what the API answers at the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 25 }), async (steps) => {
      made += 1
      const project = `pages-${made}`
      const from = Math.floor(Date.now() / HOUR_MS - HOURS_BACK) * HOUR_MS
      const pages = [new Page(project, from), new Page(project, from)]
      const send = sender(project)
      for (const one of pages) await one.open()

      for (const one of steps) {
        if (one.do === 'drop') pages[one.page]?.close()
        else if (one.do === 'return') await pages[one.page]?.open()
        else await send(one)
      }
      for (const one of pages) await one.open()

      const expected = await storedPoints(project, from)
      await eventually(() => {
        for (const one of pages) expect(one.points).toEqual(expected)
      })
      for (const one of pages) one.close()
      const sent = [...expected].filter(([key]) => key.startsWith('0 '))
      expect(sent.reduce((sum, [, value]) => sum + (value ?? 0), 0)).toBe(send.total())
    }),
    { numRuns: 6, endOnFailure: true },
  )
})

/** Sends the step's spans, or the last body again; `total` counts those that are new. */
function sender(project: string) {
  let last: Buffer | undefined
  let total = 0
  async function send(one: Step): Promise<void> {
    if (one.do === 'send') {
      const spans = makeSpans(one.spans, { endMs: Date.now() - one.lateMs })
      for (const span of spans.slice(0, one.failing)) span.status = { code: 2, message: 'failed' }
      last = encodeLoad(spans)
      total += spans.length
    }
    if (last === undefined) return
    const headers = { 'x-sightline-project': project }
    expect((await postTraces(server.url, last, { headers })).status).toBe(200)
  }
  return Object.assign(send, { total: () => total })
}
