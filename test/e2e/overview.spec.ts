import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { askMetric, askTotal } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import type { ObservedPage } from '../support/browser.ts'
import { createTestDatabase } from '../support/database.ts'
import { startDemoProcess } from '../support/demo-process.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure, readTiles } from '../support/page-figures.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'

const MINUTE_MS = 60_000
const PATIENT = { timeoutMs: 60_000, everyMs: 100 }
const TILES = ['requests', 'error_rate', 'latency_p95', 'ttft_p95', 'cost']

const stack = new AsyncDisposableStack()
let server: ServerProcess
let browser: Browser

/** History long enough for the hour shown and the hour before it, then customers in real time. */
beforeAll(async () => {
  const database = stack.use(await createTestDatabase())
  server = stack.use(await startServerProcess({ DATABASE_URL: database.url }))
  const history = stack.use(
    startDemoProcess(['--endpoint', server.url, '--seed', '5', '--backfill', '130m']),
  )
  expect(await history.ended()).toBe(0)
  const live = stack.use(
    startDemoProcess([
      '--endpoint',
      server.url,
      '--seed',
      '6',
      '--rate',
      '120',
      '--duration',
      '1h',
    ]),
  )
  await live.logged('live: 120 requests a minute')
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

async function openOverview(options = {}): Promise<ObservedPage> {
  const observed = await openPage(browser, server.url, options)
  await observed.page.goto('/')
  await eventually(async () => {
    const tiles = await readTiles(observed.page)
    expect(tiles.map(({ metric }) => metric)).toEqual(TILES)
    for (const { text } of tiles) expect(text).not.toBe('')
  }, PATIENT)
  return observed
}

function expectClean({ consoleErrors, foreignRequests }: ObservedPage): void {
  expect(consoleErrors).toEqual([])
  expect(foreignRequests).toEqual([])
}

describe('Overview while the demo runs', () => {
  test('each tile says what the API says for the same range', async () => {
    await using observed = await openOverview()

    const tiles = await readTiles(observed.page)

    for (const tile of tiles) {
      const answer = await askTotal(server.url, tile)
      expect(answer.storedThrough).toBeGreaterThanOrEqual(tile.storedThrough)
      expect(tile.to - tile.from).toBe(60 * MINUTE_MS)
      expect(answer.n, tile.metric).toBe(tile.n)
      expect(answer.n, tile.metric).toBeGreaterThan(100)
      expect(Number(tile.title), tile.metric).toBe(answer.value)
      expect(
        isRoundingOf(parseFigure(tile.text), answer.value ?? Number.NaN),
        `${tile.metric}: '${tile.text}' on the page, ${answer.value} in the API`,
      ).toBe(true)
    }
    expectClean(observed)
  })

  test('the cost of each model and its share say what the API says', async () => {
    await using observed = await openOverview()

    const { from, to, shares } = await readShares(observed.page)

    const { series } = await askMetric(server.url, {
      metric: 'cost',
      groupBy: 'model',
      step: 'all',
      from,
      to,
    })
    const usdByModel = new Map(
      series.map(({ group, points }) => [group['model'], points[0]?.value ?? 0]),
    )
    const total = [...usdByModel.values()].reduce((sum, usd) => sum + usd, 0)
    expect(new Set(shares.map(({ model }) => model))).toEqual(new Set(usdByModel.keys()))
    expect(shares.length).toBeGreaterThan(1)
    for (const { model, usd, percent } of shares) {
      const exact = usdByModel.get(model) ?? Number.NaN
      expect(isRoundingOf(parseFigure(usd), exact), `${model}: ${usd} for ${exact}`).toBe(true)
      expect(isRoundingOf(parseFigure(percent), exact / total), `${model}: ${percent}`).toBe(true)
    }
  })

  test('the latency of the last complete minute says what the API says', async () => {
    await using observed = await openOverview()

    const { t, texts } = await readLegend(observed.page)

    for (const [metric, text] of Object.entries(texts)) {
      const { series } = await askMetric(server.url, {
        metric: `latency_${metric}`,
        step: '1m',
        from: t,
        to: t + MINUTE_MS,
      })
      const exact = series[0]?.points[0]?.value ?? Number.NaN
      expect(isRoundingOf(parseFigure(text), exact), `${metric}: ${text} for ${exact}`).toBe(true)
    }
    expect(Object.keys(texts)).toEqual(['p50', 'p95', 'p99'])
  })

  test('the latency chart moves without a reload', async () => {
    await using observed = await openOverview()
    const { page } = observed
    await page.evaluate(() => void Object.assign(window, { isSamePage: true }))
    const chart = page.getByTestId('latency-card').locator('.chart')
    const { width = 0, height = 0 } = (await chart.boundingBox()) ?? {}
    await chart.hover({ position: { x: width - 8, y: height / 2 } })
    const readout = page.getByTestId('latency-readout')
    await eventually(async () => expect(await readout.innerText()).toContain('partial'), PATIENT)
    const before = { text: await readout.innerText(), drawing: await readDrawing(page) }

    await eventually(async () => {
      expect(await readout.innerText()).not.toBe(before.text)
      expect(await readDrawing(page)).not.toBe(before.drawing)
    }, PATIENT)

    expect(await page.evaluate(() => Reflect.get(window, 'isSamePage'))).toBe(true)
    expectClean(observed)
  })
})

/** The lines of the latency chart as drawn. */
function readDrawing(page: Page): Promise<string> {
  return page
    .getByTestId('latency-card')
    .locator('svg path')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')).join(' '))
}

type Shares = {
  from: number
  to: number
  shares: { model: string; usd: string; percent: string }[]
}

function readShares(page: Page): Promise<Shares> {
  return page.getByTestId('overview').evaluate((overview) => ({
    from: Number(overview.dataset['from']),
    to: Number(overview.dataset['to']),
    shares: [...overview.querySelectorAll<HTMLElement>('[data-testid="cost-share"]')].map(
      (row) => ({
        model: row.dataset['model'] ?? '',
        usd: row.querySelector<HTMLElement>('.n')?.innerText ?? '',
        percent: row.querySelector<HTMLElement>('.p')?.innerText ?? '',
      }),
    ),
  }))
}

/** `p50 812 ms` and so on of the bucket that begins at `t`. */
function readLegend(page: Page): Promise<{ t: number; texts: Record<string, string> }> {
  return page.getByTestId('latency-readout').evaluate((readout) => {
    const keys = [...readout.querySelectorAll<HTMLElement>('.key:not(.da)')]
    return {
      t: Number(readout.dataset['t']),
      texts: Object.fromEntries(
        keys.map((key) => {
          const text = key.querySelector('b')?.innerText ?? ''
          return [key.innerText.replace(text, '').trim(), text]
        }),
      ),
    }
  })
}
