import { expect, test } from 'vitest'
import { createHoverStore } from './hover.ts'

test('a pinned time stays while the pointer moves, until it is let go', () => {
  const hover = createHoverStore()
  hover.set(60_000)
  hover.pin(60_000)
  hover.set(120_000)
  expect([hover.get(), hover.isPinned()]).toEqual([60_000, true])

  hover.pin(null)

  expect([hover.get(), hover.isPinned()]).toEqual([120_000, false])
})

test('listeners hear of changes only', () => {
  const hover = createHoverStore()
  let calls = 0
  const stop = hover.subscribe(() => (calls += 1))

  hover.set(60_000)
  hover.set(60_000)
  stop()
  hover.set(null)

  expect(calls).toBe(1)
})
