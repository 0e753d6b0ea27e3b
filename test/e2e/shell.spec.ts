import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccessible } from '../support/axe.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import type { ObservedPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { writeDemoHistory } from '../support/write-demo-history.ts'

const PATIENT = { timeoutMs: 30_000 }
const PAGES = ['/', '/start', '/alerts', '/traces']
/** 720 px at two device pixels each is what 1440 px at 200 % zoom lays out. */
const SIZES = {
  '360 px': { viewport: { width: 360, height: 780 } },
  '900 px': { viewport: { width: 900, height: 800 } },
  '1440 px': { viewport: { width: 1_440, height: 900 } },
  '200 % zoom': { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 },
}
const LINKS = { permissions: ['clipboard-read', 'clipboard-write'], timezoneId: 'Europe/Berlin' }

const stack = new AsyncDisposableStack()
let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = stack.use(await startTestServer())
  await writeDemoHistory(server.url, ['--seed', '11', '--backfill', '65m'])
  browser = stack.adopt(await launchBrowser(), (one) => one.close())
})
afterAll(() => stack.disposeAsync())

async function open(
  path: string,
  options: Parameters<typeof openPage>[2] = {},
): Promise<ObservedPage> {
  const observed = await openPage(browser, server.url, options)
  await observed.page.goto(path)
  await expectSettled(observed.page)
  return observed
}

async function expectSettled(page: Page): Promise<void> {
  await eventually(async () => {
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.locator('main [aria-busy="true"], .skeleton').count()).toBe(0)
    expect(await page.getByTestId('live-state').innerText()).toMatch(/Live|Connected/)
  }, PATIENT)
}

const paramsOf = (page: Page): Record<string, string> =>
  Object.fromEntries(new URL(page.url()).searchParams)
const expectParams = (page: Page, params: Record<string, string>): Promise<void> =>
  eventually(() => expect(paramsOf(page)).toEqual(params))
const focused = (page: Page, attribute: string): Promise<string | null> =>
  page.evaluate((name) => document.activeElement?.getAttribute(name) ?? null, attribute)

/** At the narrowest the shell differs most; at the widest the pages that no file of their own judges. */
function isJudged(path: string, size: keyof typeof SIZES): boolean {
  if (size === '1440 px') return path === '/start' || path === '/alerts'
  return size === '360 px'
}

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each(Object.keys(SIZES) as (keyof typeof SIZES)[])(
    'at %s no page scrolls sideways, and each is accessible',
    async (size) => {
      await using observed = await openPage(browser, server.url, { colorScheme, ...SIZES[size] })
      const { page } = observed

      for (const path of PAGES) {
        await page.goto(path)
        await expectSettled(page)
        if (isJudged(path, size)) await expectAccessible(page, { where: `${path} at ${size}` })
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - window.innerWidth,
        )
        expect(overflow, `${path} at ${size}`).toBeLessThanOrEqual(0)
      }
    },
  )

  test('what opens over a page is accessible too', async () => {
    await using observed = await open('/?f=model:eq:gpt-5-mini', { colorScheme })
    const { page } = observed
    const openers: Record<string, () => Promise<void>> = {
      'palette-input': () => page.keyboard.press('Control+k'),
      'range-input': () => page.keyboard.press('t'),
      'filter-value': () => page.keyboard.press('f'),
    }

    for (const [testId, press] of Object.entries(openers)) {
      await press()
      await page.getByTestId(testId).waitFor()
      // The page below is judged at 1440 px, and whole once more under the last.
      await expectAccessible(page, { include: '[role="dialog"]', where: testId })
      await page.keyboard.press('Escape')
      await page.getByTestId(testId).waitFor({ state: 'detached' })
    }
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await expectAccessible(page, { where: 'shortcuts' })
  })
})

