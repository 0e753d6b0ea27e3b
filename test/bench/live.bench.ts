import { setTimeout as wait } from 'node:timers/promises'
import { init, shutdown, wrap } from '@sightline/sdk'
import OpenAI from 'openai'
import type { Page } from 'playwright-core'
import { io } from 'socket.io-client'
import type { LiveUpdate, MetricPoint, SubscribeAck } from '../../server/contract/index.ts'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startBenchServer } from './bench-server.ts'

const SERVICE = 'live-probe'
const FILTER = `service:eq:${SERVICE}`
const ROUNDS = 3
const PROBES = 40
const WARM_UP_PROBES = 3
const RATES = [20, 1_000]
const BATCHES_PER_SECOND = 4
const MINUTE_MS = 60_000
/** What has not shown up by then is counted as missing, not left out. */
const LIMIT_MS = 15_000
const BORDER_MS = 1_000

/** Instants at which a minute's count of calls was first seen to be at least so high. */
type Sightings = Map<number, number[]>
type Probe = { minute: number; ordinal: number; endedAt: number }

/**
 * From the end of a span in an application with the SDK (flush every 500 ms) to the socket frame that
 * counts it, and to the painted chart that counts it, while other spans come in beside.
 */
export async function run(): Promise<Record<string, unknown>> {
  await using bench = await startBenchServer()
  const { server } = bench
  try {
    await using simulator = await startSimulator({
      seed: 1,
      speed: 0,
      failureRates: NO_FAILURES,
    })
    init({ endpoint: server.url, service: SERVICE })
    const client = wrap(new OpenAI({ apiKey: 'simulated', baseURL: `${simulator.url}/v1` }))
    const probe = createProbe(client)
    const rates: Record<string, unknown> = {}
    for (const rate of RATES) {
      const rounds = []
      for (let round = 0; round < ROUNDS; round += 1) {
        rounds.push(await measure(server.url, { rate, probe }))
      }
      rates[`at ${rate} spans/s`] = { ...medians(rounds), rounds }
    }
    return { benchmark: 'live', probesPerRound: PROBES, rates }
  } finally {
    await shutdown({ timeoutMs: 1_000 })
  }
}

/** One call of the wrapped client, and which one of its minute it was. */
function createProbe(client: OpenAI): () => Promise<Probe> {
  const countByMinute = new Map<number, number>()
  return async () => {
    const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS)
    // At the border the span's own end and ours could fall into two minutes.
    if (leftMs < BORDER_MS) await wait(leftMs)
    await client.chat.completions.create({
      model: 'gpt-5-mini',
      messages: [{ role: 'user', content: `Where is order ${Math.floor(Math.random() * 1e6)}?` }],
    })
    const endedAt = Date.now()
    const minute = Math.floor(endedAt / MINUTE_MS) * MINUTE_MS
    const ordinal = (countByMinute.get(minute) ?? 0) + 1
    countByMinute.set(minute, ordinal)
    return { minute, ordinal, endedAt }
  }
}

type Round = {
  frameP50Ms: number
  frameP95Ms: number
  pixelP50Ms: number
  pixelP95Ms: number
  missing: number
  loadSpansPerSecond: number
}
type Subject = { rate: number; probe: () => Promise<Probe> }

async function measure(url: string, { rate, probe }: Subject): Promise<Round> {
  const frames: Sightings = new Map()
  await probe()
  const browser = await launchBrowser()
  const socket = io(`${url}/live`, { transports: ['websocket'], forceNew: true })
  const load = startLoad(url, rate)
  try {
    await using observed = await openPage(browser, url, { viewport: { width: 1440, height: 900 } })
    await watchPixels(observed.page)
    await observed.page.goto(`/?f=${FILTER}`)
    await observed.page.locator('[data-partial]').first().waitFor({ timeout: 60_000 })
    socket.on('update', ({ series }: LiveUpdate) => {
      for (const { points } of series) note(frames, points, Date.now())
    })
    const ack = (await socket.emitWithAck('subscribe', {
      id: 'bench',
      from: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS,
      metrics: [{ metric: 'requests', step: '1m', f: [FILTER] }],
    })) as SubscribeAck
    if (!ack.ok) throw new Error(ack.error)
    const probes: Probe[] = []
    for (let index = 0; index < WARM_UP_PROBES + PROBES; index += 1) {
      const ended = await probe()
      if (index >= WARM_UP_PROBES) probes.push(ended)
      // Drawn so that the ends fall anywhere between two flushes and two frames.
      await wait(300 + Math.random() * 400)
    }
    await wait(LIMIT_MS / 3)
    const pixels = await readPixels(observed.page)
    return summary(probes, { frames, pixels, loadSpansPerSecond: load.rate() })
  } finally {
    await load.stop()
    socket.disconnect()
    await browser.close()
  }
}

