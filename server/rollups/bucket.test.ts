import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ALL_KEPT,
  DAY_MS,
  FIVE_MINUTES_MS,
  HOUR_MS,
  bucketTiles,
  tilesOf,
  unionTiles,
} from './bucket.ts'
import type { Tile } from './bucket.ts'

const MINUTE_MS = 60_000

function minutesOf(tiles: readonly Tile[]): number[] {
  const minutes: number[] = []
  for (const tile of tiles) {
    for (let at = tile.fromMs; at < tile.toMs; at += MINUTE_MS) minutes.push(at / MINUTE_MS)
  }
  return minutes
}

test('tiles cover a range exactly once, in order, and start on their own step', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.nat(5_000), (first, length) => {
      const tiles = tilesOf(first * MINUTE_MS, (first + length) * MINUTE_MS)
      expect(minutesOf(tiles)).toEqual(Array.from({ length }, (_, i) => first + i))
      for (const tile of tiles)
        expect([tile.fromMs % tile.stepMs, tile.toMs % tile.stepMs]).toEqual([0, 0])
    }),
  )
})

test('whole hours are covered by hour rows alone', () => {
  expect(tilesOf(3 * HOUR_MS, 8 * HOUR_MS)).toEqual([
    { stepMs: HOUR_MS, fromMs: 3 * HOUR_MS, toMs: 8 * HOUR_MS },
  ])
})

test('overlapping tiles of one step become one, so that no row is read twice', () => {
  const tile = (fromMs: number, toMs: number): Tile => ({ stepMs: MINUTE_MS, fromMs, toMs })

  expect(unionTiles([tile(120_000, 240_000), tile(0, 180_000), tile(300_000, 360_000)])).toEqual([
    tile(0, 240_000),
    tile(300_000, 360_000),
  ])
})

test('no tile lies across the border of two buckets', () => {
  fc.assert(
    fc.property(
      fc.nat(500),
      fc.integer({ min: 1, max: 500 }),
      fc.nat(2_000),
      (from, step, length) => {
        const fromMs = from * MINUTE_MS
        const stepMs = step * MINUTE_MS
        const toMs = fromMs + length * MINUTE_MS
        const tiles = bucketTiles({ fromMs, toMs, stepMs }, ALL_KEPT)
        expect(minutesOf(tiles).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length }, (_, i) => from + i),
        )
        for (const tile of tiles) {
          for (let at = tile.fromMs; at < tile.toMs; at += tile.stepMs) {
            const first = Math.floor((at - fromMs) / stepMs)
            const last = Math.floor((at + tile.stepMs - 1 - fromMs) / stepMs)
            expect(last).toBe(first)
          }
        }
      },
    ),
  )
})

test('only rows that are still kept are asked for, and none of them twice', () => {
  const nowMs = 1_000 * DAY_MS + 17 * MINUTE_MS
  const fromMs = nowMs - 40 * DAY_MS + 7 * MINUTE_MS
  const kept = {
    minutesFromMs: Math.ceil(nowMs / HOUR_MS) * HOUR_MS - 15 * DAY_MS,
    fiveMinutesFromMs: Math.ceil(nowMs / HOUR_MS) * HOUR_MS - 35 * DAY_MS,
  }
  const tiles = bucketTiles({ fromMs, toMs: nowMs, stepMs: HOUR_MS }, kept)

  const minutes = minutesOf(tiles)
  expect(new Set(minutes).size).toBe(minutes.length)
  // From the first whole hour on there is no gap: 40 days less the 53 minutes before it.
  expect(minutes.length * MINUTE_MS).toBe(nowMs - Math.ceil(fromMs / HOUR_MS) * HOUR_MS)
  for (const { stepMs, fromMs: start } of tiles) {
    const ageMs = nowMs - start
    if (stepMs === MINUTE_MS) expect(ageMs).toBeLessThan(15 * DAY_MS)
    if (stepMs === FIVE_MINUTES_MS) expect(ageMs).toBeLessThan(35 * DAY_MS)
  }
})
