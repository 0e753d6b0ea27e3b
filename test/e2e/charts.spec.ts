import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PNG } from 'pngjs'
import type { Browser, BrowserContextOptions, Download, Page } from 'playwright-core'
import { expectAccessible } from '../support/axe.ts'
import { askMetric } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import type { ObservedPage } from '../support/browser.ts'
import { createTestDatabase } from '../support/database.ts'
import { startDemoProcess } from '../support/demo-process.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure } from '../support/page-figures.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'

const MINUTE_MS = 60_000
const PATIENT = { timeoutMs: 60_000, everyMs: 100 }
const CHARTS = ['latency', 'cost', 'errors', 'tokens']

const stack = new AsyncDisposableStack()
let server: ServerProcess
let browser: Browser

beforeAll(async () => {
  const database = stack.use(await createTestDatabase())
  server = stack.use(await startServerProcess({ DATABASE_URL: database.url }))
  const history = stack.use(
    startDemoProcess([
      '--endpoint',
      server.url,
      '--seed',
      '5',
      '--rate',
      '60',
      '--backfill',
      '75m',
    ]),
  )
  expect(await history.ended()).toBe(0)
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

async function openOverview(options: BrowserContextOptions = {}): Promise<ObservedPage> {
  const observed = await openPage(browser, server.url, {
    ...options,
    viewport: { width: 1440, height: 1164 },
    timezoneId: 'Europe/Berlin',
  })
  await observed.page.goto('/')
  for (const name of CHARTS) await drawingOf(observed.page, name).waitFor({ timeout: 60_000 })
  return observed
}

const drawingOf = (page: Page, name: string) =>
  page.getByTestId(`${name}-card`).locator('svg[role="img"]')

function expectClean({ consoleErrors, foreignRequests }: ObservedPage): void {
  expect(consoleErrors).toEqual([])
  expect(foreignRequests).toEqual([])
}

async function save(page: Page, name: string, item: string): Promise<Download> {
  await page.getByTestId(`${name}-card`).getByTestId('chart-menu').click()
  const coming = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).click()
  return coming
}

/** What the API says of the complete minutes the page shows, by start of the minute. */
async function askP95(page: Page): Promise<Map<number, number | null>> {
  const range = await page.getByTestId('overview').evaluate(({ dataset }) => ({
    from: Number(dataset['from']),
    to: Number(dataset['to']),
  }))
  const { series } = await askMetric(server.url, { metric: 'latency_p95', step: '1m', ...range })
  return new Map(series[0]?.points.map(({ t, value }) => [t, value]))
}

describe('the charts of Overview', () => {
  test('one crosshair stands in all of them, and the headers read out its time', async () => {
    await using observed = await openOverview()
    const { page } = observed
    const drawing = drawingOf(page, 'latency')
    const { width = 0, height = 0 } = (await drawing.boundingBox()) ?? {}

    await drawing.hover({ position: { x: width / 2, y: height / 2 } })

    const times = await eventually(async () => {
      const found = await page
        .locator('[data-crosshair]')
        .evaluateAll((all) => all.map((one) => (one as SVGElement).dataset['crosshair']))
      expect(found).toHaveLength(CHARTS.length)
      return found
    }, PATIENT)
    expect(new Set(times).size).toBe(1)
    for (const name of ['latency', 'errors', 'tokens']) {
      expect(await page.getByTestId(`${name}-readout`).getAttribute('data-t'), name).toBe(times[0])
    }
    expectClean(observed)
  })

  test('arrow keys move the crosshair and speak; Enter opens the traces of that bucket', async () => {
    await using observed = await openOverview()
    const { page } = observed
    await drawingOf(page, 'errors').focus()

    await page.keyboard.press('Home')
    const first = Number(
      await page.locator('[data-crosshair]').first().getAttribute('data-crosshair'),
    )
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const t = Number(await page.locator('[data-crosshair]').first().getAttribute('data-crosshair'))

    expect(t - first).toBe(2 * MINUTE_MS)
    expect(await page.getByTestId('chart-voice').innerText()).toMatch(/^\d\d:\d\d: /)

    await page.keyboard.press('Enter')

    await page.waitForURL((url) => url.pathname === '/traces')
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('from'), searchParams.get('to')]).toEqual([
      String(t),
      String(t + MINUTE_MS),
    ])
    expect(searchParams.getAll('f')).toContain('status:eq:error')
  })

  test('a zoom by keys leaves the focus in the chart while all figures are asked for anew', async () => {
    await using observed = await openOverview()
    const { page } = observed
    const drawing = drawingOf(page, 'errors')
    const element = await drawing.elementHandle()
    await drawing.focus()

    await page.keyboard.press('Home')
    for (let press = 0; press < 20; press += 1) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')

    await page.waitForURL((url) => url.searchParams.has('from'))
    const from = new URL(page.url()).searchParams.get('from')
    await page.locator(`[data-testid="overview"][data-from="${from}"]`).waitFor()
    expect(await element?.evaluate((one) => one === document.activeElement)).toBe(true)
    expectClean(observed)
  })

  test('a click opens the traces of the bucket, a drag zooms into the stretch', async () => {
    await using observed = await openOverview()
    const { page } = observed
    const drawing = drawingOf(page, 'latency')
    const box = await drawing.boundingBox()
    if (box === null) throw new Error('the latency chart is not shown')
    const y = box.y + box.height / 2

    await page.mouse.move(box.x + box.width * 0.4, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL((url) => url.searchParams.has('from'))

    const zoomed = new URL(page.url()).searchParams
    const minutes = (Number(zoomed.get('to')) - Number(zoomed.get('from'))) / MINUTE_MS
    expect(minutes).toBeGreaterThan(8)
    expect(minutes).toBeLessThan(18)

    await page.goBack()
    await drawing.waitFor()
    await drawing.click({ position: { x: box.width / 2, y: box.height / 2 } })
    await page.waitForURL((url) => url.pathname === '/traces')
  })

  test('the table and the CSV hold what the API says of each minute', async () => {
    await using observed = await openOverview()
    const { page } = observed
    await drawingOf(page, 'latency').focus()
    await page.keyboard.press('Shift+T')
    const table = page.getByTestId('latency-card').locator('tbody tr')
    await table.first().waitFor()

    const cells = await table.evaluateAll((rows) =>
      rows.map((row) => ({
        t: Number((row as HTMLElement).dataset['t']),
        text: row.querySelectorAll('td')[1]?.innerText ?? '',
      })),
    )
    const csv = await readFile(await (await save(page, 'latency', 'Download CSV')).path(), 'utf8')

    const exact = await askP95(page)
    expect(exact.size).toBeGreaterThan(40)
    const lines = csv.trimEnd().split('\r\n')
    expect(lines[0]).toBe('time (Europe/Berlin),p50 (ms),p95 (ms),p99 (ms),n,state')
    const p95ByTime = new Map(
      lines.slice(1).map((line) => {
        const [time = '', , p95 = ''] = line.split(',')
        return [Date.parse(time), p95]
      }),
    )
    for (const [t, value] of exact) {
      const text = cells.find((cell) => cell.t === t)?.text ?? 'no row'
      expect(isRoundingOf(parseFigure(text), value ?? Number.NaN), `${text} for ${value}`).toBe(
        true,
      )
      expect(Number(p95ByTime.get(t))).toBe(value)
    }

    await page.keyboard.press('Escape')
    await page.getByTestId('latency-card').focus()
    await page.keyboard.press('Shift+T')
    await drawingOf(page, 'latency').waitFor()
    expectClean(observed)
  })

  test.each(CHARTS)('the PNG of %s holds its drawing and loads nothing', async (name) => {
    await using observed = await openOverview()

    const download = await save(observed.page, name, 'Download PNG')

    expect(download.suggestedFilename()).toMatch(new RegExp(`^sightline-${name}-.*\\.png$`))
    const { width, height, data } = PNG.sync.read(await readFile(await download.path()))
    const box = await observed.page.getByTestId(`${name}-card`).locator('.chart').boundingBox()
    expect(width).toBe(Math.ceil((box?.width ?? 0) * 2))
    expect(height).toBeGreaterThan((box?.height ?? 0) * 2)
    const colors = new Set<number>()
    for (let at = 0; at < data.length; at += 4) colors.add(data.readUInt32BE(at))
    expect(colors.size).toBeGreaterThan(30)
    expectClean(observed)
  })

  test('a click in the legend draws one series alone, a second brings all back', async () => {
    await using observed = await openOverview()
    const { page } = observed
    const card = page.getByTestId('tokens-card')
    const lines = card.locator('.recharts-area')
    const all = await lines.count()
    const input = card.getByRole('button', { name: /^input/ })

    await input.click()
    await eventually(async () => expect(await lines.count()).toBe(all / 3), PATIENT)
    expect(await card.locator('.legend-key[aria-pressed="true"]').allInnerTexts()).toHaveLength(1)

    await input.click()
    await eventually(async () => expect(await lines.count()).toBe(all), PATIENT)
  })

  test.each(['dark', 'light'] as const)(
    'a table, a pinned time and an open menu are accessible, %s',
    async (colorScheme) => {
      await using observed = await openOverview({ colorScheme })
      const { page } = observed
      await drawingOf(page, 'tokens').focus()
      await page.keyboard.press('Shift+T')
      await page.getByTestId('tokens-card').locator('tbody').waitFor()
      await drawingOf(page, 'latency').focus()
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Space')
      await page.getByTestId('crosshair-open').waitFor()
      await page.getByTestId('cost-card').getByTestId('chart-menu').click()
      await page.getByRole('menuitem', { name: 'View as table' }).waitFor()

      await expectAccessible(page)
    },
  )
})
