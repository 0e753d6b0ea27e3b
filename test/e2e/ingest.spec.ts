import { randomBytes } from 'node:crypto'
import { IngestHealth } from '@sightline/server/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { expectAccessible } from '../support/axe.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { startTestServer } from '../support/test-server.ts'

const PATIENT = { timeoutMs: 20_000, everyMs: 100 }

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

type Sent = { service: string; spans?: number; resource?: Record<string, string | number> }

async function send(url: string, { service, spans = 1, resource = {} }: Sent): Promise<void> {
  const endMs = Date.now() - 1_000
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(
      encodeTraces({
        resource: { 'service.name': service, 'telemetry.sdk.name': 'opentelemetry', ...resource },
        spans: Array.from({ length: spans }, () => callOf(endMs)),
      }),
    ),
  })
  expect(answer.status).toBe(200)
}

function callOf(endMs: number): SpanInput {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'chat gpt-4o-mini',
    startMs: endMs - 400,
    endMs,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
    },
  }
}

/** A span without an id beside a good one, and a body that is no JSON at all. */
async function sendBad(url: string): Promise<void> {
  const at = `${Date.now() - 500}000000`
  const span = { name: 'x', startTimeUnixNano: at, endTimeUnixNano: at, spanId: 'ab'.repeat(8) }
  const spans = [
    { ...span, traceId: 'abc' },
    { ...span, traceId: 'cd'.repeat(16) },
  ]
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
  const partial = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })
  expect(partial.status).toBe(200)
  const broken = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: '{"resource' })
  expect(broken.status).toBe(400)
}

const readHealth = async (url: string): Promise<IngestHealth> =>
  IngestHealth.parse(await (await fetch(`${url}/api/v1/ingest/health`)).json())

const numberAt = async (page: Page, testId: string): Promise<number> =>
  Number(await page.getByTestId(testId).getAttribute('data-value'))

const receivedOf = (page: Page, service: string): Promise<string> =>
  page.locator(`[data-testid="sources"] tr[data-service="${service}"] td:nth-child(6)`).innerText()

test('what came, what was refused and why are on the page as the API says', async () => {
  await using server = await startTestServer()
  await send(server.url, { service: 'chat-api', spans: 3 })
  await send(server.url, {
    service: 'worker',
    resource: { 'sightline.sdk.instance': 'i-1', 'sightline.sdk.dropped': 7 },
  })
  await sendBad(server.url)
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/ingest')
  await page.getByTestId('ingest-health').waitFor()

  await eventually(async () => {
    const health = await readHealth(server.url)
    expect(await numberAt(page, 'health-rejected')).toBe(
      health.rejected.reduce((sum, { records }) => sum + records, 0),
    )
    expect(await numberAt(page, 'health-rejected')).toBe(1)
    expect(await numberAt(page, 'health-dropped')).toBe(7)
    expect(await receivedOf(page, 'chat-api')).toBe('3')
    expect(await receivedOf(page, 'worker')).toBe('1')
  }, PATIENT)
  const rejects = page.getByTestId('rejects')
  // Whole requests are noted a second later, and samples are read less often.
  await eventually(async () => {
    const verdict = await page.getByTestId('ingest-verdict').innerText()
    expect(verdict).toContain('1 record and 1 whole request refused in the last hour')
    expect(verdict).toContain('SDKs dropped 7 spans in the last day')
    expect(await rejects.innerText()).toContain('trace id is not 16 bytes')
    expect(await rejects.innerText()).toContain('unreadable body')
    expect(await rejects.locator('.reject-detail').allInnerTexts()).toEqual([
      expect.stringContaining('32 hex'),
    ])
  }, PATIENT)

  const coverage = page.getByTestId('coverage')
  await coverage.getByRole('button', { name: 'User' }).click()
  expect(await coverage.innerText()).toContain("withContext({ user: 'u-17' }")
  expect(observed.consoleErrors).toEqual([])
  expect(observed.foreignRequests).toEqual([])
})

test('the figures move by themselves when spans come', async () => {
  await using server = await startTestServer()
  await send(server.url, { service: 'chat-api' })
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/ingest')
  await eventually(async () => expect(await receivedOf(page, 'chat-api')).toBe('1'), PATIENT)

  await send(server.url, { service: 'chat-api', spans: 4 })

  await eventually(async () => expect(await receivedOf(page, 'chat-api')).toBe('5'), PATIENT)
})

test('an empty project is told to connect, and a service can be looked at alone', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  await page.goto('/ingest')
  await page.getByTestId('ingest-health').waitFor()
  expect(await page.getByTestId('ingest-verdict').innerText()).toContain('Nothing is missing')
  expect(await page.getByTestId('sources').innerText()).toContain('Nobody has sent anything')

  await send(server.url, { service: 'chat-api' })
  await send(server.url, { service: 'worker' })
  await eventually(async () => expect(await receivedOf(page, 'worker')).toBe('1'), PATIENT)
  await page.getByTestId('sources').getByRole('link', { name: 'worker' }).click()

  await eventually(() => expect(new URL(page.url()).searchParams.get('source')).toBe('worker'))
  expect(await page.getByTestId('sources').innerText()).not.toContain('chat-api')
})

test('when the answer fails, the page says what failed, with the request id', async () => {
  await using server = await startTestServer()
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  // Pushed, the answer would come all the same.
  await page.routeWebSocket(/socket\.io/, (socket) => socket.close())
  await page.route('**/api/v1/ingest/health', (route) =>
    route.fulfill({
      status: 503,
      json: { error: { code: 'unavailable', message: 'the database is away', requestId: 'r-1' } },
      headers: { 'x-request-id': 'r-1' },
    }),
  )

  await page.goto('/ingest')

  const error = page.getByTestId('error-state')
  await error.waitFor(PATIENT_WAIT)
  expect(await error.innerText()).toContain('the database is away')
  expect(await error.innerText()).toContain('r-1')
})

const PATIENT_WAIT = { timeout: 20_000 }

describe('with good and bad traffic', () => {
  const stack = new AsyncDisposableStack()
  let url = ''
  beforeAll(async () => {
    url = stack.use(await startTestServer()).url
    await send(url, { service: 'chat-api' })
    await sendBad(url)
  })
  afterAll(() => stack.disposeAsync())

  test.each(
    ['dark', 'light'].flatMap((scheme) => [360, 720, 1_440].map((width) => [scheme, width])),
  )('no barrier and no sideways scroll, %s at %d px', async (scheme, width) => {
    await using observed = await openPage(browser, url, {
      colorScheme: scheme === 'dark' ? 'dark' : 'light',
      viewport: { width: Number(width), height: 800 },
    })
    const { page } = observed
    await page.goto('/ingest')
    await page.getByTestId('rejects').locator('.reject-detail').first().waitFor(PATIENT_WAIT)

    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      Number(width),
    )
    await page.keyboard.press('r')
    await eventually(async () =>
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
        'rejects',
      ),
    )
  })
})
