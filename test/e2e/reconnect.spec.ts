import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { setClock } from '../integration/rollups-calls.ts'
import { askTotal } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { sendChatCalls } from '../support/chat-calls.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { readTiles } from '../support/page-figures.ts'
import type { TileOnPage } from '../support/page-figures.ts'
import { startServerProcess } from '../support/server-process.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const PATIENT = { timeoutMs: 60_000, everyMs: 100 }
const BEFORE = 40
const AFTER = 25

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const readRequests = async (page: Page): Promise<TileOnPage | undefined> =>
  (await readTiles(page)).find(({ metric }) => metric === 'requests')

const readState = (page: Page): Promise<string> => page.getByTestId('live-state').innerText()

test('the page outlives a killed server: it says so, comes back by itself, and its numbers are right', async () => {
  await using database = await createTestDatabase()
  const start = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const moveTo = (minute: number, second: number): Promise<void> =>
    setClock(database.sql, start + minute * MINUTE_MS + second * SECOND_MS)
  const env = { DATABASE_URL: database.url }
  await using first = await startServerProcess(env)
  await moveTo(0, 50)
  await sendChatCalls(first.url, {
    count: BEFORE,
    endMs: start + 50 * SECOND_MS,
    durationMs: (index: number) => 500 + index,
  })
  await moveTo(1, 40)
  await using observed = await openPage(browser, first.url)
  const { page } = observed
  await page.goto('/')
  await eventually(async () => expect((await readRequests(page))?.text).toBe(`${BEFORE}`), PATIENT)
  await page.evaluate(() => void Object.assign(window, { isSamePage: true }))

  await first.stop('SIGKILL')
  await eventually(async () => expect(await readState(page)).toContain('Connection lost'), PATIENT)
  expect((await readRequests(page))?.text).toBe(`${BEFORE}`)

  await using second = await startServerProcess({ ...env, PORT: String(first.port) })
  await moveTo(3, 50)
  await sendChatCalls(second.url, {
    count: AFTER,
    endMs: start + 3 * MINUTE_MS + 50 * SECOND_MS,
    durationMs: (index) => 9_000 + index,
  })
  await moveTo(4, 40)
  await eventually(async () => {
    expect(await readState(page)).toBe('Live')
    expect((await readRequests(page))?.text).toBe(`${BEFORE + AFTER}`)
  }, PATIENT)

  const tiles = await eventually(async () => {
    const read = await readTiles(page)
    expect(new Set(read.map(({ n }) => n))).not.toContain(BEFORE)
    return read
  }, PATIENT)
  for (const tile of tiles.filter(({ text }) => text !== 'none')) {
    const answer = await askTotal(second.url, tile)
    expect(Number(tile.title), tile.metric).toBe(answer.value)
    expect(tile.n, tile.metric).toBe(BEFORE + AFTER)
  }
  expect(await page.evaluate(() => Reflect.get(window, 'isSamePage'))).toBe(true)
})
