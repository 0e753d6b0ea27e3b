import { expect, test } from 'vitest'
import { buildRows, gapsOf, rowAt, rowsEqual, runsOf, valueOf } from './rows.ts'

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

test('what is only compared with neither fills a gap nor counts as calls of the bucket', () => {
  const rows = buildRows({ from: 0, last: MIN, stepMs: MIN, up: [[0, MIN]] }, [
    { key: 'p95', points: [{ ...point(0, 9), n: 5 }], empty: null },
    {
      key: 'p95@before',
      points: [
        { ...point(0, 7), n: 900 },
        { ...point(MIN, 7), n: 900 },
      ],
      empty: null,
      isReference: true,
    },
  ])

  expect(rows.map(({ n, isGap }) => [n, isGap])).toEqual([
    [5, false],
    [0, true],
  ])
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

test('rows are equal as long as what is drawn of them is', () => {
  const row = (t: number, p95: number, cost: number) => ({
    t,
    n: 5,
    isGap: false,
    values: { p95, cost },
  })

  expect(rowsEqual([row(0, 9, 1)], [row(0, 9, 2)], ['p95'])).toBe(true)
  expect(rowsEqual([row(0, 9, 1)], [row(0, 8, 1)], ['p95'])).toBe(false)
  expect(rowsEqual([row(0, 9, 1)], [{ ...row(0, 9, 1), isGap: true }], ['p95'])).toBe(false)
  expect(rowsEqual([row(0, 9, 1)], [row(MIN, 9, 1)], ['p95'])).toBe(false)
  expect(rowsEqual([row(0, 9, 1)], [], ['p95'])).toBe(false)
})

test('an instant is found in its bucket, and in none outside the range', () => {
  const rows = buildRows({ from: MIN, last: 2 * MIN, stepMs: MIN, up: [] }, [])

  expect(rowAt(rows, MIN, MIN + 59_999)?.t).toBe(MIN)
  expect(rowAt(rows, MIN, 0)).toBeUndefined()
  expect(rowAt(rows, MIN, 3 * MIN)).toBeUndefined()
  expect(rowAt(rows, MIN, null)).toBeUndefined()
})

test('a group may have any name', () => {
  const [row] = buildRows({ from: 0, last: 0, stepMs: MIN, up: [[0, MIN]] }, [
    { key: '__proto__', points: [point(0, 5)], empty: 0 },
  ])

  expect(row === undefined ? null : valueOf(row, '__proto__')).toBe(5)
})
