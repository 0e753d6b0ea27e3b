import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, openPage, type ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const HOST = 'evil.example'

/** What an attacker may write where somebody will look at it; each with a part that must be seen. */
const ATTACKS = [
  `<img src=x onerror=alert(1)>`,
  `<img src="https://${HOST}/pixel.png?q=1">`,
  `<script>alert(2)</script><script src="https://${HOST}/a.js"></script>`,
  `[link](javascript:alert(3))`,
  `[link](JaVaScRiPt&colon;alert(4))`,
  `[link](vbscript:msgbox(5))`,
  `[link](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
  `[plain](https://${HOST}/go)`,
  `![](https://${HOST}/?q=1)`,
  `![alt text][ref]\n\n[ref]: https://${HOST}/ref.png`,
  `[![](https://${HOST}/in.png)](https://${HOST}/out)`,
  `<svg onload=alert(6)><use href="https://${HOST}/a.svg#x"/></svg>`,
  `<base href="https://${HOST}/">`,
  `<iframe src="https://${HOST}/" srcdoc="<script>alert(7)</script>"></iframe>`,
  `<style>@import "https://${HOST}/a.css"; body { background: url(https://${HOST}/b) }</style>`,
  `<meta http-equiv="refresh" content="0;url=https://${HOST}/">`,
  `<link rel="preload" as="image" href="https://${HOST}/p.png"><link rel=dns-prefetch href="//${HOST}">`,
  `<form action="https://${HOST}/"><input name=a autofocus onfocus=alert(8)><button>go</button></form>`,
  `<video src="https://${HOST}/v"><source src="https://${HOST}/s"></video><audio src="https://${HOST}/a">`,
  `<object data="https://${HOST}/o"></object><embed src="https://${HOST}/e">`,
  `https://${HOST}/auto and www.${HOST} and someone@${HOST} and <https://${HOST}/angle>`,
  `A note[^1].\n\n[^1]: <img src="https://${HOST}/foot.png"> ![](https://${HOST}/foot2.png)`,
  `<!-- <img src="https://${HOST}/comment.png"> --> {{constructor.constructor('alert(9)')()}}`,
  `\u202Etxt.exe\u202C \u2066hidden\u2069 \u200Bzero`,
  `| a | b |\n|---|---|\n| ![](https://${HOST}/cell.png) | <b onclick=alert(10)>x</b> |`,
  `__proto__ constructor prototype \${alert(11)} %3Cscript%3E &lt;img src=x onerror=alert(12)&gt;`,
]
function attack(index: number): string {
  const text = ATTACKS[index]
  if (text === undefined) throw new Error(`there is no attack ${index}`)
  return text
}

const ALL = ATTACKS.join('\n\n')
const LONG_LINE = `${attack(0)}${'A'.repeat(1_000_000)}the end of it`

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser
beforeAll(async () => {
  server = stack.use(await startTestServer())
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

const part = (content: string): object => ({ type: 'text', content })

/** A trace whose every text is an attack: names, prompts, answers, tools, keys, values, resource. */
function hostileTrace() {
  const traceId = randomBytes(16).toString('hex')
  const ids = { root: id(), call: id(), tool: id(), failed: id(), long: id() }
  const start = Date.now() - 5_000
  const attributes = Object.fromEntries(
    ATTACKS.map((text, index) => [`attack.${index}.${text.slice(0, 120)}`, text]),
  )
  const span = (spanId: string, from: number, rest: Partial<SpanInput>): SpanInput => ({
    traceId,
    spanId,
    parentSpanId: ids.root,
    name: attack(0),
    startMs: start + from,
    endMs: start + from + 500,
    ...rest,
  })
  const { parentSpanId: _, ...root } = span(ids.root, 0, {
    name: `${attack(0)} ${attack(8)}`,
    kind: 1,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': attack(11) },
  })
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': attack(2),
    'gen_ai.request.model': attack(0),
    'gen_ai.response.id': attack(3),
    'gen_ai.response.finish_reasons': attack(0),
    'gen_ai.conversation.id': attack(12),
    'gen_ai.prompt.name': attack(0),
    'user.id': attack(13),
    'sightline.tags': attack(0),
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 10,
  }
  const spans = [
    { ...root, endMs: start + 4_000 },
    span(ids.call, 100, {
      attributes: {
        ...call,
        ...attributes,
        'gen_ai.system_instructions': JSON.stringify([part(ALL)]),
        'gen_ai.input.messages': JSON.stringify([
          ...ATTACKS.map((text) => ({ role: 'user', parts: [part(text)] })),
          { role: attack(0), parts: [part(ALL)] },
          { role: 'user', parts: mediaParts() },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: passages() }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [
              part(ALL),
              { type: 'reasoning', content: ALL },
              { type: 'tool_call', id: attack(0), name: attack(11), arguments: { a: ALL } },
            ],
            finish_reason: attack(0),
          },
        ]),
      },
    }),
    span(ids.tool, 700, {
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': attack(0),
        'gen_ai.tool.call.arguments': JSON.stringify({ [attack(0)]: ALL }),
        'gen_ai.tool.call.result': JSON.stringify(passages()),
      },
    }),
    span(ids.failed, 1_300, {
      attributes: { ...call, 'error.type': attack(0) },
      status: { code: 2, message: ALL },
    }),
    span(ids.long, 1_900, {
      attributes: {
        ...call,
        'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [part(LONG_LINE)] }]),
        'long.value': LONG_LINE,
      },
    }),
  ]
  const resource = {
    'service.name': attack(0),
    'service.version': attack(8),
    'deployment.environment.name': attack(15),
    [attack(12)]: attack(13),
  }
  return { traceId, ids, body: encodeTraces({ resource, spans, scope: { name: ALL } }) }
}

