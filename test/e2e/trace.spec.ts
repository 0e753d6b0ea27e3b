import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, openPage } from '../support/browser.ts'
import type { ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import type { SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** What an attacker may write into a prompt, in the hope that somebody looks at it. */
const HOSTILE = [
  '<img src=x onerror="alert(1)"><script>alert(2)</script>',
  '[click me](javascript:alert(3))',
  '![pixel](http://127.0.0.1:9/pixel.png)',
  '<svg onload=alert(4)><iframe src="http://127.0.0.1:9/frame"></iframe>',
  'the end of it',
].join('\n')
const SYSTEM = 'You answer customers. <b>Never</b> say no.'
const ANSWER = 'Sorry 🦊, <a href="javascript:alert(5)">here</a> you are.'
const NAME = 'answer_ticket <i>😀</i>'

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser
beforeAll(async () => {
  server = stack.use(await startTestServer())
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

const spanId = (): string => randomBytes(8).toString('hex')

function message(role: string, content: string): object {
  return { role, parts: [{ type: 'text', content }] }
}

/** An agent that looks something up with one tool, and asks a model twice. */
function ticketTrace(): { root: string; tool: string; llm: string; body: Buffer } {
  const traceId = randomBytes(16).toString('hex')
  const [root, retrieve, tool, llm] = [spanId(), spanId(), spanId(), spanId()]
  const start = Date.now() - 3_000
  const at = (
    from: number,
    to: number,
    rest: Partial<SpanInput> & { name: string },
  ): SpanInput => ({
    traceId,
    spanId: spanId(),
    startMs: start + from,
    endMs: start + to,
    ...rest,
  })
  const spans = [
    at(0, 2_900, {
      spanId: root,
      name: NAME,
      kind: 1,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support' },
    }),
    at(10, 60, {
      spanId: retrieve,
      parentSpanId: root,
      name: 'retrieve',
      kind: 1,
      attributes: { 'gen_ai.operation.name': 'retrieval' },
    }),
    at(100, 900, {
      spanId: tool,
      parentSpanId: root,
      name: 'execute_tool lookup_order',
      kind: 1,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'lookup_order',
        'gen_ai.tool.call.arguments': '{"order":"<img src=x onerror=alert(6)>"}',
        'gen_ai.tool.call.result': '{"lamps":1}',
      },
    }),
    at(120, 800, { parentSpanId: tool, name: 'GET /orders', kind: 3, attributes: {} }),
    at(1_000, 2_800, {
      spanId: llm,
      parentSpanId: root,
      name: 'chat gpt-4o-mini',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': 1_234,
        'gen_ai.usage.output_tokens': 56,
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: SYSTEM }]),
        'gen_ai.input.messages': JSON.stringify([message('user', HOSTILE)]),
        'gen_ai.output.messages': JSON.stringify([
          { ...message('assistant', ANSWER), finish_reason: 'stop' },
        ]),
      },
    }),
  ]
  const body = encodeTraces({ resource: { 'service.name': 'support-chat' }, spans })
  return { root, tool, llm, body }
}

type Watched = ObservedPage & { dialogs: string[] }

async function openWatched(): Promise<Watched> {
  const observed = await openPage(browser, server.url)
  const dialogs: string[] = []
  observed.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  return { ...observed, dialogs }
}

/** Nothing that was sent became part of the page but as text. */
async function expectHarmless({ page, dialogs, ...observed }: Watched): Promise<void> {
  expect(dialogs).toEqual([])
  expect(observed.foreignRequests).toEqual([])
  expect(observed.consoleErrors).toEqual([])
  expect(await page.locator('#root img, #root iframe, #root script').count()).toBe(0)
  expect(await page.locator('a[href^="javascript:"], a[href*="127.0.0.1:9/"]').count()).toBe(0)
}

const selectedId = (page: Page): Promise<string | null> =>
  page.getByTestId('span-panel').getAttribute('data-span-id')

const panelTexts = (page: Page): Promise<string[]> =>
  page.getByTestId('span-panel').locator('.text').allInnerTexts()

test('from the live list into a trace and to the messages of its model call, as text; a reload keeps the view', async () => {
  const { body, root, tool, llm } = ticketTrace()
  await postTraces(server.url, body)
  await using observed = await openWatched()
  const { page } = observed

  await page.goto('/')
  await page.getByTestId('trace-row').filter({ hasText: 'answer_ticket' }).first().click()
  await page.getByTestId('span-row').first().waitFor()

  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(NAME)
  const rows = await page.getByTestId('span-row').evaluateAll((all) =>
    all.map((row) => ({
      depth: Number(row.dataset['depth']),
      name: row.querySelector<HTMLElement>('button.name')?.innerText,
      indentPx: row.querySelector('button.name')?.getBoundingClientRect().left ?? 0,
    })),
  )
  expect(rows.map(({ depth, name }) => ({ depth, name }))).toEqual([
    { depth: 0, name: NAME },
    { depth: 1, name: 'retrieve' },
    { depth: 1, name: 'execute_tool lookup_order' },
    { depth: 2, name: 'GET /orders' },
    { depth: 1, name: 'chat gpt-4o-mini' },
  ])
  const indentOf = (depth: number): number =>
    rows.find((row) => row.depth === depth)?.indentPx ?? Number.NaN
  expect(indentOf(1)).toBeGreaterThan(indentOf(0) + 8)
  expect(indentOf(2)).toBeGreaterThan(indentOf(1) + 8)

  await page.locator(`[data-testid="span-row"][data-span-id="${tool}"]`).click()
  await eventually(async () => expect(await selectedId(page)).toBe(tool))
  await eventually(async () =>
    expect((await panelTexts(page)).join('\n')).toContain('<img src=x onerror=alert(6)>'),
  )
  await page.locator(`[data-testid="span-row"][data-span-id="${llm}"]`).click()
  await eventually(async () => expect(await selectedId(page)).toBe(llm))
  await eventually(async () => expect(await panelTexts(page)).toEqual([SYSTEM, HOSTILE, ANSWER]))
  await expectHarmless(observed)

  const address = page.url()
  expect(address).toContain(`span=${llm}`)
  await page.reload()
  await eventually(async () => expect(await selectedId(page)).toBe(llm))
  await eventually(async () => expect(await panelTexts(page)).toEqual([SYSTEM, HOSTILE, ANSWER]))
  expect(page.url()).toBe(address)
  await expectHarmless(observed)

  await page.locator(`[data-testid="span-row"][data-span-id="${root}"]`).click()
  await page.goBack()
  await page.getByTestId('tile-requests').waitFor()
  await expectHarmless(observed)
})

test('attributes and raw show what was sent as text too', async () => {
  const { body, llm } = ticketTrace()
  await postTraces(server.url, body)
  await using observed = await openWatched()
  const { page } = observed
  await page.goto('/traces')
  await page.getByTestId('trace-row').first().click()
  await page.locator(`[data-testid="span-row"][data-span-id="${llm}"]`).click()

  for (const tab of ['Attributes', 'Raw']) {
    await page.getByRole('tab', { name: tab }).click()
    await eventually(async () =>
      expect(await page.getByTestId('span-panel').innerText()).toContain('alert(1)'),
    )
    await expectHarmless(observed)
  }
})

test('a trace that is not there says so', async () => {
  await using observed = await openWatched()

  await observed.page.goto(`/traces/${'0'.repeat(31)}1`)

  await observed.page.getByText('No span of this trace has been received.').waitFor()
})
