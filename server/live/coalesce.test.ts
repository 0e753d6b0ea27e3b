import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DirtyMinutes, settledBuckets } from './coalesce.ts'

const MINUTE = 60_000

test('dirty minutes become the buckets that hold them, neighbours joined', () => {
  const dirty = new DirtyMinutes()
  for (const minute of [0, 1, 7, 30]) dirty.add(minute * MINUTE + 500)

  expect(dirty.bucketRanges(0, 5 * MINUTE)).toEqual([
    { from: 0, to: 10 * MINUTE },
    { from: 30 * MINUTE, to: 35 * MINUTE },
  ])
})

test('minutes before the start of the grid are nobody’s news', () => {
  const dirty = new DirtyMinutes()
  dirty.add(3 * MINUTE)

  expect(dirty.bucketRanges(4 * MINUTE, MINUTE)).toEqual([])
})

test('many scattered minutes become one covering range', () => {
  const dirty = new DirtyMinutes()
  for (let minute = 0; minute < 40; minute += 2) dirty.add(minute * MINUTE)

  expect(dirty.bucketRanges(0, MINUTE)).toEqual([{ from: 0, to: 39 * MINUTE }])
})

test('each dirty minute lies in exactly the buckets asked for, whatever the grid', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 60 }),
      (minutes, fromMinute, stepMinutes) => {
        const dirty = new DirtyMinutes()
        for (const minute of minutes) dirty.add(minute * MINUTE)
        const ranges = dirty.bucketRanges(fromMinute * MINUTE, stepMinutes * MINUTE)
        const isCovered = (minute: number) =>
          ranges.some(({ from, to }) => from <= minute * MINUTE && minute * MINUTE < to)
        expect(minutes.every((minute) => isCovered(minute) === minute >= fromMinute)).toBe(true)
        expect(
          ranges.every(({ from }) => (from - fromMinute * MINUTE) % (stepMinutes * MINUTE) === 0),
        ).toBe(true)
      },
    ),
  )
})

test('a bucket is news once when its end plus the lateness has passed', () => {
  const grid = { fromMs: 0, stepMs: MINUTE }
  const latenessMs = 30_000

  expect(settledBuckets(grid, { previousMs: 80_000, nowMs: 89_999, latenessMs })).toEqual([])
  expect(settledBuckets(grid, { previousMs: 89_999, nowMs: 90_000, latenessMs })).toEqual([0])
  expect(settledBuckets(grid, { previousMs: 90_000, nowMs: 220_000, latenessMs })).toEqual([
    MINUTE,
    2 * MINUTE,
  ])
})
