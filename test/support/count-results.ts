import type { TestModule } from 'vitest/node'

export type ResultCounts = { passed: number; failed: number; skipped: number }

type CountedModule = Pick<TestModule, 'errors'> & {
  children: { allTests(): Iterable<{ result(): { state: string } }> }
}

/** A file that could not be loaded, a failing hook or an error outside of any test is a failure too. */
export function countResults(
  modules: Iterable<CountedModule>,
  unhandledErrors: readonly unknown[],
): ResultCounts {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') counts.passed += 1
      else if (state === 'skipped') counts.skipped += 1
      else counts.failed += 1
    }
  }
  return counts
}

export function closingLine({ passed, failed, skipped }: ResultCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
