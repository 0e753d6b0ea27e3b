// A packed row holds every series of one project and time step:
//   version · schema length · schema (strings, then one tuple of string numbers per series) ·
//   lateness sketch · per series: counters, then histograms, each with its length in front.
// Strings and series are sorted, so equal content gives equal bytes whatever the order of merging,
// and rows with the same series share a schema that readers decode once.
// Rows without sampled calls, which are nearly all, leave that last counter out.
// A row that takes away what another counted (a span proved to repeat a call) has the signed format,
// in which counts may be negative; merging is the same addition. Series that come to nothing are
// left out, so that rows and corrections together equal a recount.
import { ByteReader, ByteWriter } from './bytes.ts'
import {
  COUNTERS,
  COUNTER_COUNT,
  HISTOGRAM_COUNT,
  MAX_SERIES,
  TUPLE_SIZE,
  otherTuple,
  tupleKey,
} from './series.ts'
import type { SeriesTuple } from './series.ts'
import { Sketch, skipSketch } from './sketch.ts'

// Formats: what kind of numbers, and whether sampled calls are counted.
const PLAIN = 1
const SIGNED = 2
const PLAIN_SAMPLED = 3
const SIGNED_SAMPLED = 4
/** zigzag needs one bit. */
const MAX_COUNTER = 2 ** 52 - 1
const MAX_CACHED_SCHEMAS = 512

export class Series {
  readonly tuple: SeriesTuple
  readonly counters = new Float64Array(COUNTER_COUNT)
  readonly histograms: readonly Sketch[] = Array.from(
    { length: HISTOGRAM_COUNT },
    () => new Sketch(),
  )

  constructor(tuple: SeriesTuple) {
    this.tuple = tuple
  }

  /** Nothing counted, or all of it taken away again. */
  get isEmpty(): boolean {
    return (
      this.counters.every((amount) => amount === 0) &&
      this.histograms.every((sketch) => sketch.isEmpty)
    )
  }

  get needsSigns(): boolean {
    return (
      this.counters.some((amount) => amount < 0) ||
      this.histograms.some((sketch) => sketch.isReduced)
    )
  }

  count(counter: number, amount: number): void {
    this.counters[counter] = Math.min(MAX_COUNTER, (this.counters[counter] ?? 0) + amount)
  }
}

export class PackedRow {
  readonly seriesByKey = new Map<string, Series>()
  /** received - end in ms of each call that is not backfill. */
  readonly lateness = new Sketch()

  /** The series of a tuple, made when new; beyond the cap the `__other__` one. */
  seriesOf(tuple: SeriesTuple, key: string = tupleKey(tuple)): Series {
    const known = this.seriesByKey.get(key)
    if (known !== undefined) return known
    if (this.seriesByKey.size < MAX_SERIES) return this.#insert(tuple, key)
    const other = otherTuple(tuple)
    const otherKey = tupleKey(other)
    return this.seriesByKey.get(otherKey) ?? this.#insert(other, otherKey)
  }

  /** Adds an encoded row to this one. */
  merge(data: Buffer): void {
    const cursor = new RowCursor(data)
    cursor.addLateness(this.lateness)
    for (const tuple of cursor.schema) {
      cursor.next()
      const series = this.seriesOf(tuple)
      for (let c = 0; c < COUNTER_COUNT; c += 1) series.count(c, cursor.counters[c] ?? 0)
      series.histograms.forEach((sketch, h) => {
        cursor.addHistogram(h, sketch)
      })
    }
  }

  get isEmpty(): boolean {
    return [...this.seriesByKey.values()].every((series) => series.isEmpty)
  }

  encode(): Buffer {
    const keys = [...this.seriesByKey.keys()].toSorted()
    const series = keys
      .flatMap((key) => this.seriesByKey.get(key) ?? [])
      .filter((one) => !one.isEmpty)
    const isSigned = series.some((one) => one.needsSigns)
    const schema = encodeSchema(series.map((one) => one.tuple))
    const out = new ByteWriter()
    const isSampled = series.some((one) => one.counters[COUNTERS.sampledCalls] !== 0)
    out.byte(formatOf(isSigned, isSampled))
    out.varint(schema.length)
    out.raw(schema)
    this.lateness.write(out)
    for (const one of series) {
      const counters = isSampled ? one.counters : one.counters.subarray(0, COUNTERS.sampledCalls)
      if (isSigned) writeSigned(one.histograms, counters, out)
      else writePlain(one.histograms, counters, out)
    }
    return Buffer.from(out.view())
  }

