import { MINUTE_MS, type TimeRange } from '../contract/index.ts'

/** Beyond this many pieces one covering range is cheaper than many. */
const MAX_RANGES = 8

/** Minutes whose numbers changed since the last frame: one entry a minute, whatever the load. */
export class DirtyMinutes {
  readonly #starts = new Set<number>()

  add(atMs: number): void {
    this.#starts.add(Math.floor(atMs / MINUTE_MS) * MINUTE_MS)
  }

  addAll(other: DirtyMinutes): void {
    for (const start of other.#starts) this.#starts.add(start)
  }

  get isEmpty(): boolean {
    return this.#starts.size === 0
  }

  clear(): void {
    this.#starts.clear()
  }

  /** The buckets (`stepMs` wide, counted from `fromMs`) that hold a dirty minute, neighbours joined. */
  bucketRanges(fromMs: number, stepMs: number): TimeRange[] {
    const buckets = new Set<number>()
    for (const start of this.#starts) {
      if (start + MINUTE_MS > fromMs)
        buckets.add(Math.max(0, Math.floor((start - fromMs) / stepMs)))
    }
    const ranges: TimeRange[] = []
    for (const bucket of [...buckets].toSorted((a, b) => a - b)) {
      const range = { from: fromMs + bucket * stepMs, to: fromMs + (bucket + 1) * stepMs }
      const last = ranges.at(-1)
      if (last !== undefined && last.to === range.from) last.to = range.to
      else ranges.push(range)
    }
    const [first] = ranges
    const last = ranges.at(-1)
    if (ranges.length <= MAX_RANGES || first === undefined || last === undefined) return ranges
    return [{ from: first.from, to: last.to }]
  }
}

/**
 * Buckets that stopped being partial between two looks: their end plus the lateness was passed.
 * Returns the start of each such bucket, counted from `fromMs`.
 */
export function settledBuckets(
  grid: { fromMs: number; stepMs: number },
  seen: { previousMs: number; nowMs: number; latenessMs: number },
): number[] {
  const { fromMs, stepMs } = grid
  const first = Math.max(1, Math.floor((seen.previousMs - seen.latenessMs - fromMs) / stepMs) + 1)
  const last = Math.floor((seen.nowMs - seen.latenessMs - fromMs) / stepMs)
  const starts: number[] = []
  for (let end = first; end <= last; end += 1) starts.push(fromMs + (end - 1) * stepMs)
  return starts
}
