import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { FacetList, MetricResult, TraceSummary } from '../../server/contract/index.ts'
import { expectAccessible } from '../support/axe.ts'
import { launchBrowser, openPage, type ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { isRoundingOf, parseFigure } from '../support/page-figures.ts'
import { findFaintTexts } from '../support/readable-text.ts'
import { seedTraces, type SeededTrace } from '../support/seed-traces.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { listTraces, readRows } from '../support/traces-page.ts'

const PATIENT = { timeoutMs: 30_000 }
const MINUTE_MS = 60_000
const COUNT = 240

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser
let seeded: SeededTrace[]
/** A range that is over, so that what is in it stays. */
let range: { from: number; to: number }

beforeAll(async () => {
  server = stack.use(await startTestServer())
  const to = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS
  range = { from: to - 60 * MINUTE_MS, to }
  seeded = await seedTraces(server.url, {
    count: COUNT,
    newestMs: to - 5 * MINUTE_MS,
    everyMs: 12_000,
  })
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

async function open(
  search = '',
  options: Parameters<typeof openPage>[2] = { viewport: { width: 1_440, height: 1_500 } },
): Promise<ObservedPage> {
  const observed = await openPage(browser, server.url, options)
  await observed.page.goto(`/traces?from=${range.from}&to=${range.to}&tz=utc${search}`)
  await expectSettled(observed.page)
  return observed
}

async function expectSettled(page: Page): Promise<void> {
  await eventually(async () => {
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Traces')
    expect(await page.locator('main [aria-busy="true"], .skeleton, .dimmed').count()).toBe(0)
  }, PATIENT)
}

const filtersOf = (page: Page): string[] => new URL(page.url()).searchParams.getAll('f')
const idsOf = (traces: readonly { traceId: string }[]): string[] =>
  traces.map(({ traceId }) => traceId)
const input = (page: Page) => page.getByTestId('query-input')

async function ask(page: Page, line: string): Promise<void> {
  await input(page).fill(line)
  await input(page).press('Enter')
}

/** The list shows what the API lists, in its order, and knows how many there are. */
async function expectListed(page: Page, expected: readonly TraceSummary[]): Promise<void> {
  await eventually(async () => {
    const rows = await readRows(page)
    expect(idsOf(rows)).toEqual(idsOf(expected).slice(0, rows.length))
    expect(rows.length).toBeGreaterThanOrEqual(Math.min(expected.length, 20))
    if (expected.length < 100) {
      const count = await page.getByTestId('trace-table').getAttribute('aria-rowcount')
      expect(Number(count)).toBe(expected.length + 1)
    }
  }, PATIENT)
}

const LINES: [line: string, filters: string[]][] = [
  ['status:error', ['status:eq:error']],
  ['model:gpt-4o-mini', ['model:eq:gpt-4o-mini']],
  ['model:* -model:gpt-4o-mini', ['model:exists:true', 'model:ne:gpt-4o-mini']],
  [
    'model:gpt-4o-mini,gpt-5-mini service:billing',
    ['model:in:gpt-4o-mini,gpt-5-mini', 'service:eq:billing'],
  ],
  ['user:u-3', ['user:eq:u-3']],
  ['name~answer dur>4s', ['name:has:answer', 'latency:gt:4000']],
  ['cost>0.0001 tokens>=400', ['cost:gt:0.0001', 'tokens:gte:400']],
  ['error:timeout env:*', ['error.type:eq:timeout', 'environment:exists:true']],
  ['attr.app.tier:gold', ['attr.app.tier:eq:gold']],
  ['refund', ['text:has:refund']],
  ['"refund for two" -service:chat', ['text:has:refund for two', 'service:ne:chat']],
]

describe('the query bar', () => {
  test('each kind of filter lists exactly what the API lists', async () => {
    await using observed = await open()
    const { page } = observed

    for (const [line, filters] of LINES) {
      await ask(page, line)
      await eventually(() => expect(filtersOf(page)).toEqual(filters))
      const expected = await listTraces(server.url, { ...range, f: filters })
      expect(expected.length, line).toBeGreaterThan(0)
      expect(expected.length, line).toBeLessThan(COUNT)
      await expectListed(page, expected)
      expect(await input(page).inputValue()).toBe(line)
    }

    expect(observed.consoleErrors).toEqual([])
  })

  test('fields and values are completed by the keyboard, values with their counts', async () => {
    await using observed = await open('&f=service:eq:billing')
    const { page } = observed
    const expected = await listTraces(server.url, {
      ...range,
      f: ['service:eq:billing', 'model:eq:gpt-5-mini'],
    })

    await page.keyboard.press('/')
    await page.keyboard.press('End')
    await page.keyboard.type(' mod')
    await page.keyboard.press('Tab')
    await page.keyboard.type('gpt-5')
    const option = page.getByRole('option', { name: 'gpt-5-mini' })
    await eventually(async () => {
      expect(await option.innerText()).toContain(String(expected.length))
    }, PATIENT)
    await page.keyboard.press('ArrowDown')
    await eventually(async () => {
      const active = await input(page).getAttribute('aria-activedescendant')
      expect(active).toBe(await option.getAttribute('id'))
    })
    await page.keyboard.press('Enter')

    await eventually(() =>
      expect(filtersOf(page)).toEqual(['service:eq:billing', 'model:eq:gpt-5-mini']),
    )
    expect(await input(page).inputValue()).toBe('service:billing model:gpt-5-mini ')
    await expectListed(page, expected)
  })

  test('attribute keys are completed too', async () => {
    await using observed = await open()
    const { page } = observed

    await input(page).fill('attr.app')
    await page.getByRole('option', { name: 'attr.app.tier' }).click()

    expect(await input(page).inputValue()).toBe('attr.app.tier:')
    await eventually(async () => {
      const texts = await page.getByRole('option').allInnerTexts()
      expect(new Set(texts.map((text) => text.split('\n')[0]))).toEqual(new Set(['gold', 'silver']))
    }, PATIENT)
  })

  test('a fault is named at its word and asks nothing', async () => {
    await using observed = await open('&f=status:eq:error')
    const { page } = observed

    await ask(page, 'status:error colour:red')

    expect(await page.getByTestId('query-issue').innerText()).toContain("unknown field 'colour'")
    expect(await page.locator('.query-wrong').innerText()).toBe('colour:red')
    expect(filtersOf(page)).toEqual(['status:eq:error'])
    expect(await input(page).getAttribute('aria-invalid')).toBe('true')
  })

  test('what the server refuses is named at its word, and the list says so with its request', async () => {
    await using observed = await open()
    const { page } = observed

    await ask(page, 'status:error tokens~5 service:chat')

    await eventually(async () => {
      expect(await page.getByTestId('query-issue').innerText()).toContain('has no operator')
      expect(await page.locator('.query-wrong').innerText()).toBe('tokens~5')
      expect(await page.getByTestId('traces-list').getByRole('alert').innerText()).toMatch(
        /could not be loaded[^]*request\s+[0-9a-f-]{36}/,
      )
    }, PATIENT)
  })

  test('chips take terms back, and the way back brings them', async () => {
    await using observed = await open('&f=status:eq:error&f=service:eq:chat')
    const { page } = observed

    await page.getByRole('button', { name: 'Remove filter service:chat' }).click()
    await eventually(() => expect(filtersOf(page)).toEqual(['status:eq:error']))
    expect(await input(page).inputValue()).toBe('status:error')
    await page.goBack()

    await eventually(async () => {
      expect(await input(page).inputValue()).toBe('status:error service:chat')
    })
  })
})

test('every cell of the first 30 rows is what the API says', async () => {
  await using observed = await open()
  const { page } = observed
  const traces = await listTraces(server.url, range)
  const rows = (await readRows(page)).slice(0, 30)

  expect(rows).toHaveLength(30)
  for (const { at, traceId, cells } of rows) {
    const trace = traces[at]
    if (trace === undefined) throw new Error(`the API lists nothing at ${at}`)
    const { usage, cost, models, durationMs } = trace
    const [tokensIn = '', tokensOut = ''] = (cells['tokens'] ?? '').split(/\s+/)
    expect(traceId).toBe(trace.traceId)
    expect(cells['time']).toBe(new Date(trace.startTime).toISOString().slice(11, 19))
    expect(cells['trace']).toBe(trace.name)
    expect(cells['status']).toBe(
      trace.status === 'error' ? 'error' : trace.errorCount > 0 ? 'recovered' : 'ok',
    )
    expect(cells['model']).toBe(models.join(' '))
    expect(isRoundingOf(parseFigure(cells['duration'] ?? ''), durationMs ?? -1)).toBe(true)
    expect(parseFigure(tokensIn).value).toBe(usage.inputTokens)
    expect(parseFigure(tokensOut).value).toBe(usage.outputTokens)
    expect(isRoundingOf(parseFigure(cells['cost'] ?? ''), cost.totalUsd ?? -1)).toBe(true)
    expect(cells['user']).toBe(trace.userId)
  }
})

test('each sort lists in the order of the API, chosen by its heading and by arrow keys', async () => {
  await using observed = await open()
  const { page } = observed
  const headings = { Duration: '-durationMs', Cost: '-cost', Time: '-startTime' } as const

  for (const [name, sort] of Object.entries(headings)) {
    await page.getByRole('columnheader', { name }).getByRole('button').click()
    await expectListed(page, await listTraces(server.url, { ...range, sort }))
    const heading = page.getByRole('columnheader', { name })
    expect(await heading.getAttribute('aria-sort')).toBe('descending')
  }
  await page.getByTestId('trace-table').focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')

  await eventually(() => expect(new URL(page.url()).searchParams.get('sort')).toBe('startTime'))
  await expectListed(page, await listTraces(server.url, { ...range, sort: 'startTime' }))
})

describe('facets', () => {
  test('each count is the length of the list with that value', async () => {
    await using observed = await open('&f=service:eq:billing')
    const { page } = observed

    for (const field of ['status', 'model', 'name', 'error.type', 'service']) {
      const values = page.getByTestId(`facet-${field}`).locator('.facet-value')
      const shown = await values.evaluateAll((buttons) =>
        buttons.map((button) => ({
          value: button.getAttribute('data-value') ?? '',
          count: Number(button.getAttribute('data-count')),
        })),
      )
      expect(shown.length, field).toBeGreaterThan(0)
      for (const { value, count } of shown) {
        const others = field === 'service' ? [] : ['service:eq:billing']
        const f = [...others, `${field}:eq:${value}`]
        const listed = await listTraces(server.url, { ...range, f })
        expect(count, `${field} ${value}`).toBe(listed.length)
      }
    }
  })

  test('a click looks for a value, a second value makes a list, Alt and click leaves one out', async () => {
    await using observed = await open()
    const { page } = observed
    const model = page.getByTestId('facet-model')
    const value = (name: string) => model.locator(`.facet-value[data-value="${name}"]`)

    await value('gpt-5-mini').click()
    await eventually(() => expect(filtersOf(page)).toEqual(['model:eq:gpt-5-mini']))
    await value('gpt-4o-mini').click()
    await eventually(() => expect(filtersOf(page)).toEqual(['model:in:gpt-5-mini,gpt-4o-mini']))
    await page.goBack()
    await page.goBack()
    await eventually(() => expect(filtersOf(page)).toEqual([]))
    await value('gpt-4o-mini').click({ modifiers: ['Alt'] })
    await eventually(() => expect(filtersOf(page)).toEqual(['model:ne:gpt-4o-mini']))

    await expectListed(
      page,
      await listTraces(server.url, { ...range, f: ['model:ne:gpt-4o-mini'] }),
    )
  })

  test('more values are shown and searched', async () => {
    await using observed = await open()
    const { page } = observed
    const user = page.getByTestId('facet-user')

    await user.getByRole('button', { name: 'User' }).click()
    await user.getByRole('button', { name: 'Show more' }).click()
    await eventually(
      async () => expect(await user.locator('.facet-value').count()).toBe(7),
      PATIENT,
    )
    await user.getByRole('searchbox').fill('u-6')

    const answer = await fetch(
      `${server.url}/api/v1/facets?field=user&q=u-6&from=${range.from}&to=${range.to}`,
    )
    const { items } = (await answer.json()) as FacetList
    await eventually(async () => {
      const values = user.locator('.facet-value')
      expect(await values.count()).toBe(1)
      expect(await values.getAttribute('data-count')).toBe(String(items[0]?.count))
    }, PATIENT)
  })
})

describe('the histogram', () => {
  async function countsOnPage(page: Page): Promise<{ ok: number; error: number }> {
    const card = page.getByTestId('traces-histogram')
    const read = async (name: string) => Number(await card.getAttribute(`data-${name}`))
    return { ok: await read('ok'), error: await read('error') }
  }

  test('its counts by status are those of the metrics of the API', async () => {
    await using observed = await open('&f=service:eq:billing')
    const { page } = observed
    const params = `metric=requests&scope=trace&groupBy=status&step=all&f=service:eq:billing`
    const answer = await fetch(
      `${server.url}/api/v1/metrics?${params}&from=${range.from}&to=${range.to}`,
    )
    const { series } = (await answer.json()) as MetricResult
    const valueOf = (status: string) =>
      series.find(({ group }) => group['status'] === status)?.points[0]?.value

    const counts = await countsOnPage(page)

    expect(counts).toEqual({ ok: valueOf('ok'), error: valueOf('error') })
    expect(counts.error).toBeGreaterThan(0)
    expect(await page.getByTestId('histogram-readout').innerText()).toContain(String(counts.ok))
  })

  test('dragging over it zooms in, a double click goes back', async () => {
    await using observed = await open()
    const { page } = observed
    const box = await page.getByTestId('traces-histogram').locator('.chart').boundingBox()
    if (box === null) throw new Error('the chart has no box')
    const at = (share: number) => box.x + 40 + (box.width - 56) * share
    const y = box.y + box.height / 2

    await page.mouse.move(at(0.3), y)
    await page.mouse.down()
    await page.mouse.move(at(0.4), y, { steps: 4 })
    await page.mouse.move(at(0.6), y, { steps: 4 })
    await page.mouse.up()
    const zoomed = await eventually(() => {
      const params = new URL(page.url()).searchParams
      const found = { from: Number(params.get('from')), to: Number(params.get('to')) }
      expect(found.from).toBeGreaterThan(range.from)
      expect(found.to).toBeLessThan(range.to)
      return found
    }, PATIENT)

    await expectListed(page, await listTraces(server.url, zoomed))
    await expectSettled(page)
    await page.mouse.dblclick(at(0.5), y)
    await eventually(() =>
      expect(Number(new URL(page.url()).searchParams.get('from'))).toBe(range.from),
    )
  })
})

test('a look at a trace beside the list follows the keys and leaves the list as it was', async () => {
  await using observed = await open()
  const { page } = observed
  const before = idsOf(await readRows(page))

  await page.keyboard.press('j')
  await page.keyboard.press('Space')
  const peek = page.getByTestId('peek')
  await eventually(async () => expect(await peek.locator('.peek-span').count()).toBeGreaterThan(1))
  await page.keyboard.press('e')
  const failed = seeded[3]?.traceId
  await eventually(async () => {
    expect(new URL(page.url()).searchParams.get('peek')).toBe(failed)
    expect(await peek.getByTestId('peek-error').innerText()).toContain('timeout')
  }, PATIENT)

  expect(idsOf(await readRows(page))).toEqual(before)
  await page.keyboard.press('Escape')
  await eventually(async () => expect(await peek.count()).toBe(0))
})

test('a value seen at a glance becomes a filter of the list', async () => {
  await using observed = await open()
  const { page } = observed
  await page.keyboard.press('j')
  await page.keyboard.press('Space')
  const peek = page.getByTestId('peek')
  const menu = peek.getByRole('button', { name: 'Actions for service' })
  const service = await menu.locator('xpath=../preceding-sibling::span').innerText()

  await menu.click()
  await page.getByRole('menuitem', { name: 'Exclude this value' }).click()

  await eventually(() =>
    expect(new URL(page.url()).searchParams.getAll('f')).toEqual([`service:ne:${service}`]),
  )
})

test('a trace opens with the list in its address, and back is where one was', async () => {
  await using observed = await open('&sort=-durationMs&f=service:eq:chat', {
    viewport: { width: 1_440, height: 700 },
  })
  const { page } = observed
  const scroller = page.locator('.vt-scroll')

  for (let press = 0; press < 40; press += 1) await page.keyboard.press('j')
  const active = page.locator('.vt-row[data-active="true"]')
  const traceId = await active.getAttribute('data-trace-id')
  const top = await scroller.evaluate(({ scrollTop }) => scrollTop)
  expect(top).toBeGreaterThan(300)
  const [row, list, head] = await Promise.all(
    [active, scroller, page.locator('.vt-head')].map((one) => one.boundingBox()),
  )
  if (row == null || list == null || head == null) throw new Error('a part of the list has no box')
  expect(row.y + row.height).toBeLessThanOrEqual(list.y + list.height)
  expect(row.y).toBeGreaterThanOrEqual(head.y + head.height)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === `/traces/${traceId}`)
  const { searchParams } = new URL(page.url())
  expect(searchParams.get('sort')).toBe('-durationMs')
  expect(searchParams.getAll('f')).toEqual(['service:eq:chat'])
  expect(Number(searchParams.get('from'))).toBe(range.from)
  await page.goBack()

  await eventually(async () => {
    expect(await scroller.evaluate(({ scrollTop }) => scrollTop)).toBe(top)
    expect(await active.getAttribute('data-trace-id')).toBe(traceId)
  }, PATIENT)
})

test('two selected traces are compared', async () => {
  await using observed = await open()
  const { page } = observed
  const [a, b] = seeded

  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
  expect(await page.getByTestId('marked').innerText()).toContain('2')
  await page.keyboard.press('Shift+X')

  await page.waitForURL((url) => url.pathname === `/traces/${a?.traceId}`)
  expect(new URL(page.url()).searchParams.get('with')).toBe(b?.traceId)
})

test('a view is saved, found again, overwritten, renamed and deleted', async () => {
  await using observed = await open('&f=status:eq:error&sort=-cost')
  const { page } = observed
  const menu = page.getByRole('dialog', { name: 'Saved views' })
  const toggle = page.getByTestId('saved-views')
  const item = (name: string) => menu.locator(`[data-view="${name}"]`)

  await toggle.click()
  await menu.getByRole('textbox', { name: 'Name of a new view' }).fill('dear failures')
  await menu.getByRole('button', { name: 'Save' }).click()
  await item('dear failures').waitFor()
  await page.keyboard.press('Escape')
  await ask(page, 'service:chat')
  await toggle.click()
  await item('dear failures').getByRole('button', { name: 'dear failures', exact: true }).click()
  await eventually(() => {
    expect(filtersOf(page)).toEqual(['status:eq:error'])
    expect(new URL(page.url()).searchParams.get('sort')).toBe('-cost')
  })
  await eventually(async () => expect(await toggle.innerText()).toBe('dear failures'))

  await ask(page, 'status:error service:chat')
  await toggle.click()
  await item('dear failures')
    .getByRole('button', { name: /Overwrite/ })
    .click()
  await item('dear failures')
    .getByRole('button', { name: /Rename/ })
    .click()
  await menu.getByRole('textbox', { name: 'New name of dear failures' }).fill('failures of chat')
  await page.keyboard.press('Enter')
  await item('failures of chat').waitFor()
  const answer = await fetch(`${server.url}/api/v1/views?page=traces`)
  const { items } = (await answer.json()) as { items: { name: string; search: string }[] }
  expect(items.map(({ name }) => name)).toEqual(['failures of chat'])
  expect(items[0]?.search).toContain('f=service:eq:chat')

  await item('failures of chat')
    .getByRole('button', { name: /Delete/ })
    .click()
  await item('failures of chat').getByRole('button', { name: 'Delete', exact: true }).click()
  await eventually(async () => expect(await menu.locator('[data-view]').count()).toBe(0))
})

test('the loaded rows are downloaded as text that no spreadsheet runs', async () => {
  await using observed = await open()
  const { page } = observed
  const traces = await listTraces(server.url, range)

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('download-csv').click(),
  ])
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')

  const loaded = lines.length - 1
  expect(loaded).toBeGreaterThanOrEqual(100)
  expect(lines.slice(1).map((line) => line.slice(0, 32))).toEqual(idsOf(traces).slice(0, loaded))
  expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(
    `"'=HYPERLINK(""http://x""), ""of all"""`,
  )
})

