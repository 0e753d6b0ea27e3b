import { setTimeout as wait } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'

/** What one second of a page cost its main thread. */
export type Tick = { wallMs: number; cpuMs: number; longTasks: number; longestMs: number }

const TICK_MS = 1_000

/** To be called before the page is opened: notes every task over 50 ms. */
export async function watchLongTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: { at: number; ms: number }[] = []
    Object.assign(globalThis, { longTasks: tasks })
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        tasks.push({ at: startTime, ms: duration })
      }
    }).observe({ type: 'longtask' })
  })
}

/**
 * One tick a second. Wall time is what Chromium's tasks took, whatever else ran on the machine; CPU
 * time is the main thread's own.
 */
export async function measureTicks(page: Page, count: number): Promise<Tick[]> {
  const wall = await openMetrics(page, 'timeTicks')
  const cpu = await openMetrics(page, 'threadTicks')
  const ticks: Tick[] = []
  let before = { wall: await taskMs(wall), cpu: await taskMs(cpu), at: await pageNow(page) }
  for (let index = 0; index < count; index += 1) {
    await wait(TICK_MS)
    const now = { wall: await taskMs(wall), cpu: await taskMs(cpu), at: await pageNow(page) }
    const scale = TICK_MS / (now.at - before.at)
    const long = await readLongTasks(page, before.at, now.at)
    ticks.push({
      wallMs: (now.wall - before.wall) * scale,
      cpuMs: (now.cpu - before.cpu) * scale,
      longTasks: long.length,
      longestMs: Math.max(0, ...long),
    })
    before = now
  }
  await wall.detach()
  await cpu.detach()
  return ticks
}

/** A session has one time domain, so there is one session for each. */
async function openMetrics(page: Page, timeDomain: 'timeTicks' | 'threadTicks') {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain })
  return session
}

async function taskMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value
  if (seconds === undefined) throw new Error('Chromium told no TaskDuration')
  return seconds * 1_000
}

function pageNow(page: Page): Promise<number> {
  return page.evaluate(() => performance.now())
}

function readLongTasks(page: Page, from: number, to: number): Promise<number[]> {
  return page.evaluate(
    (range) => {
      const tasks = Reflect.get(globalThis, 'longTasks') as { at: number; ms: number }[]
      return tasks.filter(({ at }) => at >= range.from && at < range.to).map(({ ms }) => ms)
    },
    { from, to },
  )
}
