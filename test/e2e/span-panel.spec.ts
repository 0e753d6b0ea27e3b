import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Locator, Page } from 'playwright-core'
import { expectAccessible } from '../support/axe.ts'
import { launchBrowser, openPage, type ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser
beforeAll(async () => {
  server = stack.use(await startTestServer())
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

const id = (): string => randomBytes(8).toString('hex')
const text = (content: string): object => ({ type: 'text', content })

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
  'gen_ai.response.id': 'resp-panel',
  'gen_ai.response.finish_reasons': 'stop',
  'gen_ai.request.temperature': 0.2,
  'gen_ai.request.stream': true,
  'gen_ai.response.time_to_first_chunk': 0.7,
  'gen_ai.usage.input_tokens': 9_204,
  'gen_ai.usage.output_tokens': 118,
  'gen_ai.prompt.name': 'support-answer',
  'gen_ai.prompt.version': '14',
  'app.note': 'n'.repeat(300),
  'app.tier': 'gold',
}
const INPUT = [
  { role: 'system', parts: [text('Answer only from the passages.')] },
  { role: 'user', parts: [text('Write to [EMAIL] about **order** [ORDER_ID].')] },
  {
    role: 'assistant',
    parts: [{ type: 'tool_call', id: 'call_1', name: 'search_kb', arguments: { query: 'refund' } }],
  },
  {
    role: 'tool',
    parts: [
      {
        type: 'tool_call_response',
        id: 'call_1',
        response: [
          { title: 'Refunds after a partial shipment', text: 'Within 14 days.', score: 0.88 },
          ...Array.from({ length: 7 }, (_, at) => ({ title: `Passage ${at}`, score: 0.3 })),
        ],
      },
    ],
  },
]
const OUTPUT = [
  {
    role: 'assistant',
    parts: [{ type: 'reasoning', content: 'Think first.' }, text('It goes back in **5 days**.')],
    finish_reason: 'stop',
  },
]

/** An agent with a model call, a second one, and a tool that failed. */
async function sendTicket(): Promise<
  Record<'traceId' | 'root' | 'call' | 'second' | 'tool', string>
> {
  const ids = {
    traceId: randomBytes(16).toString('hex'),
    root: id(),
    call: id(),
    second: id(),
    tool: id(),
  }
  const start = Date.now() - 6_000
  const child = (spanId: string, from: number, rest: Partial<SpanInput>): SpanInput => ({
    traceId: ids.traceId,
    spanId,
    parentSpanId: ids.root,
    name: 'chat gpt-4o-mini',
    startMs: start + from,
    endMs: start + from + 2_400,
    ...rest,
  })
  const messages = {
    'gen_ai.input.messages': JSON.stringify(INPUT),
    'gen_ai.output.messages': JSON.stringify(OUTPUT),
  }
  const spans: SpanInput[] = [
    {
      traceId: ids.traceId,
      spanId: ids.root,
      name: 'answer_ticket',
      kind: 1,
      startMs: start,
      endMs: start + 5_500,
      attributes: { 'gen_ai.operation.name': 'invoke_agent' },
    },
    child(ids.call, 100, { attributes: { ...CALL, ...messages } }),
    child(ids.second, 2_600, { name: 'chat silent', attributes: CALL }),
    child(ids.tool, 5_000, {
      name: 'execute_tool lookup',
      endMs: start + 5_100,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'lookup',
        'error.type': 'TimeoutError',
      },
      status: { code: 2, message: 'the database did not answer within 100 ms' },
    }),
  ]
  await postTraces(server.url, encodeTraces({ resource: { 'service.name': 'support' }, spans }))
  return ids
}

const open = (options: Parameters<typeof openPage>[2] = {}): Promise<ObservedPage> =>
  openPage(browser, server.url, { permissions: ['clipboard-read', 'clipboard-write'], ...options })

async function panelOf(page: Page, address: string): Promise<Locator> {
  await page.goto(address)
  const panel = page.getByTestId('span-panel')
  await panel.locator('[role=tabpanel]:not(:has(.skeleton))').waitFor()
  return panel
}

const message = (panel: Locator, role: string): Locator =>
  panel.locator(`[data-testid=message][data-role=${role}]`)

test('the header says in short what is known, and leaves out what was not sent', async () => {
  const { traceId, call, root } = await sendTicket()
  await using observed = await open()
  const { page } = observed

  const panel = await panelOf(page, `/traces/${traceId}?span=${call}`)
  await panel.getByText('temp').waitFor()
  const chips = await panel.locator('.chip').allInnerTexts()
  await page.locator(`[data-testid="span-row"][data-span-id="${root}"]`).click()
  await eventually(async () =>
    expect(await panel.locator('.chip').allInnerTexts()).toEqual(['total\n5.50 s']),
  )

  expect(chips.map((chip) => chip.replace(/\s+/g, ' '))).toEqual([
    'total 2.40 s',
    'first token 700 ms',
    'speed 69 tok/s',
    'in 9,204',
    'out 118',
    expect.stringMatching(/^cost \$0\.00\d\d$/),
    'finish stop',
    'temp 0.2',
  ])
  expect(observed.consoleErrors).toEqual([])
})

test('messages show their roles, tools, passages, redactions and the end', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()

  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${call}`)

  await eventually(async () =>
    expect(
      await panel.getByTestId('message').evaluateAll((all) => all.map((one) => one.ariaLabel)),
    ).toEqual(['system', 'user', 'assistant', 'tool result', 'assistant']),
  )
  expect(await message(panel, 'system').innerText()).toContain('support-answer v14')
  expect(await message(panel, 'user').locator('.marker').allInnerTexts()).toEqual([
    '[EMAIL]',
    '[ORDER_ID]',
  ])
  expect(await message(panel, 'assistant').first().innerText()).toMatch(/calls\s+search_kb/)
  expect(await message(panel, 'tool').innerText()).toContain('search_kb')
  expect(await message(panel, 'tool').locator('.passage').count()).toBe(5)
  const last = message(panel, 'assistant').last()
  expect(await last.innerText()).toMatch(/stop[^]*118 tok/)
  expect(await last.innerText()).not.toContain('Think first.')
  await last.getByRole('button', { name: 'reasoning' }).click()
  await last.getByText('Think first.').waitFor()
  await message(panel, 'tool').getByRole('button', { name: 'Show 3 more' }).click()
  expect(await message(panel, 'tool').locator('.passage').count()).toBe(8)
  await message(panel, 'tool')
    .getByRole('button', { name: /Refunds after/ })
    .click()
  await message(panel, 'tool').getByText('Within 14 days.').waitFor()
})

test('Markdown is drawn for the message it was asked for, and no other', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()
  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${call}`)
  const last = message(panel, 'assistant').last()

  await last.getByRole('button', { name: 'Markdown' }).click()

  await last.locator('.markdown strong', { hasText: '5 days' }).waitFor()
  expect(await message(panel, 'user').innerText()).toContain('**order**')
})