function note(sightings: Sightings, points: readonly Pick<MetricPoint, 't' | 'n'>[], at: number) {
  for (const { t, n } of points) {
    const seen = sightings.get(t) ?? []
    sightings.set(t, seen)
    while (seen.length < n) seen.push(at)
  }
}

/** Notes, after the frame in which it was painted, each new count in the latency chart's open buckets. */
async function watchPixels(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: [number, number, number][] = []
    Object.assign(globalThis, { livePixels: seen })
    let last = ''
    const look = (): void => {
      const text = document.querySelector<HTMLElement>('[data-partial]')?.dataset['partial'] ?? ''
      if (text === last) return
      last = text
      // The next frame's callback runs once the one with this change has been painted.
      requestAnimationFrame(() =>
        setTimeout(() => {
          for (const one of text.split(',')) {
            const [t = 0, n = 0] = one.split(':').map(Number)
            seen.push([t, n, Date.now()])
          }
        }),
      )
    }
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
    })
  })
}

async function readPixels(page: Page): Promise<Sightings> {
  const seen = await page.evaluate(
    () => Reflect.get(globalThis, 'livePixels') as [number, number, number][],
  )
  const sightings: Sightings = new Map()
  for (const [t, n, at] of seen) note(sightings, [{ t, n }], at)
  return sightings
}

type Seen = { frames: Sightings; pixels: Sightings; loadSpansPerSecond: number }

function summary(probes: readonly Probe[], seen: Seen): Round {
  const frame = delays(probes, seen.frames)
  const pixel = delays(probes, seen.pixels)
  return {
    frameP50Ms: quantile(frame, 0.5),
    frameP95Ms: quantile(frame, 0.95),
    pixelP50Ms: quantile(pixel, 0.5),
    pixelP95Ms: quantile(pixel, 0.95),
    missing: [...frame, ...pixel].filter((one) => one === LIMIT_MS).length,
    loadSpansPerSecond: Math.round(seen.loadSpansPerSecond),
  }
}

function delays(probes: readonly Probe[], sightings: Sightings): number[] {
  return probes.map(({ minute, ordinal, endedAt }) => {
    const at = sightings.get(minute)?.[ordinal - 1]
    return at === undefined ? LIMIT_MS : Math.max(0, at - endedAt)
  })
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

function medians(rounds: readonly Round[]): Round {
  const median = (pick: (round: Round) => number) => quantile(rounds.map(pick), 0.5)
  return {
    frameP50Ms: median((round) => round.frameP50Ms),
    frameP95Ms: median((round) => round.frameP95Ms),
    pixelP50Ms: median((round) => round.pixelP50Ms),
    pixelP95Ms: median((round) => round.pixelP95Ms),
    missing: median((round) => round.missing),
    loadSpansPerSecond: median((round) => round.loadSpansPerSecond),
  }
}

/** Other applications' spans, at a steady rate, until it is stopped. */
function startLoad(url: string, spansPerSecond: number) {
  const stop = new AbortController()
  const startedAt = Date.now()
  let sent = 0
  const running = (async () => {
    const size = Math.max(1, Math.round(spansPerSecond / BATCHES_PER_SECOND))
    for (let batch = 0; !stop.signal.aborted; batch += 1) {
      const dueAt = startedAt + (batch * 1_000) / BATCHES_PER_SECOND
      await wait(Math.max(0, dueAt - Date.now()))
      const answer = await postTraces(url, encodeLoad(makeSpans(size, { endMs: Date.now() })))
      if (answer.status === 200) sent += size
    }
  })()
  return {
    rate: () => sent / ((Date.now() - startedAt) / 1_000),
    async stop() {
      stop.abort()
      await running
    },
  }
}
