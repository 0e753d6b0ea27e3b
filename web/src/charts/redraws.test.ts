import { expect, test } from 'vitest'
import { createRedrawQueue, type Redraw } from './redraws.ts'

/** Frames come when the test says so; each draw takes as long as it is told to. */
function setUp() {
  let time = 0
  let frame: (() => void) | undefined
  const drawn: string[] = []
  const queue = createRedrawQueue({
    request: (run) => {
      expect(frame).toBeUndefined()
      frame = run
    },
    now: () => time,
  })
  const chart = (name: string, costMs: number): Redraw => ({
    draw: () => {
      drawn.push(name)
      time += costMs
    },
    isInView: true,
    isDrawn: true,
  })
  const nextFrame = (): string[] => {
    const run = frame
    frame = undefined
    run?.()
    return drawn.splice(0)
  }
  return { queue, chart, nextFrame, isAsleep: () => frame === undefined }
}

test('dense charts have a frame each, in the order they asked', () => {
  const { queue, chart, nextFrame, isAsleep } = setUp()
  for (const name of ['a', 'b', 'c']) queue.add(chart(name, 20))

  expect([nextFrame(), nextFrame(), nextFrame()]).toEqual([['a'], ['b'], ['c']])
  expect(isAsleep()).toBe(true)
})

test('cheap redraws share a frame up to its budget', () => {
  const { queue, chart, nextFrame } = setUp()
  for (const name of ['a', 'b', 'c', 'd']) queue.add(chart(name, 2))

  expect([nextFrame(), nextFrame()]).toEqual([['a', 'b', 'c'], ['d']])
})

test('a chart that asks again before its turn is drawn once', () => {
  const { queue, chart, nextFrame } = setUp()
  const one = chart('a', 1)
  queue.add(one)
  queue.add(one)

  expect(nextFrame()).toEqual(['a'])
})

test('a chart out of view waits and is drawn when it comes into view', () => {
  const { queue, chart, nextFrame, isAsleep } = setUp()
  const one = chart('a', 1)
  queue.setInView(one, false)
  queue.add(one)
  expect(isAsleep()).toBe(true)

  queue.setInView(one, true)

  expect(nextFrame()).toEqual(['a'])
})

test('a chart that was never drawn is drawn wherever it is', () => {
  const { queue, chart, nextFrame } = setUp()
  const one = { ...chart('a', 1), isDrawn: false }
  queue.setInView(one, false)
  queue.add(one)

  expect(nextFrame()).toEqual(['a'])
})

test('a chart that is gone is not drawn', () => {
  const { queue, chart, nextFrame } = setUp()
  const one = chart('a', 1)
  queue.add(one)
  queue.drop(one)

  expect(nextFrame()).toEqual([])
})