test('a role that was folded stays folded from span to span', async () => {
  const { traceId, call, tool } = await sendTicket()
  await using observed = await open()
  const { page } = observed
  const panel = await panelOf(page, `/traces/${traceId}?span=${call}`)
  await message(panel, 'system').getByRole('button', { name: 'system' }).click()
  expect(await message(panel, 'system').locator('.text').count()).toBe(0)

  await page.locator(`[data-testid="span-row"][data-span-id="${tool}"]`).click()
  await panel.getByTestId('span-error').waitFor()
  await page.locator(`[data-testid="span-row"][data-span-id="${call}"]`).click()
  await message(panel, 'user').waitFor()

  expect(await message(panel, 'system').locator('.text').count()).toBe(0)
  expect(await message(panel, 'user').locator('.text').count()).toBe(1)
  await panel
    .getByRole('group', { name: 'Roles shown' })
    .getByRole('button', { name: 'system' })
    .click()
  expect(await message(panel, 'system').locator('.text').count()).toBe(1)
})

test('tabs are chosen by keys, stand in the address, and stay from span to span', async () => {
  const { traceId, call, tool } = await sendTicket()
  await using observed = await open()
  const { page } = observed
  const panel = await panelOf(page, `/traces/${traceId}?span=${call}`)
  const chosen = (): Promise<string> => panel.locator('[role=tab][aria-selected=true]').innerText()

  await panel.getByRole('tab', { name: /^Messages/ }).focus()
  await page.keyboard.press('ArrowRight')
  await eventually(async () => expect(new URL(page.url()).searchParams.get('tab')).toBe('scores'))
  await page.keyboard.press('End')
  await eventually(async () => expect(new URL(page.url()).searchParams.get('tab')).toBe('raw'))
  expect(await chosen()).toBe('Raw')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Raw')
  await page.locator(`[data-testid="span-row"][data-span-id="${tool}"]`).click()
  await eventually(async () => expect(await panel.getAttribute('data-span-id')).toBe(tool))
  expect(await chosen()).toBe('Raw')

  await panel.getByRole('tab', { name: 'Raw' }).press('ArrowRight')
  await eventually(async () => expect(page.url()).not.toContain('tab='))
  expect(await chosen()).toMatch(/^Messages/)
})

