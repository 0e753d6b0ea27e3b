// OpenTelemetry base-2 exponential histogram at scale 5. The grid does not depend on the data, so
// two sketches merge by adding integers, exactly and in any order. A bucket holds
// base^i < x <= base^(i+1) with base = 2^(1/32); its midpoint errs by at most 1.083 %.
// A sample that turned out wrong is taken away by a count of -1, so counts may be negative in
// between. `min` and `max` cannot be taken back: from then on they are read off the cells.
import type { ByteReader } from './bytes.ts'
import { ByteWriter } from './bytes.ts'

export const SKETCH_SCALE = 5
const CELLS_PER_OCTAVE = 2 ** SKETCH_SCALE
const BASE = 2 ** (1 / CELLS_PER_OCTAVE)
/** zigzag needs one bit, so sums stay exact up to 2^52 and stop there. */
const MAX_SUM = 2 ** 52 - 1

/** Index of the cell that holds `x` (> 0). */
export function cellIndex(x: number): number {
  return Math.ceil(Math.log2(x) * CELLS_PER_OCTAVE) - 1
}

/** Upper border of a cell, which belongs to it; the lower one is `cellUpper(index - 1)`. */
export function cellUpper(index: number): number {
  return 2 ** ((index + 1) / CELLS_PER_OCTAVE)
}

/** The value that represents a cell: at most 1.083 % from any value in it. */
export function cellValue(index: number): number {
  return (2 * cellUpper(index)) / (1 + BASE)
}

/** Counts of a contiguous run of cells, grown at both ends. */
export class Cells {
  #offset = 0
  #counts = new Float64Array(0)
  #total = 0

  get total(): number {
    return this.#total
  }

  add(index: number, count: number): void {
    const at = index - this.#offset
    if (at < 0 || at >= this.#counts.length) {
      this.#grow(index)
      this.#counts[index - this.#offset] = count
    } else {
      this.#counts[at] = (this.#counts[at] ?? 0) + count
    }
    this.#total += count
  }

  merge(other: Cells): void {
    other.forEach((index, count) => {
      this.add(index, count)
    })
  }

  get isEmpty(): boolean {
    return this.#counts.every((count) => count === 0)
  }

  /** Visits the non-empty cells in ascending order. */
  forEach(visit: (index: number, count: number) => void): void {
    const counts = this.#counts
    for (let at = 0; at < counts.length; at += 1) {
      const count = counts[at] ?? 0
      if (count !== 0) visit(at + this.#offset, count)
    }
  }

  /** Index of the cell holding the item of `rank` (0-based) in ascending order of index. */
  indexOfRank(rank: number): number {
    const counts = this.#counts
    let seen = 0
    for (let at = 0; at < counts.length; at += 1) {
      seen += counts[at] ?? 0
      if (seen > rank) return at + this.#offset
    }
    return this.#offset + counts.length - 1
  }

  #grow(index: number): void {
    const length = this.#counts.length
    if (length === 0) {
      this.#offset = index - 8
      this.#counts = new Float64Array(32)
      return
    }
    const spare = Math.max(16, length)
    const first = index < this.#offset ? index - spare : this.#offset
    const last = index < this.#offset ? this.#offset + length : index + spare
    const grown = new Float64Array(last - first)
    grown.set(this.#counts, this.#offset - first)
    this.#offset = first
    this.#counts = grown
  }
}

/** Histogram of whole numbers with exact `n`, `sum`, `min` and `max`. */
export class Sketch {
  readonly positive = new Cells()
  readonly negative = new Cells()
  zeros = 0
  sum = 0
  #min = Infinity
  #max = -Infinity
  /** Something was taken away, so that the extremes are known by their cells only. */
  #isReduced = false

  get n(): number {
    return this.positive.total + this.negative.total + this.zeros
  }

  /** Nothing to merge. What was taken away may stand against what was added in every cell but the sum. */
  get isEmpty(): boolean {
    if (this.n !== 0 || this.sum !== 0 || this.zeros !== 0) return false
    return this.positive.isEmpty && this.negative.isEmpty
  }

  /** Whether it can only be written in the signed form. */
  get isReduced(): boolean {
    return this.#isReduced
  }

  /** Exact, or the value of the lowest cell once something was taken away; Infinity when empty. */
  get min(): number {
    return this.#isReduced ? this.#cellExtremes()[0] : this.#min
  }

  get max(): number {
    return this.#isReduced ? this.#cellExtremes()[1] : this.#max
  }

  /** `value` must be a whole number within ±2^52. */
  add(value: number): void {
    if (value > 0) this.positive.add(cellIndex(value), 1)
    else if (value < 0) this.negative.add(cellIndex(-value), 1)
    else this.zeros += 1
    this.#addSummary(value, value, value)
  }

  /** Takes back a value that was added. */
  remove(value: number): void {
    if (value > 0) this.positive.add(cellIndex(value), -1)
    else if (value < 0) this.negative.add(cellIndex(-value), -1)
    else this.zeros -= 1
    this.#isReduced = true
    this.#addSum(-value)
  }

  merge(other: Sketch): void {
    this.#isReduced ||= other.#isReduced
    this.positive.merge(other.positive)
    this.negative.merge(other.negative)
    this.zeros += other.zeros
    this.#addSummary(other.sum, other.#min, other.#max)
  }

