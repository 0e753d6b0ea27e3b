import { MINUTE_MS } from '../contract/index.ts'

export const FIVE_MINUTES_MS = 5 * MINUTE_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** Steps kept in table `rollups`, coarsest first; each divides the one before. */
export const STORED_STEPS_MS = [HOUR_MS, FIVE_MINUTES_MS, MINUTE_MS] as const

/** Whole hours since which the finer steps have all their rows; hours are kept longest. */
export type KeptSince = { minutesFromMs: number; fiveMinutesFromMs: number }
export const ALL_KEPT: KeptSince = { minutesFromMs: -Infinity, fiveMinutesFromMs: -Infinity }

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

/**
 * Stored rows that cover `[fromMs, toMs)`, none of them across the border of two buckets. Where the
 * finer rows have expired, borders move to the next coarser row's start: a row then counts in the
 * bucket that holds its start.
 */
export function bucketTiles(
  range: { fromMs: number; toMs: number; stepMs: number },
  kept: KeptSince,
): Tile[] {
  const eras = [
    { grainMs: HOUR_MS, fromMs: -Infinity, toMs: kept.fiveMinutesFromMs },
    { grainMs: FIVE_MINUTES_MS, fromMs: kept.fiveMinutesFromMs, toMs: kept.minutesFromMs },
    { grainMs: MINUTE_MS, fromMs: kept.minutesFromMs, toMs: Infinity },
  ]
  const tiles: Tile[] = []
  for (let at = range.fromMs; at < range.toMs; at += range.stepMs) {
    const end = Math.min(at + range.stepMs, range.toMs)
    for (const era of eras) {
      const fromMs = Math.max(at, era.fromMs)
      const toMs = Math.min(end, era.toMs)
      if (fromMs >= toMs) continue
      tiles.push(...tilesOf(ceilTo(fromMs, era.grainMs), ceilTo(toMs, era.grainMs)))
    }
  }
  return unionTiles(tiles)
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