test('a failed span says what failed, with which code, on top', async () => {
  const { traceId, tool } = await sendTicket()
  await using observed = await open()

  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${tool}&tab=attributes`)

  expect(await panel.getByTestId('span-error').innerText()).toMatch(
    /TimeoutError[^]*the database did not answer within 100 ms/,
  )
})

test('a call whose text was not captured says so', async () => {
  const { traceId, second } = await sendTicket()
  await using observed = await open()

  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${second}`)

  await panel.getByText('The text of this call was not captured.').waitFor()
})

test('values filter, exclude and copy; what no filter finds says why', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()
  const { page } = observed
  const address = `/traces/${traceId}?span=${call}&tab=attributes`
  const panel = await panelOf(page, address)
  const menuOf = (key: string): Promise<void> =>
    panel.getByRole('button', { name: `Actions for ${key}`, exact: true }).click()
  const filters = (): string[] => new URL(page.url()).searchParams.getAll('f')

  await menuOf('app.note')
  expect(await panel.getByRole('menu').innerText()).toContain('longer than 256 characters')
  expect(
    await panel.getByRole('menuitem', { name: 'Filter by' }).getAttribute('aria-disabled'),
  ).toBe('true')
  await page.keyboard.press('Escape')
  expect(await panel.getByRole('menu').count()).toBe(0)

  await menuOf('app.tier')
  await panel.getByRole('menuitem', { name: 'Copy the value' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('gold')

  await menuOf('gen_ai.response.model')
  await panel.getByRole('menuitem', { name: 'Exclude this value' }).click()
  await page.waitForURL(/\/traces\?/)
  expect(filters().join()).toContain('model:ne:gpt-4o-mini-2024-07-18')

  await panelOf(page, address)
  await menuOf('app.tier')
  await panel.getByRole('menuitem', { name: 'Filter by this value' }).click()
  await page.waitForURL(/\/traces\?/)
  expect(filters().join()).toContain('attr.app.tier:eq:gold')
  await page.getByTestId('trace-row').first().waitFor()
})

test('attributes are searched by key and by value', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()
  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${call}&tab=attributes`)

  await panel.getByRole('searchbox').fill('GOLD')
  await eventually(async () =>
    expect(await panel.locator('.attributes th').allInnerTexts()).toEqual(['app.tier']),
  )
  await panel.getByRole('searchbox').fill('service.name')
  await eventually(async () =>
    expect(await panel.locator('.attributes td').first().innerText()).toBe('support'),
  )
  await panel.getByRole('searchbox').fill('nowhere')
  await panel.getByText('No key and no value holds').waitFor()
})

test('the mapping names the attribute of each field and what was not read', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()

  const panel = await panelOf(observed.page, `/traces/${traceId}?span=${call}&tab=mapping`)

  expect(await panel.getByRole('row', { name: /^requestModel/ }).innerText()).toContain(
    'gen_ai.request.model',
  )
  expect(await panel.getByRole('region', { name: 'Attributes not read' }).innerText()).toContain(
    'app.tier',
  )
})

test('the raw span is copied and saved whole', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()
  const { page } = observed
  const panel = await panelOf(page, `/traces/${traceId}?span=${call}&tab=raw`)
  const answer = await fetch(`${server.url}/api/v1/traces/${traceId}/spans/${call}`)
  const span: unknown = await answer.json()

  await panel.getByRole('button', { name: 'Copy', exact: true }).click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    panel.getByRole('button', { name: 'Save as .json' }).click(),
  ])

  expect(JSON.parse(copied)).toEqual(span)
  expect(download.suggestedFilename()).toBe(`span-${call}.json`)
})

test('feedback is given, changed and listed with the scores of judges', async () => {
  const { traceId, call } = await sendTicket()
  await fetch(`${server.url}/api/v1/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      responseId: 'resp-panel',
      name: 'faithful',
      value: 0.62,
      source: 'judge',
    }),
  })
  await using observed = await open()
  const { page } = observed
  const panel = await panelOf(page, `/traces/${traceId}?span=${call}`)
  const cards = panel.getByTestId('score-cards')
  await cards.getByText('0.62').waitFor()
  await cards.getByText('none yet').waitFor()

  await cards.getByRole('button', { name: 'Good' }).click()
  await cards.getByText('up', { exact: true }).waitFor()
  await cards.getByRole('button', { name: 'Bad' }).click()
  await cards.getByText('down', { exact: true }).waitFor()

  await panel.getByRole('tab', { name: /^Scores/ }).click()
  expect(await panel.getByTestId('score').count()).toBe(2)
  const { items } = (await (
    await fetch(`${server.url}/api/v1/scores?traceId=${traceId}&name=feedback`)
  ).json()) as { items: object[] }
  expect(items).toMatchObject([{ name: 'feedback', source: 'user', label: 'down', spanId: call }])
})

