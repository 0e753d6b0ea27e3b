import { gzipSync } from 'node:zlib'
import { launchBrowser, openPage } from '../../support/browser.ts'
import { median } from './median.ts'

export type PageLoad = {
  /** Sum of the scripts that the first page asks for, each gzipped by itself, in kB of 1,000 bytes. */
  jsGzippedKb: number
  largestContentfulPaintMs: number
  /** Layout shift while loading and in the five seconds after. */
  cumulativeLayoutShift: number
  rounds: Omit<PageLoad, 'rounds'>[]
}

type Options = { url: string; rounds?: number }
type Vitals = { lcp: number; cls: number }

const AFTER_MS = 5_000

/** Overview opened in a fresh browser with data to show; of several rounds the median. */
export async function measurePageLoad({ url, rounds = 5 }: Options): Promise<PageLoad> {
  const taken: Omit<PageLoad, 'rounds'>[] = []
  for (let round = 0; round < rounds; round += 1) taken.push(await loadOnce(url))
  return {
    jsGzippedKb: median(taken.map((one) => one.jsGzippedKb)),
    largestContentfulPaintMs: median(taken.map((one) => one.largestContentfulPaintMs)),
    cumulativeLayoutShift: median(taken.map((one) => one.cumulativeLayoutShift)),
    rounds: taken,
  }
}

async function loadOnce(url: string): Promise<Omit<PageLoad, 'rounds'>> {
  const browser = await launchBrowser()
  try {
    await using observed = await openPage(browser, url, { viewport: { width: 1440, height: 900 } })
    const { page } = observed
    const scripts: Promise<number>[] = []
    page.on('response', (response) => {
      if (!new URL(response.url()).pathname.endsWith('.js')) return
      scripts.push(response.body().then((body) => gzipSync(body).length))
    })
    await page.addInitScript(watchVitals)
    await page.goto('/')
    await page.waitForFunction(() => document.querySelectorAll('.recharts-surface').length >= 4)
    await page.waitForTimeout(AFTER_MS)
    const { lcp, cls } = await page.evaluate(() => Reflect.get(globalThis, 'vitals') as Vitals)
    const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0)
    return {
      jsGzippedKb: Math.round(bytes / 100) / 10,
      largestContentfulPaintMs: Math.round(lcp),
      cumulativeLayoutShift: Math.round(cls * 10_000) / 10_000,
    }
  } finally {
    await browser.close()
  }
}

function watchVitals(): void {
  const vitals = { lcp: 0, cls: 0 }
  Object.assign(globalThis, { vitals })
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) vitals.lcp = Math.max(vitals.lcp, startTime)
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) vitals.cls += Number(Reflect.get(entry, 'value'))
  }).observe({ type: 'layout-shift', buffered: true })
}
