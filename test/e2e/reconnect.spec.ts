import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { io } from 'socket.io-client'
import { setClock } from '../integration/rollups-calls.ts'
import { askTotal } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { sendChatCalls } from '../support/chat-calls.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { readTiles } from '../support/page-figures.ts'
import type { TileOnPage } from '../support/page-figures.ts'
import { seedTraces, sendSpan } from '../support/seed-traces.ts'
import { startServerProcess } from '../support/server-process.ts'
import { startTestServer } from '../support/test-server.ts'

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
  const bar = page.getByTestId('status-bar')
  expect(await bar.getAttribute('data-state')).toBe('lost')
  expect(await bar.innerText()).toMatch(/last update\s+\d\d:\d\d:\d\d/)
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

test('a feed that the server gives up is an error on the page, with its reason; trying again brings it back', async () => {
  await using server = await startTestServer()
  await sendChatCalls(server.url, { count: 3, endMs: Date.now(), durationMs: () => 500 })
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  const feeds: string[] = []
  const sendToPage: ((message: string) => void)[] = []
  // The server gives up at more spans than a test can send: its message is put in, all else is real.
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer()
    sendToPage.push((message) => socket.send(message))
    socket.onMessage((message) => {
      const id = /"subscribe",\{"id":"(metrics-\d+)".*latency_p95/.exec(String(message))?.[1]
      if (id !== undefined) feeds.push(id)
      upstream.send(message)
    })
    upstream.onMessage((message) => socket.send(message))
  })
  await page.goto('/')
  await page.getByTestId('tile-requests').waitFor()
  const error = page.getByTestId('error-state').filter({ hasText: 'narrow the range' })
  expect(await error.count()).toBe(0)

  const closed = { id: feeds.at(-1), error: 'narrow the range: more than 200000 calls match' }
  sendToPage.at(-1)?.(`42/live,${JSON.stringify(['closed', closed])}`)

  await error.waitFor()
  expect(await page.getByTestId('tile-requests').isVisible()).toBe(true)
  const before = feeds.length
  await error.getByRole('button', { name: 'Try again' }).click()
  await error.waitFor({ state: 'detached' })
  expect(feeds.length).toBeGreaterThan(before)
})

test('what came between the page’s own reading and its subscription is in the list', async () => {
  await using server = await startTestServer()
  const traceId = randomBytes(16).toString('hex')
  const endMs = Date.now() - 2_000
  const step = { traceId, parentSpanId: 'ab'.repeat(8), startMs: endMs - 900, endMs }
  await seedTraces(server.url, { count: 3, newestMs: endMs - 60_000, everyMs: 1_000 })
  await sendSpan(server.url, { ...step, name: 'retrieve' })
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  const gate = Promise.withResolvers<void>()
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer()
    socket.onMessage((message) => {
      const isHeld = String(message).includes('"subscribe-traces"')
      void (isHeld ? gate.promise : Promise.resolve()).then(() => upstream.send(message))
    })
    upstream.onMessage((message) => socket.send(message))
  })
  await page.goto('/')
  const row = page.locator(`[data-testid="trace-row"][data-trace-id="${traceId}"]`)
  await row.waitFor()
  expect(await row.innerText()).not.toContain('gpt-4o-mini')
  const other = io(`${server.url}/live`, { transports: ['websocket'] })
  const isTold = new Promise((resolve) => other.on('trace', resolve))
  await other.emitWithAck('subscribe-traces', { id: 'other' })

  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' }
  await sendSpan(server.url, { ...step, name: 'chat gpt-4o-mini', attributes })
  // The frame that tells of the call is out: whoever subscribes now is not told of it again.
  await isTold
  other.disconnect()
  gate.resolve()

  await eventually(async () => expect(await row.innerText()).toContain('gpt-4o-mini'), {
    timeoutMs: 15_000,
  })
})
