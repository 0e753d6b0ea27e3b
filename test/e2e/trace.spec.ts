import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { TraceDetail, TraceUsual } from '../../server/contract/index.ts'
import { expectAccessible } from '../support/axe.ts'
import { sendBigTrace } from '../support/big-trace.ts'
import { launchBrowser, openPage, type ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure } from '../support/page-figures.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { ticketTrace, type TicketTrace } from '../support/ticket-trace.ts'

const PATIENT = { timeoutMs: 60_000, everyMs: 100 }
const FAST_TRACES = 20

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser
let slow: TicketTrace

beforeAll(async () => {
  server = stack.use(await startTestServer())
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
  const now = Date.now()
  for (let index = 0; index < FAST_TRACES; index += 1) {
    await send(ticketTrace(now - 900_000 + index * 10_000, { retrySlowdownMs: 0, session: 's_f' }))
  }
  slow = ticketTrace(now - 120_000)
  await send(slow)
})
afterAll(() => stack.disposeAsync())

async function send(trace: TicketTrace, spans = trace.spans): Promise<void> {
  const answer = await postTraces(server.url, trace.encode(spans))
  expect(answer.status).toBe(200)
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${server.url}/api/v1${path}`)
  expect(response.status, path).toBe(200)
  return (await response.json()) as T
}

async function openTrace(
  path: string,
  options: Parameters<typeof openPage>[2] = {},
): Promise<ObservedPage> {
  const viewport = { width: 1440, height: 940 }
  const observed = await openPage(browser, server.url, { viewport, ...options })
  await observed.page.goto(path)
  await observed.page.getByTestId('span-row').first().waitFor()
  return observed
}

const rowOf = (page: Page, spanId: string | undefined) =>
  page.locator(`[data-testid="span-row"][data-span-id="${spanId ?? ''}"]`)
const noteOf = (page: Page): Promise<string> => page.getByTestId('page-note').innerText()
const namesOf = (page: Page): Promise<string[]> =>
  page.getByTestId('span-row').locator('.name').allInnerTexts()
const selectedOf = (page: Page): Promise<string | null> =>
  page.getByTestId('span-panel').getAttribute('data-span-id')
const focusedRow = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['row'])

/** The figure an element begins with: `8.40 s 1.6× usual` is 8,400. */
async function figureIn(page: Page, selector: string): Promise<ReturnType<typeof parseFigure>> {
  const text = await page.locator(selector).first().innerText()
  const found = /^[−+]?\$?[\d,.]+(?:\s?(?:ms|s|k|M|%))?/.exec(text.trim())
  if (found === null) throw new Error(`'${text}' at ${selector} begins with no figure`)
  return parseFigure(found[0].replace(/^\+/, ''))
}

test('every number of the header, rows, budget and table is the API’s', async () => {
  await using observed = await openTrace(`/traces/${slow.traceId}`)
  const { page } = observed
  const detail = await ask<TraceDetail>(`/traces/${slow.traceId}`)
  const usual = await ask<TraceUsual>(`/traces/${slow.traceId}/usual`)
  const root = detail.spans.find((span) => span.parentSpanId === null)
  await page.getByTestId('time-budget').waitFor()

  const fact = (label: string): string => `[data-fact="${label}"] dd`
  const { usage, cost } = detail.totals
  expect(isRoundingOf(await figureIn(page, fact('Duration')), root?.durationMs ?? -1)).toBe(true)
  expect(isRoundingOf(await figureIn(page, fact('Tokens')), usage.inputTokens)).toBe(true)
  expect(isRoundingOf(await figureIn(page, fact('Cost')), cost.totalUsd ?? -1)).toBe(true)
  expect(isRoundingOf(await figureIn(page, fact('First token')), 440)).toBe(true)
  expect(await page.locator(fact('Duration')).innerText()).toContain('1.6× usual')
  expect(await page.locator(fact('User')).innerText()).toBe('u_4f20')
  expect(await page.getByTestId('trace-status').innerText()).toBe('slow, recovered after 1 error')

  for (const { kind, ms } of usual.budget) {
    const figure = await figureIn(page, `[data-testid="time-budget"] [data-kind="${kind}"] b`)
    expect(isRoundingOf(figure, ms), kind).toBe(true)
  }
  expect(usual.budget.find(({ kind }) => kind === 'failed')?.ms).toBe(3_000)
  expect(await page.getByTestId('time-budget').innerText()).toContain(`median of ${usual.n} traces`)

  expect(await page.getByTestId('span-row').count()).toBe(detail.spans.length)
  for (const span of detail.spans) {
    const at = `[data-testid="span-row"][data-span-id="${span.spanId}"]`
    const figure = await figureIn(page, `${at} .bar-label`)
    expect(isRoundingOf(figure, span.durationMs ?? -1), span.name).toBe(true)
  }
  expect(await rowOf(page, slow.ids['draft_answer']).innerText()).toContain('$0.0183')
  const tries = page.getByTestId('span-row').filter({ hasText: 'search_kb' })
  expect((await tries.allInnerTexts()).map((text) => /attempt \d\/\d/.exec(text)?.[0])).toEqual([
    'attempt 1/2',
    'attempt 2/2',
  ])
  expect(await tries.first().innerText()).toContain('timeout')

  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByTestId('table-row').first().waitFor()
  for (const span of detail.spans) {
    const cell = (column: string): string =>
      `[data-testid="table-row"][data-span-id="${span.spanId}"] [data-column="${column}"]`
    const values = { duration: span.durationMs, ttft: span.ttftMs, in: span.inputTokens }
    for (const [column, value] of Object.entries(values)) {
      if (value === null) expect(await page.locator(cell(column)).innerText()).toBe('')
      else expect(isRoundingOf(await figureIn(page, cell(column)), value), column).toBe(true)
    }
  }
  expect(observed.consoleErrors).toEqual([])
  expect(observed.foreignRequests).toEqual([])
})

test('spans arrive in place: no root at first, then the rest, then it is complete', async () => {
  const live = ticketTrace(Date.now() - 8_400)
  const early = live.spans.filter(({ name }) => /guard_input|classify_intent/.test(name))
  await send(live, early)
  await using observed = await openTrace(`/traces/${live.traceId}`)
  const { page } = observed
  await page.evaluate(() => void Object.assign(window, { isSamePage: true }))
  expect(await page.getByTestId('root-notice').innerText()).toContain('Root not received yet')
  expect(await page.getByTestId('group-row').innerText()).toContain('unattached')
  await page.getByTestId('live-state').getByText('Live').waitFor()

  await send(
    live,
    live.spans.filter((span) => !early.includes(span)),
  )

  await eventually(async () => expect(await namesOf(page)).toHaveLength(17), PATIENT)
  expect((await namesOf(page)).slice(0, 3)).toEqual([
    'answer_ticket',
    'guard_input',
    'classify_intent',
  ])
  expect(await page.getByTestId('group-row').count()).toBe(0)
  await eventually(
    async () => expect(await noteOf(page)).toContain('complete, 17 of 17 spans'),
    PATIENT,
  )
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a span whose parent did not come stands under unattached, with the reason', async () => {
  const torn = ticketTrace(Date.now() - 60_000, { session: 's_torn' })
  await send(
    torn,
    torn.spans.filter(({ name }) => name !== 'retrieve'),
  )

  await using observed = await openTrace(`/traces/${torn.traceId}`)
  const { page } = observed

  const names = await namesOf(page)
  expect(names).toHaveLength(16)
  expect(names.slice(-4)).toEqual(['embed_query', 'search_kb', 'search_kb', 'rerank'])
  expect(await page.getByTestId('root-notice').innerText()).toContain('4 spans whose parent')
  expect(await rowOf(page, torn.ids['rerank']).innerText()).toMatch(/parent \w{6}… not received/)
  await page.getByTestId('group-row').click()
  expect(await namesOf(page)).toHaveLength(12)
})

test('a long name gives way to the cost beside it, and neither reaches into the bars', async () => {
  const long = ticketTrace(Date.now() - 60_000, { session: 's_long' })
  await send(
    long,
    long.spans.map((span) => ({
      ...span,
      name: `transcription ${span.name} by-a-model-of-a-long-name`,
    })),
  )

  await using observed = await openTrace(`/traces/${long.traceId}`)
  const overflows = await observed.page
    .getByTestId('span-row')
    .locator('.nm')
    .evaluateAll((cells) => cells.map((cell) => cell.scrollWidth - cell.clientWidth))

  expect(overflows.length).toBeGreaterThan(10)
  expect(Math.max(...overflows)).toBe(0)
})

test('30,000 spans open folded, unfold and scroll to the last row', async () => {
  const big = await sendBigTrace(server.url, { count: 30_000, endMs: Date.now() - 30_000 })

  await using observed = await openTrace(`/traces/${big.traceId}`)
  const { page } = observed
  await eventually(
    async () => expect(await noteOf(page)).toContain('30,000 of 30,000 spans'),
    PATIENT,
  )
  const tree = page.getByRole('treegrid', { name: 'Spans' })
  expect(await tree.getAttribute('aria-rowcount')).toBe('3002')
  await page.getByRole('button', { name: 'Unfold all' }).click()
  await eventually(async () => expect(await tree.getAttribute('aria-rowcount')).toBe('30001'))

  await rowOf(page, big.rootId).focus()
  await page.keyboard.press('End')

  await eventually(async () => expect(await focusedRow(page)).toBe(big.lastId), PATIENT)
  expect(await rowOf(page, big.lastId).isVisible()).toBe(true)
  expect(await page.getByTestId('span-row').count()).toBeLessThan(100)
})

test('the whole page by keyboard: move, fold, select, next error, critical path, find, copy', async () => {
  await using observed = await openTrace(`/traces/${slow.traceId}`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const { page } = observed
  const { ids } = slow
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())

  await rowOf(page, ids['answer_ticket']).focus()
  await press('ArrowDown', 'ArrowDown', 'ArrowDown')
  expect(await focusedRow(page)).toBe(ids['retrieve'])
  await press('ArrowLeft')
  await eventually(async () => expect(await namesOf(page)).toHaveLength(13))
  await press('ArrowRight', 'ArrowRight')
  await eventually(async () => expect(await focusedRow(page)).toBe(ids['embed_query']))
  await press('ArrowLeft')
  await eventually(async () => expect(await focusedRow(page)).toBe(ids['retrieve']))
  await press('Enter')
  await eventually(async () => expect(await selectedOf(page)).toBe(ids['retrieve']))
  expect(page.url()).toContain(`span=${ids['retrieve'] ?? ''}`)

  await press('e')
  await eventually(async () =>
    expect(await page.locator('.row-selected').innerText()).toContain('timeout'),
  )
  await press('j')
  await eventually(async () => expect(await selectedOf(page)).toBe(ids['search_kb']))
  await press('y')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    `/traces/${slow.traceId}?span=${ids['search_kb'] ?? ''}`,
  )

  await press('p')
  await eventually(async () => expect(await namesOf(page)).not.toContain('judge_helpfulness'))
  await press('Escape')
  await eventually(async () => expect(await namesOf(page)).toContain('judge_helpfulness'))

  await press('/')
  await page.keyboard.type('claude')
  await eventually(async () => expect(await page.getByTestId('found').innerText()).toMatch(/of 1$/))
  await press('Enter')
  await eventually(async () => expect(await selectedOf(page)).toBe(ids['draft_answer']))
  await press('Escape')
  await eventually(async () => expect(await page.getByTestId('found').count()).toBe(0))
})

test('zoom by button and key stands in the address, and the whole comes back', async () => {
  await using observed = await openTrace(`/traces/${slow.traceId}`)
  const { page } = observed

  await page.getByRole('button', { name: 'Zoom in' }).click()
  await eventually(() => expect(page.url()).toContain('zoom=2100-6300'))
  await page.getByRole('slider', { name: 'Start of the part shown' }).press('ArrowRight')
  await eventually(() => expect(page.url()).toContain('zoom=2268-6300'))
  await page.getByRole('button', { name: 'Show the whole trace' }).click()
  await eventually(() => expect(page.url()).not.toContain('zoom='))
})

test('the table sorts by a column; the conversation shows repeated history once', async () => {
  await using observed = await openTrace(`/traces/${slow.traceId}`)
  const { page } = observed

  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('button', { name: 'Duration' }).click()
  const first = page.getByTestId('table-row').locator('[data-column="name"]')
  await eventually(async () =>
    expect((await first.allInnerTexts()).slice(0, 2)).toEqual([
      expect.stringContaining('answer_ticket'),
      expect.stringContaining('retrieve'),
    ]),
  )

  await page.getByRole('button', { name: 'Conversation' }).click()
  await page.getByTestId('conversation').getByText('Answer only from the passages').waitFor()
  const text = await page.getByTestId('conversation').innerText()
  expect(text.split('came with one of two lamps missing')).toHaveLength(2)
  expect(text).toContain('1 earlier message sent again')
  expect(page.url()).toContain('view=conversation')
})

test('a fast twin stands beside it with the difference of each step, until Escape', async () => {
  await using observed = await openTrace(`/traces/${slow.traceId}`)
  const { page } = observed
  const usual = await ask<TraceUsual>(`/traces/${slow.traceId}/usual`)

  await page.getByRole('button', { name: 'Compare with a fast one' }).click()

  await page.getByTestId('twin-steps').waitFor()
  expect(page.url()).toContain(`with=${usual.fastTwin?.traceId ?? ''}`)
  expect(await page.getByTestId('twin').innerText()).toContain(usual.fastTwin?.reason ?? 'none')
  expect(await page.getByRole('treegrid').count()).toBe(2)
  const steps = (await page.getByTestId('twin-step').allInnerTexts()).map((row) =>
    row.replaceAll(/\s+/g, ' ').trim(),
  )
  expect(steps.slice(0, 3).toSorted()).toEqual([
    expect.stringMatching(/answer_ticket 8\.40 s 5\.40 s \+3\.00 s$/),
    expect.stringMatching(/retrieve 4\.90 s 1\.90 s \+3\.00 s$/),
    expect.stringMatching(/search_kb attempt 1\/2 failed 3\.00 s not there \+3\.00 s$/),
  ])
  expect(steps[3]).toMatch(/0 ms$/)
  await page.keyboard.press('Escape')
  await eventually(async () => expect(await page.getByRole('treegrid').count()).toBe(1))
})

test('what came while the connection was away is there after the reconnect', async () => {
  const live = ticketTrace(Date.now() - 8_400, { session: 's_away' })
  const early = live.spans.slice(0, 5)
  await send(live, early)
  let isAway = false
  const close: (() => Promise<void>)[] = []
  const viewport = { width: 1440, height: 940 }
  await using observed = await openPage(browser, server.url, { viewport })
  const { page } = observed
  await page.routeWebSocket(/socket\.io/, (socket) => {
    if (isAway) return void socket.close()
    socket.connectToServer()
    close.push(() => socket.close())
  })
  await page.goto(`/traces/${live.traceId}`)
  await page.getByTestId('live-state').getByText('Live').waitFor()
  await eventually(async () => expect(await namesOf(page)).toHaveLength(5))

  isAway = true
  for (const one of close) await one()
  await eventually(async () =>
    expect(await page.getByTestId('live-state').innerText()).not.toContain('Live'),
  )
  await send(live, live.spans.slice(5))
  isAway = false

  await eventually(async () => expect(await namesOf(page)).toHaveLength(17), PATIENT)
})

test('a failure names its request and can be tried again; what is not there says so', async () => {
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  let isBroken = true
  let failures = 0
  await page.route(`**/api/v1/traces/${slow.traceId}?*`, (route) => {
    if (!isBroken) return route.continue()
    failures += 1
    const error = { code: 'bad_request', message: 'limit=x is no number', requestId: 'r-7' }
    return route.fulfill({ status: 400, json: { error } })
  })

  await page.goto(`/traces/${slow.traceId}`)
  await page.getByText('This trace could not be loaded').waitFor()
  expect(await page.getByRole('alert').innerText()).toContain('r-7')
  // The page asks once more when it begins to listen for news of the trace.
  await eventually(() => expect(failures).toBe(2))
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByTestId('span-row').first().waitFor()

  await page.goto(`/traces/${'0'.repeat(31)}1`)
  await page.getByText('No span of this trace has been received.').waitFor()
})

test.each(['dark', 'light'] as const)(
  'no barrier by axe and no sideways scroll: %s',
  async (colorScheme) => {
    await using observed = await openTrace(`/traces/${slow.traceId}`, { colorScheme })
    const { page } = observed
    await page.getByTestId('time-budget').waitFor()
    await page.getByTestId('span-panel').waitFor()

    for (const width of [360, 720, 900, 1_440]) {
      await page.setViewportSize({ width, height: 900 })
      await expectAccessible(page, { where: `trace, ${colorScheme}, ${width} px` })
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(overflow, `${width} px`).toBeLessThanOrEqual(0)
    }
  },
)