function id(): string {
  return randomBytes(8).toString('hex')
}

function mediaParts(): object[] {
  return [
    { type: 'uri', modality: 'image', uri: `https://${HOST}/media.png` },
    { type: 'uri', modality: 'image', uri: 'javascript:alert(13)' },
    { type: 'blob', modality: 'audio', mime_type: attack(0), content: 'AAAA'.repeat(100) },
    { type: 'file', modality: 'video', file_id: attack(0) },
  ]
}

function passages(): object[] {
  return ATTACKS.map((title, index) => ({ title, text: ALL, score: 1 / (index + 1) }))
}

type Watched = ObservedPage & { dialogs: string[]; popups: string[] }

async function openWatched(): Promise<Watched> {
  const observed = await openPage(browser, server.url, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const watched: Watched = { ...observed, dialogs: [], popups: [] }
  observed.page.on('dialog', (dialog) => {
    watched.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  observed.page.on('response', (response) => {
    if (response.status() >= 400)
      watched.consoleErrors.push(`${response.status()} ${response.url()}`)
  })
  observed.page.context().on('page', (page) => watched.popups.push(page.url()))
  return watched
}

const DANGEROUS =
  'img iframe object embed video audio source base link math use image [onerror] [onload] [onclick] [srcdoc]'
    .split(' ')
    .map((selector) => `#root ${selector}`)
    .join(', ')

/** CSP reports are console errors, so that a load that was only blocked is found too. */
async function expectHarmless(watched: Watched, where: string): Promise<void> {
  const { page, dialogs, popups, foreignRequests, consoleErrors } = watched
  expect({ where, dialogs, popups, foreignRequests, consoleErrors }).toEqual({
    where,
    dialogs: [],
    popups: [],
    foreignRequests: [],
    consoleErrors: [],
  })
  expect(await page.locator(DANGEROUS).count(), where).toBe(0)
  expect(await page.locator('style', { hasText: HOST }).count(), where).toBe(0)
  const targets = await page
    .locator('a')
    .evaluateAll((links) =>
      links.map((link) => (link instanceof HTMLAnchorElement ? link.origin : '')),
    )
  expect(new Set(targets), where).toEqual(new Set([server.url]))
  expect(await page.locator('head base, head link[href*="evil"]').count(), where).toBe(0)
  expect(new URL(page.url()).origin, where).toBe(server.url)
}

const panel = (page: Page) => page.getByTestId('span-panel')

type SpanAddress = { traceId: string; spanId: string; tab?: string }

async function openSpan(page: Page, { traceId, spanId, tab = '' }: SpanAddress): Promise<void> {
  await page.goto(`/traces/${traceId}?span=${spanId}${tab === '' ? '' : `&tab=${tab}`}`)
  await page.locator(`[data-testid="span-panel"][data-span-id="${spanId}"]`).waitFor()
}

async function send(): Promise<ReturnType<typeof hostileTrace>> {
  const trace = hostileTrace()
  await postTraces(server.url, trace.body)
  return trace
}

test('names, models, users and sessions of an attacker are text on the Overview and in the lists', async () => {
  const { traceId } = await send()
  await using watched = await openWatched()
  const { page } = watched

  await page.goto('/')
  await page.getByTestId('trace-row').first().waitFor()
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
  await expectHarmless(watched, 'Overview')

  await page.goto('/traces')
  await page.getByTestId('trace-row').first().waitFor()
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
  await expectHarmless(watched, 'Traces')

  await page.goto(`/traces?peek=${traceId}`)
  await page.getByTestId('peek').getByText('<img src=x onerror=alert(1)>').first().waitFor()
  await expectHarmless(watched, 'peek')

  for (const view of ['conversation', 'table']) {
    await page.goto(`/traces/${traceId}?view=${view}`)
    await panel(page).waitFor()
    await page.getByText('<img src=x onerror=alert(1)>').nth(3).waitFor()
    await expectHarmless(watched, view)
  }
})

test('every tab of every span shows what was sent as text', async () => {
  const { traceId, ids } = await send()
  await postScores(traceId, ids.call)
  await using watched = await openWatched()
  const { page } = watched

  for (const [name, spanId] of Object.entries(ids)) {
    await openSpan(page, { traceId, spanId })
    for (const tab of ['Messages', 'Scores', 'Attributes', 'Mapping', 'Raw']) {
      await page.getByRole('tab', { name: tab }).click()
      await panel(page).locator('[role=tabpanel]:not(:has(.skeleton))').waitFor()
      await eventually(async () =>
        expect(await panel(page).innerText()).toContain('<img src=x onerror=alert(1)>'),
      )
      await expectHarmless(watched, `${name} ${tab}`)
    }
  }
})

test('a message is text as it was sent, and as markdown still only text', async () => {
  const { traceId, ids } = await send()
  await using watched = await openWatched()
  const { page } = watched
  await openSpan(page, { traceId, spanId: ids.call })
  const messages = page.getByTestId('message')
  await messages.nth(ATTACKS.length).waitFor()

  for (const [index, sent] of ATTACKS.entries()) {
    // The first message is the system text.
    const text = messages.nth(index + 1).locator('.text')
    expect(await text.textContent()).toBe(sent)
  }
  await expectHarmless(watched, 'plain')

  const before = page.url()
  for (const toggle of await page.getByRole('button', { name: 'Markdown' }).all()) {
    await toggle.click()
  }
  await eventually(async () =>
    expect(await page.getByTestId('markdown').count()).toBeGreaterThan(ATTACKS.length),
  )
  expect(await page.getByText(`Image blocked, from ${HOST}`).count()).toBeGreaterThan(5)
  await expectHarmless(watched, 'markdown')

  for (const link of await page.locator('.md-link').all()) await link.click()
  expect(page.url()).toBe(before)
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(HOST)
  await expectHarmless(watched, 'links clicked')
})

test('parts that are folded, media and passages open as text', async () => {
  const { traceId, ids } = await send()
  await using watched = await openWatched()
  const { page } = watched
  await openSpan(page, { traceId, spanId: ids.call })
  await page.getByTestId('message').first().waitFor()

  const folded = panel(page).locator('[role=tabpanel] [aria-expanded=false]')
  while ((await folded.count()) > 0) await folded.first().click()
  for (const more of await panel(page)
    .getByText(/^(Show all|Show \d+ more)/)
    .all()) {
    await more.click()
  }

  expect(await page.getByTestId('media').allInnerTexts()).toEqual([
    expect.stringContaining(`from ${HOST}`),
    expect.stringContaining('image, not loaded'),
    expect.stringContaining('300 B in the span'),
    expect.stringContaining('video, not loaded'),
  ])
  await expectHarmless(watched, 'opened')
})

test('a line of a megabyte is scrolled in rows, in the messages and among the attributes', async () => {
  const { traceId, ids } = await send()
  await using watched = await openWatched()
  const { page } = watched
  for (const tab of ['', 'attributes']) {
    await openSpan(page, { traceId, spanId: ids.long, tab })
    const more = panel(page).getByRole('button', { name: /^Show all 1\.000M characters/ })
    await more.first().click()
    const viewer = page.getByTestId('line-viewer').first()
    await viewer.evaluate((element) => {
      element.scrollTop = element.scrollHeight
    })
    await viewer.getByText('the end of it').waitFor()

    expect(await viewer.locator('.line').count()).toBeLessThan(100)
    await expectHarmless(watched, `long ${tab}`)
  }
})

test('a filter made of a hostile value is text in the address and in the list', async () => {
  const { traceId, ids } = await send()
  await using watched = await openWatched()
  const { page } = watched
  await openSpan(page, { traceId, spanId: ids.call, tab: 'attributes' })
  const row = page.getByRole('row', { name: /^attack\.0\./ }).first()
  await row.getByRole('button', { name: /^Actions for/ }).click()

  await page.getByRole('menuitem', { name: 'Filter by this value' }).click()

  await page.waitForURL(/\/traces\?/)
  expect(new URL(page.url()).searchParams.getAll('f').join()).toContain('<img src=x onerror')
  await expectHarmless(watched, 'filtered list')
})

async function postScores(traceId: string, spanId: string): Promise<void> {
  for (const [name, comment] of [
    [attack(0), ALL],
    ['feedback', attack(8)],
  ] as const) {
    const response = await fetch(`${server.url}/api/v1/scores`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        traceId,
        spanId,
        name,
        label: attack(0),
        comment: comment.slice(0, 4_000),
        source: 'judge',
      }),
    })
    expect(response.status).toBe(201)
  }
}
