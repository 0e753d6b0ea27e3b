import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { ExplainResult, Incident } from '../../server/contract/index.ts'
import { setClock } from '../integration/rollups-calls.ts'
import { expectAccessible } from '../support/axe.ts'
import { askTotal } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { sendChatCalls } from '../support/chat-calls.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure, readTiles } from '../support/page-figures.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { sendToolTickets } from '../support/tool-tickets.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const DAY_MS = 1_440 * MINUTE_MS
const PATIENT = { timeoutMs: 60_000, everyMs: 100 }

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const wholeMinuteAhead = (): number => Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS

async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

async function postJson(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}

/** Ten usual minutes, then five in which one tool takes three seconds more, and a rule on traces. */
async function startWithSlowTool(): Promise<TestServer> {
  const server = await startTestServer()
  const start = wholeMinuteAhead()
  await setClock(server.sql, start)
  await postJson(`${server.url}/api/v1/alerts/rules`, {
    name: 'p95 of traces',
    condition: {
      kind: 'threshold',
      metric: 'latency_p95',
      scope: 'trace',
      op: 'gt',
      critical: 2_500,
      windowMs: 5 * MINUTE_MS,
    },
  })
  await sendToolTickets(server.url, {
    count: 150,
    fromMs: start - 14 * MINUTE_MS,
    toMs: start - 5 * MINUTE_MS,
    toolMs: (index) => 200 + (index % 9) * 25,
  })
  await sendToolTickets(server.url, {
    count: 120,
    fromMs: start - 4 * MINUTE_MS,
    toMs: start - 10 * SECOND_MS,
    toolMs: (index) => 3_200 + (index % 9) * 25,
  })
  await postJson(`${server.url}/api/v1/releases`, {
    release: '2026.11.22-3',
    service: 'support',
    at: start - 5 * MINUTE_MS,
  })
  await setClock(server.sql, start + 50 * SECOND_MS)
  return server
}

const verdict = (page: Page) => page.getByTestId('verdict')

describe('while one tool is slow', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startWithSlowTool()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('the verdict names the tool that became slow, and opens its traces', async () => {
    await using observed = await openPage(browser, server.url)
    const { page } = observed
    await page.goto('/')
    await eventually(
      async () => expect(await verdict(page).getAttribute('data-state')).toBe('firing'),
      PATIENT,
    )
    await page.getByTestId('lift').first().waitFor()

    const { items } = await getJson<{ items: Incident[] }>(
      `${server.url}/api/v1/alerts/incidents?state=open`,
    )
    const [incident] = items
    const headline = await page.getByTestId('verdict-headline').innerText()
    const shown = /is ([\d.]+ m?s), over its (2\.5 s) limit for/.exec(headline)
    expect(shown, headline).not.toBeNull()
    expect(isRoundingOf(parseFigure(shown?.[1] ?? ''), incident?.value ?? Number.NaN)).toBe(true)
    expect(await verdict(page).innerText()).toContain('after release 2026.11.22-3')

    const first = page.getByTestId('lift').first()
    expect(await first.getAttribute('data-field')).toBe('tool')
    expect(await first.getAttribute('data-value')).toBe('search_kb')
    expect(Number(await first.getAttribute('data-contribution'))).toBeGreaterThanOrEqual(0.8)

    await expectAccessible(page, { include: '[data-testid="verdict"]' })
    await page.keyboard.press('v')
    await page.waitForURL(/\/traces\?/)
    const opened = new URL(page.url()).searchParams
    expect(opened.getAll('f').join()).toContain('latency:gt')
    expect(observed.foreignRequests).toEqual([])
  })

  test('each share in the verdict is what the API explains, and the incident can be acknowledged', async () => {
    await using observed = await openPage(browser, server.url)
    const { page } = observed
    const asked = page.waitForResponse(/\/api\/v1\/explain/)
    await page.goto('/')
    const answer = (await (await asked).json()) as ExplainResult
    await page.getByTestId('lift').first().waitFor()

    const texts = await page.getByTestId('lift').allInnerTexts()

    expect(texts).toHaveLength(Math.min(3, answer.items.length))
    for (const [index, text] of texts.entries()) {
      const item = answer.items[index]
      const percents = [...text.matchAll(/(\d+%)/g)].map(([percent]) => parseFigure(percent))
      const [now, before] = percents.slice(-2)
      if (item === undefined || now === undefined || before === undefined) {
        throw new Error(`'${text}' does not hold two shares`)
      }
      expect(text).toContain(item.value)
      expect(isRoundingOf(now, item.share), text).toBe(true)
      expect(isRoundingOf(before, item.baselineShare), text).toBe(true)
    }

    await page.getByTestId('verdict-ack').click()
    await eventually(
      async () => expect(await verdict(page).innerText()).toContain('acknowledged by'),
      PATIENT,
    )
    const { items } = await getJson<{ items: Incident[] }>(
      `${server.url}/api/v1/alerts/incidents?state=open`,
    )
    expect(items[0]?.ackBy).toBe('local')
  })
})