describe('the palette', () => {
  test('a whole journey needs no mouse: Overview, palette, Traces, a trace, and back', async () => {
    await using observed = await open('/')
    const { page } = observed

    await page.keyboard.press('Control+k')
    await page.getByTestId('palette-input').waitFor()
    await page.keyboard.type('trac')
    await page.keyboard.press('Enter')
    await eventually(() => expect(new URL(page.url()).pathname).toBe('/traces'))
    await expectSettled(page)
    const traceId = await newestTraceId()
    await page.keyboard.press('Control+k')
    await page.getByTestId('palette-input').waitFor()
    await page.keyboard.type(traceId)
    await page.keyboard.press('Enter')
    await eventually(() => expect(new URL(page.url()).pathname).toBe(`/traces/${traceId}`))
    await page.getByTestId('span-row').first().waitFor()
    await page.goBack()
    await eventually(() => expect(new URL(page.url()).pathname).toBe('/traces'))
    await page.keyboard.press('g')
    await page.keyboard.press('o')

    await page.getByTestId('tile-requests').waitFor()
    expect(observed.consoleErrors).toEqual([])
    expect(observed.foreignRequests).toEqual([])
  })

  test('the option chosen is told to assistive technology and taken by Enter; it comes first the next time', async () => {
    await using observed = await open('/start')
    const { page } = observed
    const input = page.getByTestId('palette-input')
    const chosen = async (): Promise<string> => {
      const id = await input.getAttribute('aria-activedescendant')
      return page.locator(`[id="${id}"]`).innerText()
    }
    await page.keyboard.press('Control+k')
    await input.waitFor()

    expect(await chosen()).toContain('Overview')
    await page.keyboard.press('ArrowDown')
    expect(await chosen()).toContain('Traces')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    expect(
      await page.getByRole('listbox').getByRole('option').last().getAttribute('aria-selected'),
    ).toBe('true')
    await page.keyboard.type('alerts')
    expect(await chosen()).toContain('Alerts')
    await page.keyboard.press('Enter')
    await eventually(() => expect(new URL(page.url()).pathname).toBe('/alerts'))

    await page.keyboard.press('Control+k')
    await input.waitFor()
    expect(await page.getByRole('listbox').innerText()).toMatch(/^Recent\s+Alerts/)
  })

  test('what is typed is a range, a model of this range, or words to search for', async () => {
    await using observed = await open('/')
    const { page } = observed
    const ask = async (text: string): Promise<string[]> => {
      await page.keyboard.press('Control+k')
      await page.getByTestId('palette-input').fill(text)
      return eventually(async () => {
        const options = await page.getByRole('listbox').getByRole('option').allInnerTexts()
        expect(options.length).toBeGreaterThan(0)
        return options
      })
    }

    expect((await ask('6h'))[0]).toBe('Range: Past 6 hours')
    await page.keyboard.press('Enter')
    await expectParams(page, { t: '6h' })

    await ask('gpt-5-mini')
    await page.getByRole('group', { name: 'Models' }).getByText('gpt-5-mini').click()
    await expectParams(page, { t: '6h', f: 'model:eq:gpt-5-mini' })
    expect(new URL(page.url()).pathname).toBe('/traces')

    expect((await ask('refund please')).at(-1)).toContain('“refund please”')
    await page.keyboard.press('Enter')
    await expectParams(page, { t: '6h', f: 'text:has:refund please' })
  })

  test('a saved view is offered and opened', async () => {
    const view = { name: 'Slow ones', page: 'traces', search: '?t=3h&f=latency:gt:4000' }
    const answer = await fetch(`${server.url}/api/v1/views`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(view),
    })
    expect(answer.ok).toBe(true)
    await using observed = await open('/')
    const { page } = observed

    await page.keyboard.press('Control+k')
    await page.getByTestId('palette-input').fill('slow')
    await page.getByRole('option', { name: 'Slow ones' }).click()

    await expectParams(page, { t: '3h', f: 'latency:gt:4000' })
    expect(new URL(page.url()).pathname).toBe('/traces')
  })
})

