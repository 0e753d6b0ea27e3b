import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PackedRow, RowCursor } from './packed-row.ts'
import {
  COUNTERS,
  COUNTER_COUNT,
  HISTOGRAM_COUNT,
  MAX_SERIES,
  TUPLE_FIELDS,
  TUPLE_SIZE,
} from './series.ts'
import type { SeriesTuple } from './series.ts'
import { Sketch } from './sketch.ts'

const dimension = fc.option(fc.constantFrom('', 'a', 'b', '-', '1:a', 'größe', '🙂'), { nil: null })
const tuple = fc.array(dimension, { minLength: TUPLE_SIZE, maxLength: TUPLE_SIZE })
const call = fc.record({
  tuple,
  counters: fc.array(fc.nat(2 ** 31), { minLength: COUNTER_COUNT, maxLength: COUNTER_COUNT }),
  samples: fc.array(fc.nat(10_000_000), {
    minLength: HISTOGRAM_COUNT,
    maxLength: HISTOGRAM_COUNT,
  }),
  latenessMs: fc.nat(3_600_000),
})
type Call = { tuple: SeriesTuple; counters: number[]; samples: number[]; latenessMs: number }
const calls = fc.array(call, { maxLength: 40 })

const EMPTY_TUPLE: SeriesTuple = Array<null>(TUPLE_SIZE).fill(null)

function rowOf(list: readonly Call[]): PackedRow {
  const row = new PackedRow()
  for (const one of list) {
    const series = row.seriesOf(one.tuple)
    one.counters.forEach((amount, c) => series.count(c, amount))
    one.samples.forEach((value, h) => series.histograms[h]?.add(value))
    row.lateness.add(one.latenessMs)
  }
  return row
}

function mergeAll(parts: readonly Buffer[]): Buffer {
  const row = new PackedRow()
  for (const part of parts) row.merge(part)
  return row.encode()
}

test('rows without sampled calls keep the older format, and merge with rows that have some', () => {
  const one = rowOf([{ tuple: EMPTY_TUPLE, counters: [3], samples: [], latenessMs: 0 }])
  const sampled = rowOf([
    {
      tuple: EMPTY_TUPLE,
      counters: [2, ...Array<number>(9).fill(0), 2],
      samples: [],
      latenessMs: 0,
    },
  ])

  expect([one.encode()[0], sampled.encode()[0]]).toEqual([1, 3])
  const cursor = new RowCursor(mergeAll([one.encode(), sampled.encode(), one.encode()]))
  cursor.next()
  expect(cursor.counters[COUNTERS.requests]).toBe(8)
  expect(cursor.counters[COUNTERS.sampledCalls]).toBe(2)
})

test('any split and any order of merging gives the same bytes', () => {
  fc.assert(
    fc.property(
      calls.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      fc.integer({ min: 1, max: 5 }),
      ([list, shuffled], size) => {
        const whole = rowOf(list).encode()
        const parts = shuffled.map((_, i) => shuffled.slice(i * size, (i + 1) * size))
        const merged = mergeAll(parts.map((part) => rowOf(part).encode()))
        expect(merged).toEqual(whole)
      },
    ),
  )
})

test('decoding gives back every series, counter and sample', () => {
  fc.assert(
    fc.property(calls, (list) => {
      const row = rowOf(list)
      const cursor = new RowCursor(row.encode())
      const lateness = new Sketch()
      cursor.addLateness(lateness)
      expect([lateness.n, lateness.sum]).toEqual([row.lateness.n, row.lateness.sum])
      expect(cursor.schema.length).toBe(row.seriesByKey.size)
      for (const one of cursor.schema) {
        cursor.next()
        const series = row.seriesOf(one)
        expect(cursor.counters).toEqual(series.counters)
        series.histograms.forEach((sketch, h) => {
          const decoded = new Sketch()
          cursor.addHistogram(h, decoded)
          expect([decoded.n, decoded.sum]).toEqual([sketch.n, sketch.sum])
        })
      }
    }),
  )
})

