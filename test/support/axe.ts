import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** WCAG 2.2 AA and what it builds on. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Fails with each rule broken, the element at fault and what would repair it. */
export async function expectAccessible(
  page: Page,
  { include, where = page.url() }: { include?: string; where?: string } = {},
): Promise<void> {
  expect(await findBarriers(page, include), where).toEqual([])
}

export async function findBarriers(page: Page, include?: string): Promise<string[]> {
  await page.evaluate(finishMotion)
  // Describing each node that passes takes as long as judging them. Legacy mode runs in the page
  // alone; there are no frames, and it opens no second page.
  const axe = new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .withTags(TAGS)
    .setLegacyMode(true)
  const { violations } = await (include === undefined ? axe : axe.include(include)).analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = '', html }) =>
      [`${id}: ${help}`, `at ${target.join(' ')}`, html.slice(0, 200), failureSummary].join('\n'),
    ),
  )
}

/** A colour half faded in would be judged as it is that instant. */
function finishMotion(): void {
  for (const motion of document.getAnimations()) {
    if (motion.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY) motion.finish()
  }
}