describe('range and zone', () => {
  test('a typed range says what it means before it is taken, in the zone of the page', async () => {
    await using observed = await open('/?tz=Asia/Tokyo', LINKS)
    const { page } = observed

    await page.keyboard.press('t')
    await page.getByTestId('range-input').waitFor()
    await page.keyboard.type('2026-11-22 14:00 to 15:30')
    expect(await page.getByTestId('range-meaning').innerText()).toMatch(
      /^22 Nov.*, 14:00 to 15:30, UTC\+09:00, 1\.5 h$/,
    )
    await page.keyboard.press('Enter')

    await expectParams(page, {
      tz: 'Asia/Tokyo',
      from: String(Date.parse('2026-11-22T05:00Z')),
      to: String(Date.parse('2026-11-22T06:30Z')),
    })
    expect(await page.getByTestId('range-picker').innerText()).toContain('UTC+09:00')
    expect(await page.getByTestId('zone').innerText()).toBe('Asia/Tokyo')
  })

  test('what is no range is refused with the reason and stays in the field', async () => {
    await using observed = await open('/')
    const { page } = observed

    await page.keyboard.press('t')
    await page.getByTestId('range-input').fill('soonish')
    await page.keyboard.press('Enter')

    expect(await page.getByTestId('range-meaning').innerText()).toContain("'soonish' is no time")
    expect(await page.getByTestId('range-input').getAttribute('aria-invalid')).toBe('true')
    expect(paramsOf(page)).toEqual({})
  })

  test('a zone is found by its city', async () => {
    await using observed = await open('/', LINKS)
    const { page } = observed

    await page.keyboard.press('t')
    await page.getByTestId('zone-other').click()
    await page.getByTestId('zone-search').fill('kolkata')
    await page.keyboard.press('Enter')

    await eventually(async () =>
      expect(await page.getByTestId('zone').innerText()).toBe('Asia/Kolkata'),
    )
    await page.keyboard.press('Escape')
    await page.keyboard.press('z')
    await expectParams(page, { tz: 'utc' })
    await page.keyboard.press('z')
    await expectParams(page, {})
  })

  test('keys zoom, shift, freeze and compare, and Back undoes them', async () => {
    await using observed = await open('/')
    const { page } = observed

    await page.keyboard.press('-')
    await expectParams(page, { t: '2h' })
    await page.keyboard.press('=')
    await expectParams(page, {})
    await page.keyboard.press('c')
    await expectParams(page, { cmp: '1d' })
    await page.keyboard.press(',')
    await eventually(() =>
      expect(Object.keys(paramsOf(page)).toSorted()).toEqual(['cmp', 'from', 'to']),
    )
    const { from, to } = paramsOf(page)
    expect(Number(to) - Number(from)).toBe(3_600_000)
    expect(await page.getByTestId('live-toggle').innerText()).toContain('Frozen')
    await page.keyboard.press('l')
    await expectParams(page, { cmp: '1d' })

    await page.goBack()
    await eventually(() => expect(paramsOf(page)).toMatchObject({ from, to }))
  })
})

test('a copied link is frozen, or stays relative when asked; it opens what was seen', async () => {
  await using observed = await open('/?t=3h&f=model:eq:gpt-5-mini', LINKS)
  const { page } = observed
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

  await page.keyboard.press('y')
  await page.getByTestId('copied').waitFor()
  const frozen = new URL(await copied())
  await page.getByRole('button', { name: 'Keep relative' }).click()
  await eventually(async () =>
    expect(await copied()).toBe(`${server.url}/?t=3h&f=model:eq:gpt-5-mini`),
  )

  const { from, to, ...rest } = Object.fromEntries(frozen.searchParams)
  expect(rest).toEqual({ f: 'model:eq:gpt-5-mini' })
  expect(Number(to) - Number(from)).toBe(3 * 3_600_000)
})

