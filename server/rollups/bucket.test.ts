import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR_MS, tilesOf, unionTiles } from './bucket.ts'
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
