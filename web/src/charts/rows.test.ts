import { expect, test } from 'vitest'
import { buildRows, gapsOf, runsOf } from './rows.ts'

const MIN = 60_000
const point = (t: number, value: number) => ({ t, value, n: value, partial: false })

test('a missing bucket is a true zero for sums while a collector ran, and a gap while none did', () => {
  const rows = buildRows({ from: 0, last: 3 * MIN, stepMs: MIN, up: [[0, 2 * MIN]] }, [
    { key: 'requests', points: [point(0, 5)], empty: 0 },
    { key: 'p95', points: [point(0, 9)], empty: null },
  ])

  expect(rows.map((row) => [row.values['requests'], row.values['p95'], row.isGap])).toEqual([
    [5, 9, false],
    [0, null, false],
    [null, null, true],
    [null, null, true],
  ])
})

test('a bucket with points is no gap even where no collector was noted', () => {
  const [row] = buildRows({ from: 0, last: 0, stepMs: MIN, up: [] }, [
    { key: 'requests', points: [point(0, 5)], empty: 0 },
  ])

  expect(row).toMatchObject({ isGap: false, n: 5, values: { requests: 5 } })
})

test('neighbouring gap buckets are one gap', () => {
  const rows = [0, 1, 2, 3, 4].map((index) => ({
    t: index * MIN,
    n: 0,
    values: {},
    isGap: index === 1 || index === 2 || index === 4,
  }))

  expect(gapsOf(rows, MIN)).toEqual([
    { from: MIN, to: 3 * MIN },
    { from: 4 * MIN, to: 5 * MIN },
  ])
})

test('runs break where a row is not drawn', () => {
  expect(runsOf([1, 2, 0, 3], (value) => value > 0)).toEqual([[1, 2], [3]])
})
