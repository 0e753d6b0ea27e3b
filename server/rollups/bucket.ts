import { MINUTE_MS } from '../contract/index.ts'

export const FIVE_MINUTES_MS = 5 * MINUTE_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** Steps kept in table `rollups`, coarsest first; each divides the one before. */
export const STORED_STEPS_MS = [HOUR_MS, FIVE_MINUTES_MS, MINUTE_MS] as const

/** Rows of one stored step whose buckets start in `[fromMs, toMs)`. */
export type Tile = { stepMs: number; fromMs: number; toMs: number }

export function floorTo(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs
}

export function ceilTo(ms: number, stepMs: number): number {
  return Math.ceil(ms / stepMs) * stepMs
}

/** Covers `[fromMs, toMs)`, whole minutes, with the fewest stored rows. */
export function tilesOf(fromMs: number, toMs: number, level = 0): Tile[] {
  const stepMs = STORED_STEPS_MS[level]
  if (stepMs === undefined || fromMs >= toMs) return []
  const first = ceilTo(fromMs, stepMs)
  const last = floorTo(toMs, stepMs)
  if (first >= last) return tilesOf(fromMs, toMs, level + 1)
  return [
    ...tilesOf(fromMs, first, level + 1),
    { stepMs, fromMs: first, toMs: last },
    ...tilesOf(last, toMs, level + 1),
  ]
}

/** The same rows with none named twice: overlapping tiles of a step become one. */
export function unionTiles(tiles: readonly Tile[]): Tile[] {
  const ordered = tiles.toSorted((a, b) => a.stepMs - b.stepMs || a.fromMs - b.fromMs)
  const union: Tile[] = []
  for (const tile of ordered) {
    const last = union.at(-1)
    if (last !== undefined && last.stepMs === tile.stepMs && tile.fromMs <= last.toMs) {
      union[union.length - 1] = { ...last, toMs: Math.max(last.toMs, tile.toMs) }
    } else {
      union.push(tile)
    }
  }
  return union
}