test('a failed list says why, with the request, and comes on a second try', async () => {
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  const requestId = '0f0f0f0f-1111-4222-8333-444444444444'
  const error = { code: 'overloaded', message: 'too many queries at once', requestId }
  await page.route('**/api/v1/traces?*', (route) => route.fulfill({ status: 409, json: { error } }))
  await page.goto(`/traces?from=${range.from}&to=${range.to}`)
  const alert = page.getByTestId('traces-list').getByRole('alert')

  await eventually(async () => {
    expect(await alert.innerText()).toContain('too many queries at once')
    expect(await alert.innerText()).toContain(requestId)
  }, PATIENT)
  await page.unroute('**/api/v1/traces?*')
  await alert.getByRole('button', { name: 'Try again' }).click()

  await eventually(async () => expect((await readRows(page)).length).toBeGreaterThan(10), PATIENT)
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each([1_440, 390])(
    'at %i px it is accessible and does not scroll sideways',
    async (width) => {
      await using observed = await open('&f=status:eq:error&rows=standard', {
        colorScheme,
        viewport: { width, height: 900 },
      })
      const { page } = observed

      await expectAccessible(page, { where: 'list' })
      expect(await findFaintTexts(page, 4.5)).toEqual([])
      if (width < 1_100) await page.getByTestId('facets-toggle').click()
      else await input(page).click()
      await page.getByText('Counts are traces.').waitFor()
      await expectSettled(page)
      await expectAccessible(page, { where: 'facets or suggestions' })
      if (width < 1_100) await page.keyboard.press('Escape')
      await page.getByTestId('trace-row').first().waitFor()
      await page.goto(`${page.url()}&peek=${seeded[3]?.traceId}`)
      await page.getByTestId('peek').waitFor()
      await expectSettled(page)
      await expectAccessible(page, { where: 'peek' })

      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      expect(widths).toEqual([width, width])
      expect(observed.consoleErrors).toEqual([])
      expect(observed.foreignRequests).toEqual([])
    },
  )
})
