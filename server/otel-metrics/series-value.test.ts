import { describe, expect, it } from 'vitest'
import { incrementsOf, SeriesBucket, type StoredPoint } from './series-value.ts'

const MINUTE_MS = 60_000
const T0 = 1_800_000_000_000

function point(minute: number, value: number, more: Partial<StoredPoint> = {}): StoredPoint {
  return {
    seriesId: 'a',
    at: T0 + minute * MINUTE_MS,
    startedAt: T0,
    isCumulative: true,
    value,
    count: null,
    buckets: null,
    ...more,
  }
}

describe('increments of a series', () => {
  it('of deltas are their values', () => {
    const points = [1, 2].map((minute) => point(minute, 5, { isCumulative: false }))
    expect(incrementsOf(points).map(({ value }) => value)).toEqual([5, 5])
  })

  it('of a counter that began within the hour count from its start', () => {
    const points = [point(1, 10), point(2, 15)]
    expect(incrementsOf(points).map(({ value }) => value)).toEqual([10, 5])
  })

  it('of a counter that began long ago leave out what came before the first point', () => {
    const startedAt = T0 - 24 * 60 * MINUTE_MS
    const points = [point(1, 1_000, { startedAt }), point(2, 1_004, { startedAt })]
    expect(incrementsOf(points).map(({ value }) => value)).toEqual([4])
  })

  it('never fall: a counter that does has begun anew without saying so', () => {
    const points = [point(1, 10), point(2, 3)]
    expect(incrementsOf(points).map(({ value }) => value)).toEqual([10, 3])
  })

  it('of two runs and of two series are told apart', () => {
    const points = [
      point(1, 10),
      point(3, 4, { startedAt: T0 + 2 * MINUTE_MS }),
      point(3, 7, { seriesId: 'b' }),
    ]
    expect(incrementsOf(points).map(({ value }) => value)).toEqual([10, 4, 7])
  })

  it('of cumulative buckets are differences of each count', () => {
    const bounds = [1, 2]
    const points = [
      point(1, 0, { count: 3, buckets: { bounds, counts: [1, 1, 1] } }),
      point(2, 0, { count: 6, buckets: { bounds, counts: [1, 4, 1] } }),
    ]
    expect(incrementsOf(points).at(1)).toMatchObject({
      count: 3,
      buckets: { bounds, counts: [0, 3, 0] },
    })
  })
})

describe('a bucket of a histogram', () => {
  function filled(bounds: number[], counts: number[]): SeriesBucket {
    const bucket = new SeriesBucket('histogram')
    const count = counts.reduce((sum, n) => sum + n, 0)
    bucket.add({ seriesId: 'a', at: T0, value: 12, count, buckets: { bounds, counts } })
    return bucket
  }

  it('puts values evenly between the bounds of their count', () => {
    const bucket = filled([1, 2], [0, 10, 0])
    expect(bucket.value('p50')).toBeCloseTo(1.5, 10)
    expect(bucket.value('p90')).toBeCloseTo(1.9, 10)
  })

  it('says the last bound of what lies above it', () => {
    expect(filled([1, 2], [1, 0, 9]).value('p95')).toBe(2)
  })

  it('adds up series with other bounds', () => {
    const bucket = filled([1], [10, 0])
    bucket.add({
      seriesId: 'b',
      at: T0,
      value: 30,
      count: 10,
      buckets: { bounds: [2, 4], counts: [0, 10, 0] },
    })
    expect(bucket.value('p50')).toBe(1)
    expect(bucket.value('p99')).toBeCloseTo(3.96, 10)
    expect(bucket.value('avg')).toBeCloseTo(42 / 20, 10)
    expect(bucket.n).toBe(20)
  })

  it('without values has none', () => {
    const empty = new SeriesBucket('histogram')
    expect([empty.value('p50'), empty.value('avg'), empty.value('count')]).toEqual([null, null, 0])
  })
})