test('filters are added, changed and removed without typing a value that is not there', async () => {
  await using observed = await open('/')
  const { page } = observed

  await page.keyboard.press('f')
  await page.getByTestId('filter-field').selectOption('model')
  await page.getByRole('option', { name: /gpt-5-mini/ }).waitFor()
  await page.getByTestId('filter-value').fill('5mini')
  await page.keyboard.press('Enter')
  await expectParams(page, { f: 'model:eq:gpt-5-mini' })

  await page.getByTestId('filter-text').click()
  await page.getByRole('combobox', { name: 'Comparison' }).selectOption('ne')
  await page.getByRole('option', { name: /gpt-5-mini/ }).click()
  await expectParams(page, { f: 'model:ne:gpt-5-mini' })

  await page.keyboard.press('f')
  await page.getByTestId('filter-field').selectOption('latency')
  await page.getByTestId('filter-value').fill('4s')
  await page.keyboard.press('Enter')
  await eventually(() =>
    expect(new URL(page.url()).searchParams.getAll('f')).toEqual([
      'model:ne:gpt-5-mini',
      'latency:gt:4000',
    ]),
  )

  await page.getByRole('button', { name: 'Remove filter model:ne:gpt-5-mini' }).click()
  await expectParams(page, { f: 'latency:gt:4000' })
})

test('the list of shortcuts knows the keys of the page, and turns them off', async () => {
  await using observed = await open('/')
  const { page } = observed
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await page.keyboard.press('?')
  await help.waitFor()
  const listed = await help.innerText()
  for (const label of ['Go to Traces', 'Choose the range', 'Copy a link', 'Pause and resume'])
    expect(listed).toContain(label)

  await help.getByRole('switch').click()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.keyboard.press('-')
  await page.keyboard.press('?')
  await page.keyboard.press('Control+k')

  await page.getByTestId('palette-input').waitFor()
  expect(await help.count()).toBe(0)
  expect(paramsOf(page)).toEqual({})
})

test('a key can be changed: the new one works, the old one does not, and it is remembered', async () => {
  await using observed = await open('/?tz=Asia/Tokyo')
  const { page } = observed
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await page.keyboard.press('?')
  await help.getByRole('button', { name: 'Change Z: UTC, or your zone' }).click()
  await page.keyboard.press('c')
  await help.getByText('C is taken: Compare with the next one').waitFor()
  await page.keyboard.press('x')
  await help.getByRole('button', { name: 'Change x: UTC, or your zone' }).waitFor()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })

  await page.reload()
  await page.getByTestId('open-palette').waitFor()
  await page.keyboard.press('z')
  await page.keyboard.press('x')
  await expectParams(page, { tz: 'utc' })

  await page.keyboard.press('?')
  await help.getByRole('button', { name: 'Reset all' }).click()
  await help.getByRole('button', { name: 'Change Z: UTC, or your zone' }).waitFor()
})

test('/ leads to the search of traces from any page', async () => {
  await using observed = await open('/alerts')
  const { page } = observed

  await page.keyboard.press('/')

  await eventually(async () => expect(await focused(page, 'data-testid')).toBe('query-input'))
  await page.keyboard.type('g')
  await page.keyboard.type('o')
  expect(new URL(page.url()).pathname).toBe('/traces')
})

test('on a phone the menu takes the focus, closes by Escape and gives way to the palette', async () => {
  await using observed = await open('/', { viewport: { width: 390, height: 844 } })
  const { page } = observed

  await page.getByTestId('open-menu').click()
  await eventually(async () => expect(await focused(page, 'aria-label')).toBe('Close menu'))
  await page.keyboard.press('Escape')
  await page.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'hidden' })
  await page.getByTestId('open-menu').click()
  await page.getByTestId('open-palette').click()

  await page.getByTestId('palette-input').waitFor()
  expect(await page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(false)
})

test('the spend of today is the cost since local midnight, as the API has it', async () => {
  await using observed = await open('/?tz=utc')
  const { page } = observed
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000

  await eventually(async () => {
    const shown = await page.getByTestId('spend-value').getAttribute('title')
    const query = `metric=cost&step=all&from=${midnight}&to=${Date.now()}`
    const answer = await fetch(`${server.url}/api/v1/metrics?${query}`)
    const { series } = (await answer.json()) as { series: { points: { value: number }[] }[] }
    expect(Number(shown)).toBeCloseTo(series[0]?.points[0]?.value ?? Number.NaN, 6)
  }, PATIENT)
})