  /** Visits the non-empty cells in ascending order of value, each with its upper border. */
  forEachCell(visit: (upper: number, count: number) => void): void {
    const below: [number, number][] = []
    this.negative.forEach((index, count) => below.unshift([-cellUpper(index - 1), count]))
    for (const [upper, count] of below) visit(upper, count)
    if (this.zeros > 0) visit(0, this.zeros)
    this.positive.forEach((index, count) => {
      visit(cellUpper(index), count)
    })
  }

  /**
   * Quantile by linear interpolation between neighbouring ranks (as percentile_cont in SQL), each
   * within 1.083 % of its value; null when empty.
   */
  quantile(q: number): number | null {
    const n = this.n
    if (n <= 0) return null
    const position = q * (n - 1)
    const rank = Math.floor(position)
    const low = this.#valueAtRank(rank)
    const share = position - rank
    return share === 0 ? low : low + (this.#valueAtRank(rank + 1) - low) * share
  }

  /** Appends the sketch with its byte length in front; an empty one is a single 0. */
  write(out: ByteWriter): void {
    if (this.isEmpty) {
      out.varint(0)
      return
    }
    scratch.clear()
    scratch.varint(this.zeros)
    scratch.zigzag(this.sum)
    scratch.zigzag(this.#min)
    scratch.varint(this.#max - this.#min)
    writeCells(scratch, this.positive, false)
    writeCells(scratch, this.negative, false)
    out.varint(scratch.length)
    out.raw(scratch.view())
  }

  /** As `write`, for counts that may be negative; the extremes are left out where cells tell them. */
  writeSigned(out: ByteWriter): void {
    if (this.isEmpty) {
      out.varint(0)
      return
    }
    scratch.clear()
    scratch.byte(this.#isReduced ? 1 : 0)
    scratch.zigzag(this.zeros)
    scratch.zigzag(this.sum)
    if (!this.#isReduced) {
      scratch.zigzag(this.#min)
      scratch.varint(this.#max - this.#min)
    }
    writeCells(scratch, this.positive, true)
    writeCells(scratch, this.negative, true)
    out.varint(scratch.length)
    out.raw(scratch.view())
  }

  /** Adds the sketch that `writeSigned` put at the reader's position. */
  addSigned(reader: ByteReader): void {
    if (reader.varint() === 0) return
    const isReduced = reader.byte() === 1
    this.zeros += reader.zigzag()
    const sum = reader.zigzag()
    if (isReduced) {
      this.#isReduced = true
      this.#addSum(sum)
    } else {
      const min = reader.zigzag()
      this.#addSummary(sum, min, min + reader.varint())
    }
    addEncodedCells(reader, this.positive, true)
    addEncodedCells(reader, this.negative, true)
  }

  /** Adds the sketch that `write` put at the reader's position. */
  addEncoded(reader: ByteReader): void {
    if (reader.varint() === 0) return
    this.zeros += reader.varint()
    const sum = reader.zigzag()
    const min = reader.zigzag()
    this.#addSummary(sum, min, min + reader.varint())
    addEncodedCells(reader, this.positive, false)
    addEncodedCells(reader, this.negative, false)
  }

  #addSummary(sum: number, min: number, max: number): void {
    this.#addSum(sum)
    if (min < this.#min) this.#min = min
    if (max > this.#max) this.#max = max
  }

  #addSum(sum: number): void {
    this.sum = Math.max(-MAX_SUM, Math.min(MAX_SUM, this.sum + sum))
  }

  #cellExtremes(): [min: number, max: number] {
    let min = Infinity
    let max = -Infinity
    const see = (value: number): void => {
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
    this.positive.forEach((index) => see(cellValue(index)))
    this.negative.forEach((index) => see(-cellValue(index)))
    if (this.zeros !== 0) see(0)
    return [min, max]
  }

  #valueAtRank(rank: number): number {
    const { min, max } = this
    if (rank <= 0) return min
    if (rank >= this.n - 1) return max
    const negatives = this.negative.total
    let value = 0
    if (rank < negatives) value = -cellValue(this.negative.indexOfRank(negatives - 1 - rank))
    else if (rank >= negatives + this.zeros) {
      value = cellValue(this.positive.indexOfRank(rank - negatives - this.zeros))
    }
    return Math.max(min, Math.min(max, value))
  }
}

const scratch = new ByteWriter(4_096)

/** Moves the reader past an encoded sketch. */
export function skipSketch(reader: ByteReader): void {
  const length = reader.varint()
  reader.position += length
}

function writeCells(out: ByteWriter, cells: Cells, isSigned: boolean): void {
  let filled = 0
  cells.forEach(() => {
    filled += 1
  })
  out.varint(filled)
  let previous: number | undefined
  cells.forEach((index, count) => {
    if (previous === undefined) out.zigzag(index)
    else out.varint(index - previous - 1)
    if (isSigned) out.zigzag(count)
    else out.varint(count)
    previous = index
  })
}

function addEncodedCells(reader: ByteReader, cells: Cells, isSigned: boolean): void {
  const filled = reader.varint()
  let index = 0
  for (let i = 0; i < filled; i += 1) {
    index = i === 0 ? reader.zigzag() : index + reader.varint() + 1
    cells.add(index, isSigned ? reader.zigzag() : reader.varint())
  }
}
