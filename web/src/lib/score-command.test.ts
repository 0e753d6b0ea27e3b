import { expect, test } from 'vitest'
import { scoreCommand } from './score-command.ts'

test('the command is one line that a shell takes as it is', () => {
  const command = scoreCommand('http://127.0.0.1:4318', 'ab'.repeat(16))

  expect(command).not.toContain('\n')
  const body: unknown = JSON.parse(/-d '(.*)'$/.exec(command)?.[1] ?? '')
  expect(body).toEqual({ traceId: 'ab'.repeat(16), name: 'helpful', value: 1, source: 'user' })
})

test('the command needs no curl of this decade', () => {
  expect(scoreCommand('http://127.0.0.1:4318', 'ab'.repeat(16))).not.toContain('--json')
})
