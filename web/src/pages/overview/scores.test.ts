import { expect, test } from 'vitest'
import { mostUsedScore } from './scores.ts'

test('the most used score is shown, the first by name where two are used as much', () => {
  const named = (...names: string[]) => names.map((name) => ({ name }))

  expect(mostUsedScore(named('helpful', 'correct', 'helpful'))).toBe('helpful')
  expect(mostUsedScore(named('b', 'a'))).toBe('a')
  expect(mostUsedScore([])).toBeNull()
})