test('a chart leads to a rule that is begun: metric, limit and filters are in the form', async () => {
  await using observed = await open(
    '/alerts?metric=error_rate&op=gte&critical=0.05&f=model:eq:gpt-5-mini&f=status:eq:error',
  )
  const { page } = observed
  const form = page.getByTestId('rule-form')
  const value = (testId: string): Promise<string> => form.getByTestId(testId).inputValue()

  expect(await value('rule-metric')).toBe('error_rate')
  expect(await value('rule-op')).toBe('gte')
  expect(await value('rule-threshold')).toBe('5')
  expect(await value('rule-value')).toBe('gpt-5-mini')
  expect(await form.getByTestId('rule-filters').innerText()).toContain('status:eq:error')
  await page.getByTestId('save-rule').click()

  await page.getByTestId('rule').first().waitFor()
  expect(paramsOf(page)['metric']).toBeUndefined()
  const answer = await fetch(`${server.url}/api/v1/alerts/rules`)
  const { items } = (await answer.json()) as { items: { condition: object }[] }
  expect(items[0]?.condition).toMatchObject({
    metric: 'error_rate',
    op: 'gte',
    critical: 0.05,
    filter: ['model:eq:gpt-5-mini', 'status:eq:error'],
  })
})

describe('a list that is empty says why', () => {
  test('nothing in this range: the last range that has something is one click away', async () => {
    const to = Math.floor(Date.now() / 60_000) * 60_000 - 2 * 86_400_000
    await using observed = await open(`/traces?from=${to - 3_600_000}&to=${to}`)
    const { page } = observed
    const empty = page.getByTestId('empty')
    await eventually(
      async () => expect(await empty.getAttribute('data-reason')).toBe('nothing-in-range'),
      PATIENT,
    )

    await empty.getByRole('button', { name: 'Show that range' }).click()

    await page.getByTestId('trace-row').first().waitFor()
    const { from, to: shownTo } = paramsOf(page)
    expect(Number(shownTo) - Number(from)).toBe(3_600_000)
  })

  test('filters leave nothing: each with what it alone leaves, removed in place', async () => {
    await using observed = await open('/traces?f=model:eq:gpt-5-mini&f=service:eq:nowhere')
    const { page } = observed
    const counts = page.getByTestId('filter-count')
    await eventually(async () => {
      const texts = await counts.allInnerTexts()
      expect(texts).toHaveLength(2)
      expect(texts[0]).toMatch(/^alone leaves [1-9]/)
      expect(texts[1]).toBe('alone leaves 0')
    }, PATIENT)

    await page
      .getByTestId('empty')
      .getByRole('button', { name: 'Remove filter service:eq:nowhere' })
      .click()

    await page.getByTestId('trace-row').first().waitFor()
    await expectParams(page, { f: 'model:eq:gpt-5-mini' })
  })
})

test('a card that failed says why, with the request id; the others stay, and trying again heals it', async () => {
  await using observed = await openPage(browser, server.url)
  const { page } = observed
  const failure = { code: 'unavailable', message: 'the database is away', requestId: 'r-4711' }
  await page.route('**/api/v1/alerts/rules?*', (route) =>
    route.fulfill({ status: 400, json: { error: failure } }),
  )
  await page.goto('/alerts')
  const error = page.getByTestId('error-state')

  await error.waitFor()
  expect(await error.innerText()).toContain('the database is away')
  expect(await error.innerText()).toContain('r-4711')
  expect(await error.getByRole('button', { name: 'Copy the request id' }).isVisible()).toBe(true)
  expect(await page.getByTestId('add-channel').isVisible()).toBe(true)
  await page.unroute('**/api/v1/alerts/rules?*')
  await error.getByRole('button', { name: 'Try again' }).click()

  await error.waitFor({ state: 'detached' })
})

async function newestTraceId(): Promise<string> {
  const answer = await fetch(`${server.url}/api/v1/traces?limit=1`)
  const { items } = (await answer.json()) as { items: { traceId: string }[] }
  return items[0]?.traceId ?? ''
}