test('with no rule the figure that changed most is named, against the period chosen', async () => {
  await using server = await startTestServer()
  const start = wholeMinuteAhead()
  const yesterday = start - DAY_MS
  await setClock(server.sql, start)
  const calls = { count: 150, spreadMs: 20 * MINUTE_MS }
  await sendChatCalls(server.url, {
    ...calls,
    endMs: yesterday - 10 * SECOND_MS,
    durationMs: (index) => 1_000 + index,
  })
  await sendChatCalls(server.url, {
    ...calls,
    endMs: start - 10 * SECOND_MS,
    durationMs: (index) => 4_000 + index,
  })
  await setClock(server.sql, start + 30 * SECOND_MS)
  await using observed = await openPage(browser, server.url)
  const { page } = observed

  await page.goto('/?cmp=1d&t=15m')
  const latency = await eventually(async () => {
    const tile = (await readTiles(page)).find(({ metric }) => metric === 'latency_p95')
    if (tile?.before === undefined || !/\d%/.test(tile.delta))
      throw new Error('no change is shown yet')
    return { ...tile, before: tile.before }
  }, PATIENT)

  const { before } = latency
  expect(latency.from - before.from).toBe(DAY_MS)
  const answer = await askTotal(server.url, { metric: 'latency_p95', ...before })
  expect(before.value).toBe(answer.value)
  const change = (Number(latency.title) / before.value - 1) * 100
  expect(isRoundingOf(parseFigure(latency.delta), change / 100), latency.delta).toBe(true)
  await eventually(
    async () => expect(await verdict(page).innerText()).toContain('against yesterday'),
    PATIENT,
  )
  expect(await verdict(page).innerText()).toContain('p95 latency is')

  await page.goto('/?cmp=off&t=15m')
  await eventually(async () => {
    const tiles = await readTiles(page)
    expect(tiles.map(({ delta }) => delta).join('')).toBe('')
    expect(tiles.find(({ metric }) => metric === 'requests')?.text).not.toBe('')
  }, PATIENT)
})

test('the sixth tile shows how to send a score, then how often scores pass', async () => {
  await using server = await startTestServer()
  const start = wholeMinuteAhead()
  await setClock(server.sql, start)
  await sendChatCalls(server.url, {
    count: 40,
    endMs: start - 10 * SECOND_MS,
    durationMs: () => 900,
  })
  await setClock(server.sql, start + 30 * SECOND_MS)
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/')
  await eventually(
    async () =>
      expect(await page.getByTestId('score-command').innerText()).not.toContain('0'.repeat(32)),
    PATIENT,
  )

  const command = await page.getByTestId('score-command').innerText()
  const [, url = '', body = ''] = /-X POST (\S+) .* -d '(.*)'$/.exec(command) ?? []
  const score: { traceId: string; name: string } = JSON.parse(body)
  await postJson(url, { ...score, at: start - 20 * SECOND_MS })
  await postJson(url, { ...score, value: 0, at: start - 15 * SECOND_MS })
  await page.reload()

  const tile = await eventually(async () => {
    const found = (await readTiles(page)).find(({ metric }) => metric.startsWith('score_pass_rate'))
    if (found === undefined || !(found.n >= 2)) throw new Error('the scores are not shown yet')
    return found
  }, PATIENT)
  expect(tile).toMatchObject({ metric: 'score_pass_rate.helpful', text: '50.00%', n: 2 })
})
