import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { postFromPage, readSeenAt, watchForText } from '../support/page-clock.ts'
import { startServerAt } from '../support/server-at.ts'
import { REPOSITORY } from '../support/server-process.ts'
import { shiftToToday } from '../support/shift-days.ts'
import { startTestServer } from '../support/test-server.ts'

const PYTHON_BODY = join(REPOSITORY, 'test/fixtures/otlp/python-otlp-http/chat.pb')
const PLAIN_PROGRAM = join(REPOSITORY, 'test/support/plain-otel-program.ts')
/** Just after the captured Python program ran, on the day after. */
const PYTHON_NOW_MS = Date.UTC(2026, 10, 27, 9, 18, 20)
const LIGHT = '[data-testid="listening"]'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** The first page of an empty project is the one that helps to fill it. */
async function expectWaiting(page: Page, url: string): Promise<void> {
  await page.goto('/')
  await page.waitForURL((address) => address.pathname === '/start')
  await page.locator(`${LIGHT}[data-state="waiting"]`).waitFor()
  const snippets = await readSnippets(page)
  expect(snippets[0]).toContain(`npm i ${url}/sdk.tgz`)
  expect(snippets[1]).toContain('wrap(new OpenAI())')
  expect(snippets[1]).toContain(`endpoint: '${url}'`)
}

const readSnippets = (page: Page): Promise<string[]> =>
  page.getByTestId('onboarding').locator('pre').allInnerTexts()

/** From the green light to the trace, and from there to the live list. */
async function expectTraceNamed(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'go to the overview' }).click()
  await page.getByTestId('trace-row').getByText(name).first().click()
  const heading = page.getByRole('heading', { level: 1 })
  await eventually(async () => expect(await heading.innerText()).toBe(name))
}

function tell(what: string, ms: number): void {
  process.stderr.write(`${what}: on the page ${ms.toFixed(0)} ms after the answer\n`)
}

test('the snippet installs: the page names a package that is there', async () => {
  await using server = await startTestServer()

  const answer = await fetch(`${server.url}/sdk.tgz`)

  expect(answer.status).toBe(200)
  expect([...new Uint8Array(await answer.arrayBuffer()).subarray(0, 2)]).toEqual([0x1f, 0x8b])
})

test('a program with a plain exporter, told nothing but the address, turns the light green', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await expectWaiting(page, server.url)
  await watchForText(page, { selector: LIGHT, text: 'First span received' })

  const program = spawn(process.execPath, [PLAIN_PROGRAM], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.url },
    stdio: 'inherit',
  })
  const [code] = await once(program, 'exit')
  const endedAt = Date.now() - (await page.evaluate(() => performance.timeOrigin))

  expect(code).toBe(0)
  tell('plain exporter, its end taken as the answer', (await readSeenAt(page)) - endedAt)
  await page.locator(`${LIGHT}[data-state="arrived"]`).waitFor()
  await expectTraceNamed(page, 'plain 🦊')
  expect(observed.consoleErrors).toEqual([])
  expect(observed.foreignRequests).toEqual([])
})

test('the captured bytes of a Python exporter turn the light green', async () => {
  const body = shiftToToday(await readFile(PYTHON_BODY), PYTHON_NOW_MS)
  await using server = await startServerAt(PYTHON_NOW_MS)
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await expectWaiting(page, server.url)
  await watchForText(page, { selector: LIGHT, text: 'First span received' })

  const { status, answeredAt } = await postFromPage(page, body)

  expect(status).toBe(200)
  tell('Python bytes', (await readSeenAt(page)) - answeredAt)
  expect(await page.locator(LIGHT).innerText()).toContain('unknown_service:python')
  await expectTraceNamed(page, 'answer 🦊')
  expect(observed.consoleErrors).toEqual([])
  expect(observed.foreignRequests).toEqual([])
})

test('each kind of application has its snippet, chosen by keys, kept in the address and copied by a button', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const { page } = observed
  await expectWaiting(page, server.url)

  await page.getByRole('tab', { name: 'SDK' }).focus()
  for (const [lang, text] of [
    ['otel', `OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`],
    ['python', `OTLPSpanExporter(endpoint="${server.url}/v1/traces")`],
    ['agents', `OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`],
  ] as const) {
    await page.keyboard.press('ArrowRight')
    await page.waitForURL((address) => address.searchParams.get('lang') === lang)
    expect((await readSnippets(page)).join('\n')).toContain(text)
  }
  await page.reload()
  expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Coding agents')
  await page.getByRole('button', { name: 'Copy: Claude Code variables' }).click()

  const [shown] = await readSnippets(page)
  await eventually(async () =>
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown),
  )
})

test('what the page says is taken is taken', async () => {
  await using server = await startTestServer()
  const post = (path: string): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })

  expect((await post('/v1/traces')).status).toBe(200)
  expect((await post('/v1/logs')).status).toBe(200)
  expect((await post('/v1/metrics')).status).toBe(200)
})

test('after a minute without a span a list says what to look at, with what the server refused', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.clock.install()
  await expectWaiting(page, server.url)
  expect(await page.getByTestId('check-list').count()).toBe(0)
  const nameless = { ...spanNamed('without a trace'), traceId: '0'.repeat(32) }
  await postFromPage(page, encodeTraces({ resource: {}, spans: [nameless] }))

  await page.clock.runFor(61_000)

  const list = page.getByTestId('check-list')
  await eventually(async () => expect(await list.innerText()).toContain('refused 1 span'))
  expect(await list.innerText()).toContain(`Is the address ${server.url}?`)
})

test('the light leads to the trace of the first span', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await expectWaiting(page, server.url)
  await postFromPage(page, traceNamed('hello 🐙'))

  await page.getByTestId('first-trace-link').click()

  await eventually(async () =>
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('hello 🐙'),
  )
  expect(await page.getByTestId('span-row').count()).toBe(1)
})

test('a later trace comes into the live list by itself, emoji and all', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await expectWaiting(page, server.url)
  await postFromPage(page, traceNamed('first'))
  await page.getByRole('button', { name: 'go to the overview' }).click()
  await page.getByTestId('trace-row').getByText('first').waitFor()
  await watchForText(page, { selector: '[data-testid="trace-row"]', text: 'second 👩‍🚀 ñ 漢字' })

  const { status, answeredAt } = await postFromPage(page, traceNamed('second 👩‍🚀 ñ 漢字'))

  expect(status).toBe(200)
  tell('row of the live list', (await readSeenAt(page)) - answeredAt)
  expect(await page.getByTestId('trace-row').first().innerText()).toContain('second 👩‍🚀 ñ 漢字')
  expect(observed.consoleErrors).toEqual([])
})

function traceNamed(name: string): Buffer {
  return encodeTraces({ resource: { 'service.name': 'my-app' }, spans: [spanNamed(name)] })
}

function spanNamed(name: string) {
  const endMs = Date.now()
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name,
    startMs: endMs - 400,
    endMs,
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' },
  }
}