test('a span that cannot be loaded says why, with the request, and is tried again', async () => {
  const { traceId, call } = await sendTicket()
  await using observed = await open()
  const { page } = observed
  await page.route(`**/api/v1/traces/*/spans/${call}*`, (route) =>
    route.fulfill({
      status: 422,
      json: { error: { code: 'broken', message: 'no body', requestId: 'req-7' } },
    }),
  )
  await page.goto(`/traces/${traceId}?span=${call}`)
  const panel = page.getByTestId('span-panel')
  await panel.getByText('request req-7').waitFor()

  await page.unroute(`**/api/v1/traces/*/spans/${call}*`)
  await panel.getByRole('button', { name: 'Try again' }).click()

  await message(panel, 'user').waitFor()
})

test.each(['dark', 'light'] as const)(
  'the panel is accessible in the %s theme, wide and narrow',
  async (colorScheme) => {
    const { traceId, call, tool } = await sendTicket()
    await using observed = await open({ colorScheme, viewport: { width: 1_440, height: 900 } })
    const { page } = observed
    const check = async (where: string): Promise<void> => {
      for (const width of [1_440, 360]) {
        await page.setViewportSize({ width, height: 900 })
        await expectAccessible(page, { include: '[data-testid="span-panel"]', where })
        const widest = await page.evaluate(() => document.documentElement.scrollWidth)
        expect(widest, where).toBe(width)
      }
    }

    const panel = await panelOf(page, `/traces/${traceId}?span=${call}`)
    await panel.getByTestId('score-cards').waitFor()
    await check('messages')
    for (const tab of ['Scores', 'Mapping', 'Raw', 'Attributes']) {
      await panel.getByRole('tab', { name: tab }).click()
      await panel.locator('.msg').first().waitFor()
      if (tab === 'Attributes') {
        await panel.getByRole('button', { name: 'Actions for app.note' }).click()
      }
      await check(tab)
    }
    await panelOf(page, `/traces/${traceId}?span=${tool}`)
    await check('failed')
  },
)
