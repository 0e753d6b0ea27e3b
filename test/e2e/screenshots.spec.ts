import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage } from '../support/browser.ts'
import { compareImage } from '../support/compare-image.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { findStoryTrace, furnishStory, STORY_HOUR } from '../support/story/furnish-story.ts'
import { freezeClock, STORY_NOW, writeStory } from '../support/story/write-story.ts'

/** Anti-aliasing apart, nothing may differ but for a stray pixel. */
const MAX_DIFFERING_SHARE = 0.0005
const PATIENT = { timeoutMs: 60_000, everyMs: 200 }

const stack = new AsyncDisposableStack()
let server: ServerProcess
let browser: Browser
let traceId: string

beforeAll(async () => {
  const database = stack.use(await createTestDatabase())
  await freezeClock(database.sql)
  server = stack.use(await startServerProcess({ DATABASE_URL: database.url }))
  await writeStory(server.url)
  await furnishStory(server.url, database.sql)
  traceId = await findStoryTrace(server.url)
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

const WIDTHS = [
  { width: 1_440, suffix: '' },
  { width: 390, suffix: '-390' },
] as const
const THEMES = ['dark', 'light'] as const
const range = `from=${STORY_HOUR.from}&to=${STORY_HOUR.to}&tz=utc`
/** Heights at which all of Overview is on one screen, and the other pages as people see them. */
const PAGES = [
  {
    name: 'overview',
    path: () => `/?${range}`,
    ready: '[data-testid="tile-value"]',
    heights: { 1_440: 1_220, 390: 2_900 },
  },
  {
    name: 'traces',
    path: () => `/traces?${range}`,
    ready: '[data-testid="trace-row"]',
    heights: { 1_440: 900, 390: 844 },
  },
  {
    name: 'trace',
    path: () => `/traces/${traceId}?tz=utc`,
    ready: '[data-testid="time-budget"]',
    heights: { 1_440: 900, 390: 1_800 },
  },
]
const CASES = PAGES.flatMap((page) =>
  THEMES.flatMap((theme) => WIDTHS.map((size) => ({ ...page, ...size, theme }))),
)

test.each(CASES)(
  '$name looks as kept, $theme, $width px',
  async ({ name, path, ready, theme, width, suffix, heights }) => {
    await using observed = await openPage(browser, server.url, {
      viewport: { width, height: heights[width] },
      colorScheme: theme,
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
      locale: 'en-GB',
    })
    const { page } = observed
    await page.clock.setFixedTime(STORY_NOW)
    await page.goto(path())
    await page.locator(ready).first().waitFor({ timeout: 60_000 })
    const picture = await settledPicture(page)

    const { share, seen, difference } = await compareImage(`${name}-${theme}${suffix}`, picture)

    expect(share, `see ${seen} and ${difference}`).toBeLessThanOrEqual(MAX_DIFFERING_SHARE)
    expect(observed.consoleErrors).toEqual([])
    expect(observed.foreignRequests).toEqual([])
  },
)

/** Once nothing is asked any more, pictures are taken until two in a row are the same. */
async function settledPicture(page: Page): Promise<Buffer> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => document.fonts.ready)
  let last = await takePicture(page)
  return eventually(async () => {
    const next = await takePicture(page)
    const isSettled = next.equals(last)
    last = next
    expect(await page.locator('.skeleton').count()).toBe(0)
    expect(isSettled).toBe(true)
    return next
  }, PATIENT)
}

function takePicture(page: Page): Promise<Buffer> {
  return page.screenshot({ animations: 'disabled', caret: 'hide' })
}