  #insert(tuple: SeriesTuple, key: string): Series {
    const series = new Series(tuple)
    this.seriesByKey.set(key, series)
    return series
  }
}

function formatOf(isSigned: boolean, isSampled: boolean): number {
  if (isSampled) return isSigned ? SIGNED_SAMPLED : PLAIN_SAMPLED
  return isSigned ? SIGNED : PLAIN
}

type Histograms = readonly Sketch[]

function writePlain(histograms: Histograms, counters: Float64Array, out: ByteWriter): void {
  for (const amount of counters) out.varint(amount)
  for (const sketch of histograms) sketch.write(out)
}

function writeSigned(histograms: Histograms, counters: Float64Array, out: ByteWriter): void {
  for (const amount of counters) out.zigzag(amount)
  for (const sketch of histograms) sketch.writeSigned(out)
}

/** Walks an encoded row series by series; histograms nobody asks for are skipped, not decoded. */
export class RowCursor {
  /** Tuples in the order `next` visits; the same array object for rows with equal schemas. */
  readonly schema: readonly SeriesTuple[]
  readonly counters = new Float64Array(COUNTER_COUNT)
  readonly #reader: ByteReader
  readonly #latenessAt: number
  readonly #histogramsAt = new Int32Array(HISTOGRAM_COUNT)
  readonly #isSigned: boolean
  readonly #counterCount: number

  constructor(data: Buffer) {
    const reader = new ByteReader(data)
    const version = reader.byte()
    if (version < PLAIN || version > SIGNED_SAMPLED) {
      throw new RangeError(
        `packed row has format ${version}, this server reads ${PLAIN} to ${SIGNED_SAMPLED}`,
      )
    }
    this.#isSigned = version === SIGNED || version === SIGNED_SAMPLED
    this.#counterCount = version >= PLAIN_SAMPLED ? COUNTER_COUNT : COUNTERS.sampledCalls
    const length = reader.varint()
    this.schema = schemaOf(data, reader.position, length)
    reader.position += length
    this.#latenessAt = reader.position
    skipSketch(reader)
    this.#reader = reader
  }

  /** Moves to the next series: reads its counters, notes where its histograms are. */
  next(): void {
    const reader = this.#reader
    for (let c = 0; c < this.#counterCount; c += 1) {
      this.counters[c] = this.#isSigned ? reader.zigzag() : reader.varint()
    }
    for (let h = 0; h < HISTOGRAM_COUNT; h += 1) {
      this.#histogramsAt[h] = reader.position
      skipSketch(reader)
    }
  }

  /** Adds histogram `h` of the current series to `target`. */
  addHistogram(h: number, target: Sketch): void {
    const reader = this.#reader
    const here = reader.position
    reader.position = this.#histogramsAt[h] ?? 0
    if (this.#isSigned) target.addSigned(reader)
    else target.addEncoded(reader)
    reader.position = here
  }

  addLateness(target: Sketch): void {
    const reader = this.#reader
    const here = reader.position
    reader.position = this.#latenessAt
    target.addEncoded(reader)
    reader.position = here
  }
}

function encodeSchema(tuples: readonly SeriesTuple[]): Buffer {
  const strings = [...new Set(tuples.flat().filter((value) => value !== null))].toSorted()
  const numberOf = new Map(strings.map((value, i) => [value, i + 1]))
  const out = new ByteWriter()
  out.varint(strings.length)
  for (const value of strings) out.text(value)
  out.varint(tuples.length)
  for (const tuple of tuples) {
    for (const value of tuple) out.varint(value === null ? 0 : (numberOf.get(value) ?? 0))
  }
  return Buffer.from(out.view())
}

const schemas = new Map<string, readonly SeriesTuple[]>()

function schemaOf(data: Buffer, start: number, length: number): readonly SeriesTuple[] {
  const key = data.toString('latin1', start, start + length)
  const known = schemas.get(key)
  if (known !== undefined) return known
  const schema = decodeSchema(new ByteReader(data, start))
  if (schemas.size >= MAX_CACHED_SCHEMAS) schemas.clear()
  schemas.set(key, schema)
  return schema
}

function decodeSchema(reader: ByteReader): readonly SeriesTuple[] {
  const strings: (string | null)[] = [null]
  for (let left = reader.varint(); left > 0; left -= 1) strings.push(reader.text())
  const tuples: SeriesTuple[] = []
  for (let left = reader.varint(); left > 0; left -= 1) {
    const tuple: (string | null)[] = []
    for (let i = 0; i < TUPLE_SIZE; i += 1) tuple.push(strings[reader.varint()] ?? null)
    tuples.push(tuple)
  }
  return tuples
}
