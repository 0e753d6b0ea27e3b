import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { TraceList, TraceSummary } from '../../server/contract/index.ts'
import { expectAccessible } from '../support/axe.ts'
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

describe('every figure of Overview while the demo runs', () => {
  let observed: ObservedPage
  beforeAll(async () => {
    observed = await openOverview()
  })
  afterAll(() => observed.close())

  test('each tile says what the API says for the same range', async () => {
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

  test('the change of each tile is what the API says of both periods', async () => {
    const tiles = await eventually(async () => {
      const read = await readTiles(observed.page)
      for (const { before, metric, from } of read) expect(before?.to, metric).toBe(from)
      return read
    }, PATIENT)

    for (const { metric, title, delta, before } of tiles) {
      if (before === undefined) throw new Error(`unreachable: ${metric} has been compared`)
      const answer = await askTotal(server.url, { metric, from: before.from, to: before.to })
      expect(before.value, metric).toBe(answer.value)
      if (!/\d/.test(delta) || delta.includes('too small')) continue
      const isRate = delta.endsWith('pp')
      const change = isRate ? Number(title) - before.value : Number(title) / before.value - 1
      const told = parseFigure(delta.replace(' pp', '%').replace('+', ''))
      expect(isRoundingOf({ ...told, value: Math.abs(told.value) }, Math.abs(change)), delta).toBe(
        true,
      )
    }
  })

  test('what the latency was an hour before says what the API says', async () => {
    const { t } = await readLegend(observed.page)
    const before = await observed.page
      .getByTestId('latency-readout')
      .locator('.key.da b')
      .innerText()

    const { series } = await askMetric(server.url, {
      metric: 'latency_p95',
      step: '1m',
      from: t - 60 * MINUTE_MS,
      to: t - 59 * MINUTE_MS,
    })

    const exact = series[0]?.points[0]?.value ?? Number.NaN
    expect(isRoundingOf(parseFigure(before), exact), `${before} for ${exact}`).toBe(true)
  })

  test('each cell of the list says what the API says of that trace', async () => {
    const rows = observed.page.getByTestId('trace-row')
    await rows.first().waitFor()
    // Held still: what is listed then soon stops growing, and new traces wait behind the pill.
    await observed.page.keyboard.press('Space')

    await eventually(async () => {
      const shown = await rows.evaluateAll((all) =>
        all.map((row) => ({
          traceId: row.dataset['traceId'] ?? '',
          cells: [...row.querySelectorAll<HTMLElement>('td')].map((cell) => cell.innerText),
        })),
      )
      const known = await readTraces(1_000)
      expect(shown.length).toBeGreaterThan(20)
      for (const { traceId, cells } of shown) expectCells(cells, known.get(traceId))
    }, PATIENT)
  })
})

describe('Overview while the demo runs', () => {
  test('the latency chart moves without a reload', async () => {
    await using observed = await openOverview()
    const { page } = observed
    await page.evaluate(() => void Object.assign(window, { isSamePage: true }))
    const chart = page.getByTestId('latency-card').locator('.chart')
    const readout = page.getByTestId('latency-readout')
    await eventually(async () => {
      // Asked anew each time: the card becomes narrower when what stands beside it has come.
      const { x = 0, y = 0, width = 0, height = 0 } = (await chart.boundingBox()) ?? {}
      await page.mouse.move(x + width - 8, y + height / 2)
      expect(await readout.innerText()).toContain('partial')
    }, PATIENT)
    const before = { text: await readout.innerText(), drawing: await readDrawing(page) }

    await eventually(async () => {
      expect(await readout.innerText()).not.toBe(before.text)
      expect(await readDrawing(page)).not.toBe(before.drawing)
    }, PATIENT)

    expect(await page.evaluate(() => Reflect.get(window, 'isSamePage'))).toBe(true)
    expectClean(observed)
  })

  test('no row moves while the pointer rests on the list, and new ones wait behind a pill', async () => {
    await using observed = await openOverview()
    const { page } = observed
    const rows = page.getByTestId('trace-row')
    const tail = page.getByTestId('tail')
    await eventually(async () => {
      await hoverRow(page, 2)
      expect(await tail.getAttribute('data-paused')).toBe('hover')
    }, PATIENT)
    const readIds = (): Promise<(string | undefined)[]> =>
      rows.evaluateAll((all) => all.map((row) => row.dataset['traceId']))
    const before = await readIds()
    const pill = page.getByTestId('new-pill')
    await eventually(
      async () =>
        expect(await pill.allInnerTexts()).toEqual([expect.stringMatching(/new, paused on hover/)]),
      PATIENT,
    )

    expect(await readIds()).toEqual(before)
    await page.mouse.move(0, 0)
    await eventually(async () => {
      expect(await pill.count()).toBe(0)
      expect((await readIds())[0]).not.toBe(before[0])
    }, PATIENT)
  })

  test('by keys alone: to a figure, along the list, pause, one chart in full, and back', async () => {
    await using observed = await openOverview()
    const { page } = observed
    await page.getByTestId('trace-row').nth(1).waitFor()
    const focused = (): Promise<string> =>
      page.evaluate(
        () => document.activeElement?.closest('section')?.getAttribute('aria-label') ?? '',
      )

    const isPausedBy = (what: string): Promise<void> =>
      eventually(async () =>
        expect(await page.getByTestId('tail').getAttribute('data-paused')).toBe(what),
      )

    await page.keyboard.press('3')
    await eventually(async () => expect(await focused()).toBe('Latency p95'))
    await page.keyboard.press('6')
    await eventually(async () => expect(await focused()).toBe('Eval pass rate'))

    await page.keyboard.press('j')
    await isPausedBy('focus')
    await page.keyboard.press('j')
    const second = page.getByTestId('trace-row').nth(1)
    await eventually(async () =>
      expect(await second.evaluate((row) => row.contains(document.activeElement))).toBe(true),
    )
    await page.keyboard.press('Escape')
    await page.keyboard.press('Space')
    await isPausedBy('user')

    await page.goto('/?focus=cost')
    await page.getByTestId('focused-card').waitFor()
    expect(await page.getByTestId('latency-card').count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByTestId('latency-card').waitFor()
    expect(page.url()).not.toContain('focus')

    expectClean(observed)
    await page.keyboard.press('2')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/traces\?.*f=status:eq:error/)
  })

  test('one card that fails says so with its request id, and leaves the others alone', async () => {
    await using observed = await openPage(browser, server.url)
    const { page } = observed
    const error = { code: 'unavailable', message: 'the database is away', requestId: 'req-4711' }
    await page.route(/\/api\/v1\/drift/, (route) => route.fulfill({ status: 503, json: { error } }))
    await page.goto('/')
    const drift = page.getByTestId('drift-card')
    await eventually(async () => expect(await drift.innerText()).toContain('req-4711'), PATIENT)

    expect(await drift.innerText()).toContain('the database is away')
    for (const { text, metric } of await readTiles(page)) expect(text, metric).toMatch(/\d/)
    expect((await readShares(page)).shares.length).toBeGreaterThan(1)

    await page.unroute(/\/api\/v1\/drift/)
    await drift.getByRole('button', { name: 'Try again' }).click()
    await eventually(async () => expect(await drift.innerText()).toContain('shifted'), PATIENT)
  })

  test.each(['dark', 'light'] as const)('nothing bars the way in the %s theme', async (scheme) => {
    await using observed = await openOverview({ colorScheme: scheme })

    await expectAccessible(observed.page)
    await observed.page.setViewportSize({ width: 360, height: 780 })
    await expectAccessible(observed.page, { where: '360 px' })

    const width = await observed.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBe(360)
  })
})

/** Moves the pointer only: Playwright's own hover would scroll the list, which pauses it too. */
async function hoverRow(page: Page, index: number): Promise<void> {
  await page.getByTestId('tail').evaluate((tail) => tail.scrollIntoView({ block: 'center' }))
  const box = await page.getByTestId('trace-row').nth(index).boundingBox()
  if (box === null) throw new Error(`there is no row ${index}`)
  await page.mouse.move(box.x + 40, box.y + box.height / 2)
}

/** The newest traces by their id. */
async function readTraces(limit: number): Promise<Map<string, TraceSummary>> {
  const answer = await fetch(`${server.url}/api/v1/traces?limit=${limit}`)
  const { items } = (await answer.json()) as TraceList
  return new Map(items.map((trace) => [trace.traceId, trace]))
}

function expectCells(cells: string[], trace: TraceSummary | undefined): void {
  if (trace === undefined) throw new Error('the API does not list a trace that is shown')
  const [, name = '', , model = '', duration = '', tokens = '', cost = ''] = cells
  const { usage, durationMs } = trace
  expect(name).toContain(trace.name)
  expect(model).toContain(trace.models[0] ?? 'none')
  expect(isRoundingOf(parseFigure(duration), durationMs ?? Number.NaN), duration).toBe(true)
  const counts = tokens.split(/\s+/).filter((part) => /\d/.test(part))
  const wanted = [usage.inputTokens, usage.outputTokens]
  expect(counts.map((count) => parseFigure(count).value)).toEqual(
    wanted.every((count) => count === 0) ? [] : wanted,
  )
  if (trace.cost.totalUsd === null) expect(cost).toMatch(/none|unpriced/)
  else expect(isRoundingOf(parseFigure(cost), trace.cost.totalUsd), cost).toBe(true)
}

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
