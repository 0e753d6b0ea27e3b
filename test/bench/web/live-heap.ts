import type { Page, WebSocketRoute } from 'playwright-core'
import { launchBrowser, openPage } from '../../support/browser.ts'

export type LiveHeap = {
  simulatedMinutes: number
  frames: number
  heapBeforeMb: number
  heapAfterMb: number
  /** After ÷ before, both after garbage collection. */
  growth: number
}

type Options = { url: string; minutes?: number }
type Frame = [event: string, body: { seq?: number; storedThrough?: number }]

const RECORDED_FRAMES = 60
const MINUTE_MS = 60_000
/** Twenty of the page's seconds in one of ours. */
const FRAME_MS = 50
const WARM_UP_MINUTES = 2
const EVENT = /^42\/live,(\[.*\])$/s

/**
 * Memory of Overview after a long time live: a minute of real frames is played again and again, each
 * time a minute later and with traces of its own.
 */
export async function measureLiveHeap({ url, minutes = 30 }: Options): Promise<LiveHeap> {
  const browser = await launchBrowser()
  try {
    await using observed = await openPage(browser, url, { viewport: { width: 1440, height: 1164 } })
    const { page } = observed
    const player = await createPlayer(page)
    await page.goto('/')
    await page.waitForFunction(() => document.querySelectorAll('.recharts-surface').length >= 4)
    await player.recorded()
    for (let minute = 1; minute <= WARM_UP_MINUTES; minute += 1) await player.play(minute)
    const heapBeforeMb = await heapMb(page)
    for (let minute = 1; minute <= minutes; minute += 1) await player.play(WARM_UP_MINUTES + minute)
    const heapAfterMb = await heapMb(page)
    if (observed.consoleErrors.length > 0) throw new Error(observed.consoleErrors.join('\n'))
    return {
      simulatedMinutes: minutes,
      frames: player.played(),
      heapBeforeMb,
      heapAfterMb,
      growth: Math.round((heapAfterMb / heapBeforeMb) * 1_000) / 1_000,
    }
  } finally {
    await browser.close()
  }
}

async function createPlayer(page: Page) {
  const frames: Frame[] = []
  let socket: WebSocketRoute | undefined
  let isReplaying = false
  let lastSeq = 0
  let played = 0
  let onRecorded = (): void => undefined
  const done = new Promise<void>((resolve) => (onRecorded = resolve))

  await page.routeWebSocket(/\/socket\.io\//, (route) => {
    socket = route
    const server = route.connectToServer()
    route.onMessage((message) => server.send(message))
    server.onMessage((message) => {
      const event = EVENT.exec(message.toString())?.[1]
      if (event === undefined) return route.send(message)
      if (isReplaying) return
      route.send(message)
      frames.push(JSON.parse(event) as Frame)
      const updates = frames.filter(([name]) => name === 'update').length
      if (updates < RECORDED_FRAMES) return
      isReplaying = true
      lastSeq = Math.max(...frames.map(([, { seq }]) => seq ?? 0))
      onRecorded()
    })
  })

  return {
    recorded: () => done,
    played: () => played,
    async play(minute: number): Promise<void> {
      for (const [name, body] of frames) {
        if (name === 'update') lastSeq += 1
        socket?.send(`42/live,${JSON.stringify([name, later(body, { minute, seq: lastSeq })])}`)
        if (name === 'update') {
          played += 1
          await page.waitForTimeout(FRAME_MS)
        }
      }
    },
  }
}

/** The same minutes later: times of points and traces move, traces are new ones. */
function later(body: Frame[1], { minute, seq }: { minute: number; seq: number }): unknown {
  const shiftMs = minute * MINUTE_MS
  const mark = minute.toString(16).padStart(4, '0')
  const moved: unknown = JSON.parse(JSON.stringify(body), (key, value: unknown) => {
    if (typeof value === 'number' && /^(t|storedThrough|startTime)$/.test(key))
      return value + shiftMs
    if (typeof value === 'string' && key === 'traceId') return mark + value.slice(4)
    return value
  })
  return 'seq' in body ? { ...(moved as object), seq } : moved
}

async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return Math.round(usedSize / 10_000) / 100
}
