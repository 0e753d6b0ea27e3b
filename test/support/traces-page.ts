import type { Page } from 'playwright-core'
import type { TraceList, TraceSummary } from '../../server/contract/index.ts'
import { eventually } from './eventually.ts'

export type RowOnPage = {
  /** Place in the list, from 0. */
  at: number
  traceId: string
  cells: Record<string, string>
}

/** The rows that are in the document, top to bottom. */
export async function readRows(page: Page): Promise<RowOnPage[]> {
  const rows = await page.getByTestId('trace-row').evaluateAll((elements) =>
    elements.map((row) => ({
      at: Number(row.getAttribute('aria-rowindex')) - 2,
      traceId: row.getAttribute('data-trace-id') ?? '',
      cells: Object.fromEntries(
        [...row.querySelectorAll<HTMLElement>('[data-column]')].map((cell) => [
          cell.dataset['column'] ?? '',
          cell.innerText.trim(),
        ]),
      ),
    })),
  )
  return rows.toSorted((a, b) => a.at - b.at)
}

/** Every row of the list, by scrolling through it; `onStep` runs at each stop. */
export async function scrollThrough(
  page: Page,
  onStep: (step: number) => Promise<void> = () => Promise.resolve(),
): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  const scroller = page.locator('.vt-scroll')
  for (let step = 0; step < 200; step += 1) {
    for (const { at, traceId } of await readRows(page)) {
      const known = found.get(at)
      if (known !== undefined && known !== traceId) {
        throw new Error(`row ${at} was ${known} and is now ${traceId}`)
      }
      found.set(at, traceId)
    }
    await onStep(step)
    const isEnd = await page
      .getByTestId('list-end')
      .evaluate((end) => end instanceof HTMLElement && end.dataset['complete'] === 'true')
    const isBottom = await scroller.evaluate(
      (element) => element.scrollTop + element.clientHeight >= element.scrollHeight - 2,
    )
    if (isEnd && isBottom) return found
    await scroller.evaluate((element) => element.scrollBy(0, element.clientHeight / 2))
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    if (isBottom) await eventually(async () => expectGrown(page, isEnd))
  }
  throw new Error('the end of the list was not reached in 200 steps')
}

async function expectGrown(page: Page, isEnd: boolean): Promise<void> {
  const isLoading = await page.getByTestId('list-end').innerText()
  if (!isEnd && isLoading.includes('loading')) throw new Error('the next page has not come')
}

/** As the API lists them; the search parameters are those of the page. */
export async function listTraces(
  url: string,
  search: Record<string, string | number | string[]>,
): Promise<TraceSummary[]> {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries({ limit: 1_000, ...search })) {
    for (const one of [value].flat()) params.append(name, String(one))
  }
  const items: TraceSummary[] = []
  for (;;) {
    const response = await fetch(`${url}/api/v1/traces?${params}`)
    const body = (await response.json()) as TraceList
    if (!response.ok) throw new Error(`${params}: ${JSON.stringify(body)}`)
    items.push(...body.items)
    if (body.nextCursor === null) return items
    params.set('cursor', body.nextCursor)
  }
}
