import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { isSignedWith, startReceiver } from '../integration/alerts-kit.ts'
import { setClock } from '../integration/rollups-calls.ts'
import { askTotal } from '../support/ask-metric.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { sendChatCalls } from '../support/chat-calls.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure } from '../support/page-figures.ts'
import { startTestServer } from '../support/test-server.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
/** On a busy machine the evaluator comes round late. */
const PATIENT = { timeoutMs: 60_000 }
const THRESHOLD_MS = 4_000

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Adds the channel by hand and returns the secret that the page shows this once. */
async function addChannel(page: Page, url: string): Promise<string> {
  await page.getByTestId('channel-name').fill('ops')
  await page.getByTestId('channel-url').fill(url)
  await page.getByTestId('add-channel').click()
  return page.getByTestId('channel-secret').innerText()
}

async function addRule(page: Page): Promise<void> {
  await page.getByTestId('new-rule').click()
  await page.getByTestId('rule-metric').selectOption('latency_p95')
  await page.getByTestId('rule-op').selectOption('gt')
  await page.getByTestId('rule-threshold').fill(String(THRESHOLD_MS))
  await page.getByTestId('rule-window').selectOption('1')
  await page.getByTestId('rule-min-samples').fill('10')
  await page.getByTestId('rule-channel').check()
  await page.getByTestId('save-rule').click()
  await page.getByTestId('rule').waitFor()
}

test('a threshold set in the page fires once and resolves once, with the API’s own value', async () => {
  await using receiver = await startReceiver()
  await using server = await startTestServer({ SIGHTLINE_OUTBOUND_ALLOW: receiver.address })
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  /** A whole minute ahead of now, so that the clock is only ever moved forward. */
  const start = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const moveTo = (minute: number, second: number): Promise<void> =>
    setClock(server.sql, start + minute * MINUTE_MS + second * SECOND_MS)
  /** 40 calls that end within ten seconds up to the clock's present second. */
  const send = (minute: number, durationMs: (index: number) => number): Promise<void> =>
    sendChatCalls(server.url, {
      count: 40,
      endMs: start + minute * MINUTE_MS + 50 * SECOND_MS,
      durationMs,
    })
  const incident = page.getByTestId('incident')
  /** What a message tells must be what the API answers for the window it names. */
  const expectApiValue = async (sent: { value: number | null; windowEnd: number }) => {
    const range = { from: sent.windowEnd - MINUTE_MS, to: sent.windowEnd }
    const answer = await askTotal(server.url, { metric: 'latency_p95', ...range })
    expect(answer.n).toBe(40)
    expect(sent.value).toBe(answer.value)
  }

  await moveTo(0, 0)
  await page.goto('/alerts')
  const secret = await addChannel(page, `http://${receiver.address}/hook`)
  await addRule(page)
  expect(await page.getByTestId('rule').innerText()).toContain('p95 latency over 4.00 s')
  expect(await incident.count()).toBe(0)

  await moveTo(0, 50)
  await send(0, (index) => 6_000 + index * 137)
  await moveTo(1, 40)
  await eventually(
    async () => expect(await incident.getAttribute('data-state')).toBe('firing'),
    PATIENT,
  )
  await eventually(() => expect(receiver.reasons()).toEqual(['fire']), PATIENT)
  const fire = receiver.hooks[0]
  if (fire === undefined) throw new Error('unreachable: a fire has just been counted')
  const firedValue = fire.body.sightline.value ?? Number.NaN

  expect(fire.body.sightline.windowEnd).toBe(start + MINUTE_MS)
  await expectApiValue(fire.body.sightline)
  expect(firedValue).toBeGreaterThan(THRESHOLD_MS)
  const shown = parseFigure(await page.getByTestId('incident-value').innerText())
  expect(isRoundingOf(shown, firedValue)).toBe(true)
  expect(isSignedWith(secret, fire)).toBe(true)
  await page.getByText(/delivered .* ago/).waitFor()
  expect(await page.getByTestId('firing-count').innerText()).toBe('1')

  await moveTo(3, 50)
  await send(3, (index) => 300 + index * 7)
  await moveTo(4, 40)
  await eventually(
    async () => expect(await incident.getAttribute('data-state')).toBe('resolved'),
    PATIENT,
  )
  await eventually(() => expect(receiver.reasons()).toEqual(['fire', 'resolve']), PATIENT)
  const resolve = receiver.hooks[1]
  if (resolve === undefined) throw new Error('unreachable: a resolve has just been counted')

  expect(resolve.body.sightline.windowEnd).toBe(start + 4 * MINUTE_MS)
  await expectApiValue(resolve.body.sightline)
  expect(resolve.body.sightline.incident).toBe(fire.body.sightline.incident)
  expect(isSignedWith(secret, resolve)).toBe(true)
  await eventually(async () => expect(await page.getByTestId('firing-count').count()).toBe(0))

  await moveTo(5, 50)
  await send(5, (index) => 300 + index * 7)
  await moveTo(6, 40)
  await eventually(async () => {
    expect(await lastTick(server.url)).toBeGreaterThanOrEqual(start + 6 * MINUTE_MS)
    expect(await page.getByTestId('rule-state').getAttribute('data-state')).toBe('ok')
  }, PATIENT)

  expect(receiver.reasons()).toEqual(['fire', 'resolve'])
  expect(await listAttempts(server.url)).toEqual([
    { seq: 1, attempt: 1 },
    { seq: 2, attempt: 1 },
  ])
  expect(await incident.count()).toBe(1)
  expect(observed.consoleErrors).toEqual([])
  expect(observed.foreignRequests).toEqual([])
})

test('a rule that cannot be saved says why, at the field', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/alerts')

  await page.getByTestId('new-rule').click()
  await page.getByTestId('rule-threshold').fill('four seconds')
  await page.getByTestId('save-rule').click()

  await page.getByText("'four seconds' is not a number").waitFor()
  expect(await page.getByTestId('rule').count()).toBe(0)
})

test('a channel to an address inside that is not on the list is refused, with the address', async () => {
  await using receiver = await startReceiver()
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/alerts')

  await page.getByTestId('channel-name').fill('inside')
  await page.getByTestId('channel-url').fill(`http://${receiver.address}/hook`)
  await page.getByTestId('add-channel').click()

  await page.getByText('address is not public: 127.0.0.1').waitFor()
  expect(await page.getByTestId('channel').count()).toBe(0)
  expect(receiver.hooks).toEqual([])
})

async function lastTick(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/alerts/rules`)
  const { items } = (await answer.json()) as {
    items: { state: { groups: { lastTick: number }[] } }[]
  }
  return items[0]?.state.groups[0]?.lastTick ?? 0
}

/** All attempts to send anything, oldest first. */
async function listAttempts(url: string): Promise<{ seq: number; attempt: number }[]> {
  const answer = await fetch(`${url}/api/v1/alerts/deliveries`)
  const { items } = (await answer.json()) as { items: { seq: number; attempt: number }[] }
  return items.map(({ seq, attempt }) => ({ seq, attempt })).toReversed()
}
