import { MINUTE_MS } from '../contract/index.ts'
import type { DriftSignalName } from '../contract/index.ts'
import type { Tile } from '../rollups/bucket.ts'
import { RowCursor } from '../rollups/packed-row.ts'
import type { StoredRow } from '../rollups/read-rows.ts'
import { HISTOGRAMS, TUPLE_FIELDS } from '../rollups/series.ts'
import type { HistogramName, SeriesTuple } from '../rollups/series.ts'
import { Sketch } from '../rollups/sketch.ts'
import type { TupleMatcher } from '../rollups/tuple-filter.ts'

const SIGNAL_HISTOGRAMS: Record<DriftSignalName, HistogramName> = {
  input_length: 'inputTokens',
  output_length: 'outputTokens',
}
const TYPE_INDEX = TUPLE_FIELDS.indexOf('type')

/** One signal over time: each stored row decoded once, then summed into any window. */
export class SignalHistory {
  readonly #histogram: number
  readonly #matches: TupleMatcher
  readonly #rows = new Map<string, Sketch>()
  readonly #deltas = new Map<number, Sketch>()

  constructor(signal: DriftSignalName, matches: TupleMatcher) {
    this.#histogram = HISTOGRAMS[SIGNAL_HISTOGRAMS[signal]]
    this.#matches = matches
  }

  add(rows: readonly StoredRow[]): void {
    for (const row of rows) {
      if (row.isDelta) {
        const sketch = this.#deltas.get(row.bucketMs) ?? new Sketch()
        this.#deltas.set(row.bucketMs, sketch)
        this.#decode(row.data, sketch)
      } else {
        const sketch = new Sketch()
        this.#decode(row.data, sketch)
        this.#rows.set(keyOf(row.stepMs, row.bucketMs), sketch)
      }
    }
  }

  /** The sum over tiles, and the start of the first one with a call in it. */
  sum(tiles: readonly Tile[]): { sketch: Sketch; firstMs: number | null } {
    const sketch = new Sketch()
    let firstMs: number | null = null
    const merge = (part: Sketch | undefined, atMs: number): void => {
      if (part === undefined || part.isEmpty) return
      sketch.merge(part)
      firstMs = Math.min(firstMs ?? atMs, atMs)
    }
    for (const tile of tiles) {
      for (let at = tile.fromMs; at < tile.toMs; at += tile.stepMs) {
        merge(this.#rows.get(keyOf(tile.stepMs, at)), at)
      }
      for (const [at, part] of this.#deltas) {
        if (at >= tile.fromMs && at < tile.toMs) merge(part, at)
      }
    }
    return { sketch, firstMs }
  }

  /** Starts at `minMinutes` before `endMs` and goes back until `minCalls` are in, at most `max`. */
  widen(
    endMs: number,
    limits: { minMinutes: number; maxMinutes: number; minCalls: number },
  ): {
    sketch: Sketch
    fromMs: number
  } {
    const sketch = new Sketch()
    let fromMs = endMs
    for (let minutes = 1; minutes <= limits.maxMinutes; minutes += 1) {
      if (minutes > limits.minMinutes && sketch.n >= limits.minCalls) break
      fromMs = endMs - minutes * MINUTE_MS
      const minute = [{ stepMs: MINUTE_MS, fromMs, toMs: fromMs + MINUTE_MS }]
      sketch.merge(this.sum(minute).sketch)
    }
    return { sketch, fromMs }
  }

  #decode(data: Buffer, target: Sketch): void {
    const cursor = new RowCursor(data)
    for (const tuple of cursor.schema) {
      cursor.next()
      if (this.#matches(tuple)) cursor.addHistogram(this.#histogram, target)
    }
  }
}

/** Generations only: the length of an embedding's input says nothing about a prompt. */
export function isGeneration(tuple: SeriesTuple): boolean {
  return tuple[TYPE_INDEX] === 'llm'
}

function keyOf(stepMs: number, bucketMs: number): string {
  return `${stepMs}:${bucketMs}`
}
