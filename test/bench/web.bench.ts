import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { startDemoProcess } from '../support/demo-process.ts'
import { startBenchServer } from './bench-server.ts'
import { measureLiveHeap } from './web/live-heap.ts'
import { measureLiveTick } from './web/live-tick.ts'
import { measurePageLoad } from './web/page-load.ts'
import { measureTraceOpen } from './web/trace-open.ts'

type Part = (subject: { url: string; browser: Browser }) => Promise<unknown>

/** One file each under web/; they run one after the other on the same server. */
const PARTS: Record<string, Part> = {
  pageLoad: measurePageLoad,
  liveTick: measureLiveTick,
  liveHeap: measureLiveHeap,
  traceOpen: (subject) => measureTraceOpen({ ...subject, counts: [1_000, 10_000, 30_000] }),
}

const HISTORY = ['--seed', '5', '--backfill', '130m']
const LIVE = ['--seed', '6', '--rate', '120', '--duration', '2h']

/** The dashboard in Chromium on a real server: an hour and more of history, customers in real time. */
export async function run(): Promise<Record<string, unknown>> {
  await using bench = await startBenchServer()
  const { url } = bench.server
  const history = startDemoProcess(['--endpoint', url, ...HISTORY])
  if ((await history.ended()) !== 0) throw new Error('the demo could not write its history')
  await using live = startDemoProcess(['--endpoint', url, ...LIVE])
  await live.logged('live: 120 requests a minute')
  const browser = await launchBrowser()
  try {
    const figures: Record<string, unknown> = { benchmark: 'web' }
    for (const [name, measure] of Object.entries(PARTS)) {
      figures[name] = await measure({ url, browser })
    }
    return figures
  } finally {
    await browser.close()
  }
}
