import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Locator, Page } from 'playwright-core'
import { launchBrowser, openPage } from '../support/browser.ts'
import type { ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { readTiles } from '../support/page-figures.ts'
import { findFaintTexts } from '../support/readable-text.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { writeDemoHistory } from '../support/write-demo-history.ts'

const PATIENT = { timeoutMs: 30_000 }
const PAGES: Readonly<Record<string, string>> = {
  '/': 'Overview',
  '/traces': 'Traces',
  '/alerts': 'Alerts',
  '/ingest': 'Ingest health',
  '/start': 'Connect an application',
}
/** What WCAG 2.2 asks of text of this size. */
const LEAST_CONTRAST = 4.5

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = stack.use(await startTestServer())
  await writeDemoHistory(server.url, ['--seed', '8', '--backfill', '65m'])
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

function expectClean({ consoleErrors, foreignRequests }: ObservedPage): void {
  expect(consoleErrors).toEqual([])
  expect(foreignRequests).toEqual([])
}

function navigation(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Main' }).getByRole('link')
}

/** Nothing is being loaded any more, nothing failed, and the address has a page. */
async function expectWorking(page: Page): Promise<void> {
  await eventually(async () => {
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 1_000 })
    expect(await page.locator('[aria-busy="true"], .skeleton').count()).toBe(0)
  }, PATIENT)
  expect(await page.getByRole('alert').allInnerTexts()).toEqual([])
  expect(await page.title()).not.toContain('Not found')
  expect((await page.locator('main').innerText()).length).toBeGreaterThan(40)
}

async function openOverview(options: Parameters<typeof openPage>[2] = {}): Promise<ObservedPage> {
  const observed = await openPage(browser, server.url, options)
  await observed.page.goto('/')
  await eventually(async () => {
    expect(await readTiles(observed.page)).toHaveLength(5)
    expect(await observed.page.getByTestId('trace-row').count()).toBeGreaterThan(5)
  }, PATIENT)
  return observed
}

test('every link of the navigation leads to a page that works', async () => {
  await using observed = await openOverview()
  const { page } = observed
  const found: Record<string, string> = {}

  for (const link of await navigation(page).all()) {
    const href = (await link.getAttribute('href')) ?? ''
    await link.click()
    await page.waitForURL((url) => url.pathname === href)
    await page.getByRole('heading', { level: 1, name: PAGES[href] ?? '' }).waitFor()
    await expectWorking(page)
    found[href] = await page.getByRole('heading', { level: 1 }).innerText()
  }

  expect(found).toEqual(PAGES)
  expectClean(observed)
})

test('every other link on these pages leads somewhere, loaded from its address', async () => {
  await using observed = await openOverview()
  const { page } = observed
  const addresses = new Set<string>()
  for (const path of Object.keys(PAGES)) {
    await page.goto(path)
    await expectWorking(page)
    const hrefs = await page
      .locator('a[href]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    for (const href of hrefs) addresses.add(href)
  }
  const traces = [...addresses].filter((href) => href.startsWith('/traces/'))
  const others = [...addresses].filter((href) => !traces.includes(href) && !href.startsWith('#'))

  expect(traces.length).toBeGreaterThan(10)
  for (const href of [...others, ...traces.slice(0, 3)]) {
    const answer = await page.goto(href)
    expect(answer?.status(), href).toBe(200)
    await expectWorking(page)
  }

  const paths = others.map((href) => new URL(href, server.url).pathname)
  expect(new Set(paths)).toEqual(new Set(Object.keys(PAGES)))
  expectClean(observed)
})

test('an address without a page says so and leads back', async () => {
  await using observed = await openPage(browser, server.url)
  const { page } = observed

  await page.goto('/nowhere')
  await page.getByText('There is no page at this address.').waitFor()
  await page.getByRole('link', { name: 'Go to Overview' }).click()

  await page.getByTestId('tile-requests').waitFor()
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test('the page takes the scheme of the system', async () => {
    await using observed = await openOverview({ colorScheme })

    const brightness = await observed.page.evaluate(() => {
      const channels = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []
      return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel) / 255 / 3, 0)
    })

    if (colorScheme === 'dark') expect(brightness).toBeLessThan(0.2)
    else expect(brightness).toBeGreaterThan(0.8)
  })

  test('the fonts are there and every text stands out from its background', async () => {
    await using observed = await openOverview({ colorScheme })
    const { page } = observed

    for (const path of Object.keys(PAGES)) {
      await page.goto(path)
      await expectWorking(page)
      const fonts = await page.evaluate(async () => {
        const { fonts } = document
        await fonts.ready
        const faces = [...fonts].map(({ family, status }) => ({ family, status }))
        return {
          failed: faces.filter(({ status }) => status === 'error'),
          loaded: [
            ...new Set(faces.filter((face) => face.status === 'loaded').map((face) => face.family)),
          ],
          first: getComputedStyle(document.body).fontFamily.split(',')[0] ?? '',
        }
      })
      expect(fonts.failed).toEqual([])
      expect(fonts.loaded).toContain(fonts.first.replaceAll(/["']/g, ''))
      expect(await findFaintTexts(page, LEAST_CONTRAST), path).toEqual([])
    }
    expectClean(observed)
  })

  test('a text is really painted', async () => {
    await using observed = await openOverview({ colorScheme })
    const heading = observed.page.getByRole('heading', { level: 1 })

    const painted = await heading.screenshot()
    await heading.evaluate((element) => element.style.setProperty('color', 'transparent'))
    const unpainted = await heading.screenshot()

    expect(painted.equals(unpainted)).toBe(false)
  })
})

test('at 390 px nothing scrolls sideways', async () => {
  await using observed = await openOverview({ viewport: { width: 390, height: 844 } })
  const { page } = observed
  const href = await page.getByTestId('trace-row').first().getByRole('link').getAttribute('href')

  for (const path of [...Object.keys(PAGES), href ?? '']) {
    await page.goto(path)
    await expectWorking(page)
    const widths = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      window: window.innerWidth,
    }))
    expect(widths, path).toEqual({ page: 390, window: 390 })
  }
  expectClean(observed)
})
