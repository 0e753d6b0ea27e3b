import { expect, test } from 'vitest'
import { closingLine, countResults } from './count-results.ts'

function moduleOf(states: string[], errors: number) {
  return {
    errors: () => Array.from({ length: errors }, () => ({ message: 'hook failed' })),
    children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  }
}

test('files that fail to load and stray errors count as failures', () => {
  const modules = [moduleOf(['passed', 'failed', 'skipped'], 0), moduleOf([], 1)]

  const counts = countResults(modules, [new Error('stray')])

  expect(counts).toEqual({ passed: 1, failed: 3, skipped: 1 })
})

test('a test that never ran to its end is a failure', () => {
  expect(countResults([moduleOf(['pending'], 0)], []).failed).toBe(1)
})

test('the closing line names skipped tests only when there are some', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
  expect(closingLine({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped')
})
