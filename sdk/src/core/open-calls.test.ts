import { afterEach, expect, test } from 'vitest'
import { endOpenCalls, forgetOpenCall, rememberOpenCall, sweepOpenCalls } from './open-calls.ts'
import type { OpenCall } from './open-calls.ts'

afterEach(() => {
  endOpenCalls()
})

function openCallOf(answeredAtMs: number) {
  const ends: string[] = []
  const call: OpenCall = {
    endIfUnread: (deadlineMs) => {
      if (answeredAtMs <= deadlineMs) end('unread')
    },
    endNow: () => end('now'),
  }
  function end(how: string): void {
    ends.push(how)
    forgetOpenCall(call)
  }
  rememberOpenCall(call)
  return ends
}

test('an answer unread for a minute ends, a younger one does not', () => {
  const old = openCallOf(1_000)
  const young = openCallOf(1_001)

  sweepOpenCalls(61_000)

  expect([old, young]).toEqual([['unread'], []])
})

test('all that is open ends once when the process does', () => {
  const first = openCallOf(0)
  const second = openCallOf(0)

  endOpenCalls()
  endOpenCalls()

  expect([first, second]).toEqual([['now'], ['now']])
})

test('of more calls than anybody makes at once, the oldest end', () => {
  const first = openCallOf(0)
  const second = openCallOf(0)
  for (let index = 0; index < 49_999; index++) openCallOf(0)

  expect([first, second]).toEqual([['now'], []])
})
