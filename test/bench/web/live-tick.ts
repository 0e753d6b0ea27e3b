import type { Page } from 'playwright-core'
import { launchBrowser, openPage, type ObservedPage } from '../../support/browser.ts'
import { measureTicks, watchLongTasks, type Tick } from './main-thread.ts'
import { median } from './median.ts'
import { recordFrames, type FrameRecord } from './record-frames.ts'
import { startReplayPage } from './replay-page.ts'

type TickFigures = {
  /** Medians over the ticks of a round, then over the rounds. */
  cpuMsPerTick: number
  wallMsPerTick: number
  longTasksPerTick: number
  longestTaskMs: number
  rounds: Omit<TickFigures, 'rounds'>[]
}

export type LiveTick = {
  ticks: number
  /** The real page on live traffic. */
  overview: TickFigures
  /** Its four charts and eight sparklines alone, fed the same recorded frames. */
  ours: TickFigures
  /** The same with recharts' defaults in place of our four. */
  naive: TickFigures
}

type Options = { url: string; ticks?: number; rounds?: number }

const VIEWPORT = { width: 1440, height: 1164 }
/** So that what loads once (exemplars, facets, first draw) is over. */
const SETTLE_MS = 8_000

/** What a second of live charts costs the main thread; of several rounds the median. */
export async function measureLiveTick(options: Options): Promise<LiveTick> {
  const { url, ticks = 30, rounds = 3 } = options
  await using replay = await startReplayPage()
  const taken = { overview: [] as Tick[][], ours: [] as Tick[][], naive: [] as Tick[][] }
  for (let round = 0; round < rounds; round += 1) {
    const overview = await measureOverview(url, ticks)
    taken.overview.push(overview.ticks)
    const subject = { url: replay.url, record: overview.record, ticks }
    taken.ours.push(await measureReplay({ ...subject, mode: 'ours' }))
    taken.naive.push(await measureReplay({ ...subject, mode: 'naive' }))
  }
  return {
    ticks,
    overview: figuresOf(taken.overview),
    ours: figuresOf(taken.ours),
    naive: figuresOf(taken.naive),
  }
}

async function measureOverview(
  url: string,
  count: number,
): Promise<{ ticks: Tick[]; record: FrameRecord }> {
  await using observed = await openFreshPage(url)
  const { page } = observed
  await watchLongTasks(page)
  const record = recordFrames(page)
  await page.goto('/')
  await waitForCharts(page)
  await page.waitForTimeout(SETTLE_MS)
  const ticks = await measureTicks(page, count)
  return { ticks, record: record() }
}

type Replay = {
  url: string
  record: FrameRecord
  ticks: number
  mode: 'ours' | 'naive'
}

async function measureReplay({ url, record, ticks, mode }: Replay): Promise<Tick[]> {
  if (record.updates.length < ticks) {
    throw new Error(`the page was sent ${record.updates.length} updates, not ${ticks}`)
  }
  await using observed = await openFreshPage(url)
  const { page } = observed
  await watchLongTasks(page)
  await page.goto('/')
  await page.evaluate(
    (given) => {
      const start = Reflect.get(globalThis, 'startReplay') as (a: unknown, b: string) => void
      start(given.record, given.mode)
    },
    { record, mode },
  )
  await waitForCharts(page)
  const measured = await measureTicks(page, ticks)
  if (observed.consoleErrors.length > 0) throw new Error(observed.consoleErrors.join('\n'))
  return measured
}

/** A browser of its own, so that no page pays for one before it. */
async function openFreshPage(url: string): Promise<ObservedPage> {
  const browser = await launchBrowser()
  const observed = await openPage(browser, url, { viewport: VIEWPORT })
  const close = (): Promise<void> => browser.close()
  return { ...observed, close, [Symbol.asyncDispose]: close }
}

async function waitForCharts(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelectorAll('.recharts-surface').length >= 4)
}

function figuresOf(rounds: readonly Tick[][]): TickFigures {
  const each = rounds.map((ticks) => ({
    cpuMsPerTick: rounded(ticks.map(({ cpuMs }) => cpuMs)),
    wallMsPerTick: rounded(ticks.map(({ wallMs }) => wallMs)),
    longTasksPerTick: rounded(ticks.map(({ longTasks }) => longTasks)),
    longestTaskMs: Math.round(Math.max(...ticks.map(({ longestMs }) => longestMs))),
  }))
  return {
    cpuMsPerTick: rounded(each.map((one) => one.cpuMsPerTick)),
    wallMsPerTick: rounded(each.map((one) => one.wallMsPerTick)),
    longTasksPerTick: rounded(each.map((one) => one.longTasksPerTick)),
    longestTaskMs: rounded(each.map((one) => one.longestTaskMs)),
    rounds: each,
  }
}

const rounded = (values: readonly number[]): number => Math.round(median(values) * 10) / 10