test('series beyond the cap fold into one per type and status, and no count is lost', () => {
  const row = new PackedRow()
  const status = TUPLE_FIELDS.indexOf('status')
  for (let i = 0; i < MAX_SERIES + 500; i += 1) {
    const values = TUPLE_FIELDS.map((field) => (field === 'model' ? `model-${i}` : null))
    const withStatus = values.map((value, f) => (f === status ? 'ok' : value))
    row.seriesOf(withStatus).count(COUNTERS.requests, 1)
  }

  const decoded = new RowCursor(row.encode())

  expect(decoded.schema.length).toBe(MAX_SERIES + 1)
  let requests = 0
  let other = 0
  for (const one of decoded.schema) {
    decoded.next()
    requests += decoded.counters[COUNTERS.requests] ?? 0
    if (one[TUPLE_FIELDS.indexOf('model')] === '__other__') {
      other += decoded.counters[COUNTERS.requests] ?? 0
      expect(one[status]).toBe('ok')
    }
  }
  expect(requests).toBe(MAX_SERIES + 500)
  expect(other).toBe(500)
})

test('rows with the same series share one decoded schema', () => {
  const make = (amount: number): Buffer => {
    const row = new PackedRow()
    row.seriesOf(TUPLE_FIELDS.map(() => 'x')).count(COUNTERS.requests, amount)
    return row.encode()
  }

  expect(new RowCursor(make(1)).schema).toBe(new RowCursor(make(2)).schema)
})

test('a row of another format is refused by its number', () => {
  expect(() => new RowCursor(Buffer.from([9, 0, 0]))).toThrow('packed row has format 9')
})

const numbered = fc
  .array(call, { maxLength: 25 })
  .map((list) => list.map((one) => ({ ...one, counters: one.counters.map((n) => n + 1) })))

/** What was counted of `list` taken away. */
function takenAway(list: readonly Call[]): PackedRow {
  const row = new PackedRow()
  for (const one of list) {
    const series = row.seriesOf(one.tuple)
    one.counters.forEach((amount, c) => series.count(c, -amount))
    one.samples.forEach((value, h) => series.histograms[h]?.remove(value))
  }
  return row
}

/** All counts of a row, without its lateness and the extremes of its sketches. */
function countsOf(data: Buffer): unknown {
  const row = new PackedRow()
  row.merge(data)
  return [...row.seriesByKey].toSorted(byKey).map(([key, { counters, histograms }]) => ({
    key,
    counters: [...counters],
    histograms: histograms.map((sketch) => ({
      n: sketch.n,
      sum: sketch.sum,
      cells: cellsOf(sketch),
    })),
  }))
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function cellsOf(sketch: Sketch): [number, number][] {
  const cells: [number, number][] = []
  sketch.forEachCell((upper, count) => cells.push([upper, count]))
  return cells
}

test('rows and what takes some of their calls away come to a recount of the rest, in any order', () => {
  fc.assert(
    fc.property(
      numbered.chain((list) =>
        fc.tuple(fc.constant(list), fc.nat(list.length), fc.array(fc.nat(100), { maxLength: 60 })),
      ),
      ([list, goneCount, order]) => {
        const gone = list.slice(0, goneCount)
        const parts = [
          ...list.map((one) => rowOf([one]).encode()),
          ...gone.map((one) => takenAway([one]).encode()),
        ]
        const shuffled = parts
          .map((part, i) => ({ part, at: order[i] ?? i }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ part }) => part)

        const inSteps = mergeAll([
          mergeAll(shuffled.slice(0, list.length)),
          mergeAll(shuffled.slice(list.length)),
        ])

        expect(countsOf(mergeAll(shuffled))).toEqual(
          countsOf(rowOf(list.slice(goneCount)).encode()),
        )
        expect(countsOf(inSteps)).toEqual(countsOf(rowOf(list.slice(goneCount)).encode()))
      },
    ),
  )
})

test('after a correction quantiles stay within the error of a cell', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1_000, max: 10_000_000 }), { minLength: 2, maxLength: 30 }),
      fc.integer({ min: 1, max: 29 }),
      (samples, kept) => {
        const rest = samples.slice(0, Math.min(kept, samples.length - 1)).toSorted((a, b) => a - b)
        const sketch = new Sketch()
        for (const value of samples) sketch.add(value)
        for (const value of samples.slice(rest.length)) sketch.remove(value)

        expect(sketch.n).toBe(rest.length)
        for (const [q, truth] of [
          [0, rest[0]],
          [1, rest.at(-1)],
        ] as const) {
          const error = Math.abs((sketch.quantile(q) ?? 0) - (truth ?? 0)) / (truth ?? 1)
          expect(error).toBeLessThan(0.011)
        }
      },
    ),
  )
})
