import { expect, test } from 'vitest'
import { TraceMinutes } from './trace-minutes.ts'

const MINUTE = 60_000

function endedAt(traceId: string, ...minutes: number[]) {
  return minutes.map((minute) => ({ traceId, endUs: (minute * MINUTE + 500) * 1_000 }))
}

function minutesOf(tracked: TraceMinutes, traceId: string, ...minutes: number[]): number[] {
  const dirty = tracked.add('default', endedAt(traceId, ...minutes))
  return dirty.bucketRanges(0, MINUTE).map(({ from }) => from / MINUTE)
}

test('a span makes every minute dirty in which a span of its trace ended before', () => {
  const tracked = new TraceMinutes()

  expect(minutesOf(tracked, 'a', 3)).toEqual([3])
  expect(minutesOf(tracked, 'b', 5)).toEqual([5])
  expect(minutesOf(tracked, 'a', 7)).toEqual([3, 7])
})

test('traces of other projects are other traces', () => {
  const tracked = new TraceMinutes()
  tracked.add('theirs', endedAt('a', 3))

  expect(minutesOf(tracked, 'a', 7)).toEqual([7])
})

test('of many traces the one that was silent longest is forgotten', () => {
  const tracked = new TraceMinutes()
  tracked.add('default', endedAt('old', 1))
  tracked.add('default', endedAt('kept', 1))
  for (let i = 0; i < 19_998; i += 1) tracked.add('default', endedAt(`t${i}`, 2))
  tracked.add('default', endedAt('kept', 3))
  tracked.add('default', endedAt('new', 2))

  expect(minutesOf(tracked, 'old', 9)).toEqual([9])
  expect(minutesOf(tracked, 'kept', 9)).toEqual([1, 3, 9])
})

test('of a trace that goes on for hours the latest minutes are kept', () => {
  const tracked = new TraceMinutes()
  for (let minute = 0; minute < 200; minute += 2) tracked.add('default', endedAt('a', minute))
  for (let minute = 200; minute < 400; minute += 2) tracked.add('default', endedAt('a', minute))
  const dirty = tracked.add('default', endedAt('a', 400))

  expect(dirty.bucketRanges(0, MINUTE)).toEqual([{ from: 160 * MINUTE, to: 401 * MINUTE }])
})
