import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'

/** Notes on the page's own clock when a text first stands in the element; then `readSeenAt`. */
export async function watchForText(
  page: Page,
  { selector, text }: { selector: string; text: string },
): Promise<void> {
  await page.evaluate(
    (wanted) => {
      const look = (): void => {
        const found = [...document.querySelectorAll<HTMLElement>(wanted.selector)]
        if (!found.some((element) => element.innerText.includes(wanted.text))) return
        observer.disconnect()
        document.documentElement.dataset['seenAt'] = String(performance.now())
      }
      const observer = new MutationObserver(look)
      delete document.documentElement.dataset['seenAt']
      const everything = { subtree: true, childList: true, attributes: true, characterData: true }
      observer.observe(document.body, everything)
      look()
    },
    { selector, text },
  )
}

/** Milliseconds of the page's clock; waits until the text has come. */
export function readSeenAt(page: Page): Promise<number> {
  return eventually(
    async () => {
      const seenAt = await page.evaluate(() => document.documentElement.dataset['seenAt'])
      if (seenAt === undefined) throw new Error('the awaited text has not come')
      return Number(seenAt)
    },
    { timeoutMs: 20_000 },
  )
}

/** Posts spans as the page itself and says when, on its clock, the answer had come. */
export async function postFromPage(
  page: Page,
  body: Buffer,
): Promise<{ status: number; answeredAt: number }> {
  return page.evaluate(
    async (bytes) => {
      const answer = await fetch('/v1/traces', {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(bytes),
      })
      await answer.arrayBuffer()
      return { status: answer.status, answeredAt: performance.now() }
    },
    [...body],
  )
}
