import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, openPage } from '../support/browser.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { seedTraces, sendSpan } from '../support/seed-traces.ts'
import { startServerProcess } from '../support/server-process.ts'
import { startTestServer } from '../support/test-server.ts'
import { readRows, scrollThrough } from '../support/traces-page.ts'

const PATIENT = { timeoutMs: 30_000 }

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function expectRows(page: Page): Promise<void> {
  await eventually(async () => expect((await readRows(page)).length).toBeGreaterThan(10), PATIENT)
}

const pill = (page: Page) => page.getByTestId('new-pill')
const isLive = (page: Page) =>
  eventually(
    async () => expect(await page.getByTestId('live-state').innerText()).toBe('Live'),
    PATIENT,
  )

test('paging through 500 traces loses and doubles none while new ones arrive behind the pill', async () => {
  await using server = await startTestServer()
  const newestMs = Date.now() - 120_000
  const seeded = await seedTraces(server.url, { count: 500, newestMs, everyMs: 5_000 })
  await using observed = await openPage(browser, server.url, {
    viewport: { width: 1_440, height: 900 },
  })
  const { page } = observed
  await page.goto('/traces')
  await expectRows(page)
  await isLive(page)
  const arrived: string[] = []

  const found = await scrollThrough(page, async (step) => {
    if (step % 6 !== 0 || arrived.length >= 8) return
    const [made] = await seedTraces(server.url, {
      count: 1,
      newestMs: Date.now() - 1_000,
      everyMs: 1_000,
      first: 600 + step,
    })
    arrived.push(made?.traceId ?? '')
  })

  expect([...found.entries()].toSorted(([a], [b]) => a - b).map(([, traceId]) => traceId)).toEqual(
    seeded.map(({ traceId }) => traceId),
  )
  await eventually(async () => {
    expect(await pill(page).innerText()).toBe(`↑ ${arrived.length} new`)
  }, PATIENT)
  await pill(page).click()
  await eventually(async () => {
    const rows = await readRows(page)
    expect(rows.slice(0, arrived.length + 1).map(({ traceId }) => traceId)).toEqual([
      ...arrived.toReversed(),
      seeded[0]?.traceId,
    ])
    expect(await page.locator('.vt-scroll').evaluate(({ scrollTop }) => scrollTop)).toBe(0)
    expect(await pill(page).count()).toBe(0)
  }, PATIENT)
})

test('a row whose trace fails at last changes where it stands, and no other row moves', async () => {
  await using server = await startTestServer()
  const now = Date.now()
  await seedTraces(server.url, { count: 30, newestMs: now - 60_000, everyMs: 10_000 })
  const traceId = randomBytes(16).toString('hex')
  const rootId = randomBytes(8).toString('hex')
  await sendSpan(server.url, {
    traceId,
    parentSpanId: rootId,
    name: 'chat late',
    startMs: now - 100_000,
    endMs: now - 99_000,
  })
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/traces')
  await expectRows(page)
  await isLive(page)
  const before = (await readRows(page)).map((row) => row.traceId)
  const status = page.locator(`[data-trace-id="${traceId}"] [data-column="status"]`)
  expect(await status.innerText()).toBe('no root yet')
  await page.getByTestId('trace-row').nth(3).hover()

  await eventually(async () => {
    await sendSpan(server.url, {
      traceId,
      name: 'answer late',
      startMs: now - 100_000,
      endMs: now - 98_000,
      status: { code: 2, message: 'gave up' },
    })
    expect(await status.innerText()).toBe('error')
  }, PATIENT)

  expect((await readRows(page)).map((row) => row.traceId)).toEqual(before)
})

test('after a reconnect the pill knows what was missed', async () => {
  await using database = await createTestDatabase()
  const env = { DATABASE_URL: database.url }
  await using first = await startServerProcess(env)
  await seedTraces(first.url, { count: 30, newestMs: Date.now() - 60_000, everyMs: 10_000 })
  await using observed = await openPage(browser, first.url)
  const { page } = observed
  await page.goto('/traces')
  await expectRows(page)
  await isLive(page)
  const before = (await readRows(page)).map(({ traceId }) => traceId)

  await first.stop('SIGKILL')
  await eventually(async () => {
    expect(await page.getByTestId('live-state').innerText()).toContain('Connection lost')
  }, PATIENT)
  await using second = await startServerProcess({ ...env, PORT: String(first.port) })
  const missed = await seedTraces(second.url, {
    count: 3,
    newestMs: Date.now() - 1_000,
    everyMs: 1_000,
  })
  await isLive(page)

  await eventually(async () => expect(await pill(page).innerText()).toBe('↑ 3 new'), PATIENT)
  expect((await readRows(page)).map(({ traceId }) => traceId)).toEqual(before)
  await pill(page).click()
  await eventually(async () => {
    expect((await readRows(page)).slice(0, 3).map(({ traceId }) => traceId)).toEqual(
      missed.map(({ traceId }) => traceId),
    )
  }, PATIENT)
})
