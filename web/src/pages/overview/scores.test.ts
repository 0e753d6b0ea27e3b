import { expect, test } from 'vitest'
import { mostUsedScore, scoreCommand } from './scores.ts'

test('the most used score is shown, the first by name where two are used as much', () => {
  const named = (...names: string[]) => names.map((name) => ({ name }))

  expect(mostUsedScore(named('helpful', 'correct', 'helpful'))).toBe('helpful')
  expect(mostUsedScore(named('b', 'a'))).toBe('a')
  expect(mostUsedScore([])).toBeNull()
})

test('the command is one line that a shell takes as it is', () => {
  const command = scoreCommand('http://127.0.0.1:4318', 'ab'.repeat(16))

  expect(command).not.toContain('\n')
  const body: unknown = JSON.parse(/-d '(.*)'$/.exec(command)?.[1] ?? '')
  expect(body).toEqual({ traceId: 'ab'.repeat(16), name: 'helpful', value: 1, source: 'user' })
})
