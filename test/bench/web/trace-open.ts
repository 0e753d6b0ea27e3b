import type { Browser, Page } from 'playwright-core'
import { sendBigTrace } from '../../support/big-trace.ts'
import { openPage } from '../../support/browser.ts'
import { eventually } from '../../support/eventually.ts'

export type TraceOpen = {
  spans: number
  /** From the start of a navigation in a fresh browser profile to the frame that shows rows. */
  coldFirstRowsMs: number
  /** The same from a page of the dashboard that is open already. */
  firstRowsMs: number
  /** Until every span is in the page. */
  allSpansMs: number
  /** Longest task of the main thread while the unfolded tree is scrolled from end to end. */
  scrollLongestTaskMs: number
  /** Longest task while the spans come in. */
  loadLongestTaskMs: number
  rowsScrolled: number
}

type Options = { url: string; browser: Browser; counts: readonly number[]; rounds?: number }

const VIEWPORT = { width: 1440, height: 900 }
const LOAD_LIMIT_MS = 120_000

/** How fast traces of these sizes open and scroll; of several rounds the median. */
export async function measureTraceOpen(options: Options): Promise<TraceOpen[]> {
  const { url, browser, counts, rounds = 3 } = options
  const figures: TraceOpen[] = []
  for (const count of counts) {
    const { traceId } = await sendBigTrace(url, { count, endMs: Date.now() - 10_000 })
    const taken: TraceOpen[] = []
    for (let round = 0; round < rounds; round += 1) {
      taken.push(await measureOnce({ url, browser, path: `/traces/${traceId}`, count }))
    }
    figures.push(medianOf(taken))
  }
  return figures
}

type Subject = { url: string; browser: Browser; path: string; count: number }

async function measureOnce({ url, browser, path, count }: Subject): Promise<TraceOpen> {
  const coldFirstRowsMs = await measureCold(browser, url, path)
  await using observed = await openPage(browser, url, { viewport: VIEWPORT })
  const { page } = observed
  await page.addInitScript(watchPage)
  await page.goto('/alerts')
  await page.getByTestId('live-state').waitFor()
  await page.evaluate(startWatch, path)
  const firstRowsMs = await firstRows(page)
  await untilWhole(page, count)
  const allSpansMs = await page.evaluate(() => performance.now() - window.watched.from)
  const loadLongestTaskMs = await longestTask(page)
  const scroll = await scrollThrough(page)
  return {
    spans: count,
    coldFirstRowsMs,
    firstRowsMs,
    allSpansMs,
    loadLongestTaskMs,
    ...scroll,
  }
}

async function measureCold(browser: Browser, url: string, path: string): Promise<number> {
  await using observed = await openPage(browser, url, { viewport: VIEWPORT })
  await observed.page.addInitScript(watchPage)
  await observed.page.goto(path, { waitUntil: 'commit' })
  return await firstRows(observed.page)
}

declare global {
  interface Window {
    watched: { from: number; firstRowsAt: number | null; tasks: number[] }
  }
}

/** Notes the frame after the first row is in the document, and every task over 50 ms. */
function watchPage(): void {
  window.watched = { from: 0, firstRowsAt: null, tasks: [] }
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.watched.tasks.push(duration)
  }).observe({ type: 'longtask' })
  const look = (): void => {
    const isThere = document.querySelector('[data-testid="span-row"]') !== null
    if (isThere && window.watched.firstRowsAt === null) {
      window.watched.firstRowsAt = performance.now()
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** The router hears of it as of a click on a link. */
function startWatch(path: string): void {
  window.watched.from = performance.now()
  window.watched.tasks = []
  history.pushState({}, '', path)
}

async function firstRows(page: Page): Promise<number> {
  const found = await page.waitForFunction(
    () => {
      const { firstRowsAt, from } = window.watched
      return firstRowsAt === null ? null : { ms: firstRowsAt - from }
    },
    undefined,
    { timeout: LOAD_LIMIT_MS },
  )
  const value = await found.jsonValue()
  if (value === null) throw new Error('no row was painted')
  return value.ms
}

async function untilWhole(page: Page, count: number): Promise<void> {
  const whole = `${count.toLocaleString('en-US')} of ${count.toLocaleString('en-US')} spans`
  const note = page.getByTestId('page-note')
  await eventually(
    async () => {
      const text = await note.innerText()
      if (!text.includes(whole)) throw new Error(`the status bar says '${text}', not '${whole}'`)
    },
    { timeoutMs: LOAD_LIMIT_MS, everyMs: 100 },
  )
}

/** Entries of the observer come a little after their task. */
async function longestTask(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return Math.max(0, ...window.watched.tasks)
  })
}

async function scrollThrough(
  page: Page,
): Promise<Pick<TraceOpen, 'scrollLongestTaskMs' | 'rowsScrolled'>> {
  const unfold = page.getByRole('button', { name: 'Unfold all' })
  if ((await unfold.count()) > 0) await unfold.click()
  const rows = Number(await page.getByRole('treegrid').getAttribute('aria-rowcount')) - 1
  await longestTask(page)
  await page.evaluate(async () => {
    window.watched.tasks = []
    const list = document.querySelector('.rows')
    if (list === null) throw new Error('there are no rows to scroll')
    const frames = 120
    const step = Math.max(60, list.scrollHeight / frames)
    while (list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
      list.scrollTop += step
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  })
  return { scrollLongestTaskMs: await longestTask(page), rowsScrolled: rows }
}

function medianOf(taken: readonly TraceOpen[]): TraceOpen {
  const median = (pick: (one: TraceOpen) => number): number =>
    taken.map(pick).toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN
  return {
    spans: median((one) => one.spans),
    coldFirstRowsMs: median((one) => one.coldFirstRowsMs),
    firstRowsMs: median((one) => one.firstRowsMs),
    allSpansMs: median((one) => one.allSpansMs),
    loadLongestTaskMs: median((one) => one.loadLongestTaskMs),
    scrollLongestTaskMs: median((one) => one.scrollLongestTaskMs),
    rowsScrolled: median((one) => one.rowsScrolled),
  }
}
