import { DecodeError } from './otlp.ts'

/**
 * A position in a protobuf body. All readers advance `at` and never pass `end`. `isFresh` says
 * whether the text read last is new, or came (already found clean) from the cache.
 */
export type Cursor = { readonly bytes: Buffer; at: number; isFresh: boolean }

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
const GROUP_START = 3
const GROUP_END = 4
const MAX_GROUP_DEPTH = 64

const INTERN_SLOTS = 4_096
const MAX_INTERN_BYTES = 64
// Attribute keys repeat on every span: a byte-compared cache makes reading one ~4x cheaper and
// hands out strings whose hash V8 has already computed.
const interned: string[] = Array.from({ length: INTERN_SLOTS }, () => '')

function invalidAt(at: number): DecodeError {
  return new DecodeError(`invalid protobuf at byte ${at}`)
}

/** A tag, length or enum: 64-bit varints are cut to their low 32 bits. */
export function readVarint32(cursor: Cursor, end: number): number {
  const { bytes } = cursor
  const start = cursor.at
  let at = start
  let value = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw invalidAt(start)
    const byte = bytes[at++] as number
    if (shift < 32) value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      cursor.at = at
      return value >>> 0
    }
  }
  throw invalidAt(start)
}

/** A two's complement int64: a number where exact, else a bigint. */
export function readInt64(cursor: Cursor, end: number): number | bigint {
  const { bytes } = cursor
  const start = cursor.at
  let at = start
  let low = 0
  let high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw invalidAt(start)
    const byte = bytes[at++] as number
    const bits = byte & 0x7f
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high |= bits >>> 4
    } else if (shift < 64) high |= bits << (shift - 32)
    if (byte < 0x80) {
      cursor.at = at
      return joinInt64(low >>> 0, high | 0)
    }
  }
  throw invalidAt(start)
}

function joinInt64(low: number, high: number): number | bigint {
  const value = high * 4_294_967_296 + low
  if (Number.isSafeInteger(value)) return value
  return (BigInt(high) << 32n) | BigInt(low)
}

/** fixed64 nanoseconds to whole microseconds without BigInt, exact up to 2^53 of them (year 2255). */
export function readMicroseconds(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor
  if (at + 8 > end) throw invalidAt(at)
  const low = bytes.readUInt32LE(at)
  const high = bytes.readUInt32LE(at + 4)
  cursor.at = at + 8
  // 2^32 ns = 4,294,967 µs + 296 ns.
  return high * 4_294_967 + Math.floor((high * 296 + low) / 1_000)
}

export function readFixed32(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor
  if (at + 4 > end) throw invalidAt(at)
  cursor.at = at + 4
  return bytes.readUInt32LE(at)
}

/** An unsigned count: exact up to 2^53. */
export function readFixed64(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor
  if (at + 8 > end) throw invalidAt(at)
  cursor.at = at + 8
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 4_294_967_296
}

export function readSfixed64(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor
  if (at + 8 > end) throw invalidAt(at)
  cursor.at = at + 8
  return bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 4_294_967_296
}

/** An unsigned count as a varint: exact up to 2^53. */
export function readVarint64(cursor: Cursor, end: number): number {
  return Number(BigInt.asUintN(64, BigInt(readInt64(cursor, end))))
}

export function readDouble(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor
  if (at + 8 > end) throw invalidAt(at)
  cursor.at = at + 8
  return bytes.readDoubleLE(at)
}

/** The end of the length-delimited field that starts here; `at` then stands on its first byte. */
export function readLength(cursor: Cursor, end: number): number {
  const start = cursor.at
  const fieldEnd = readVarint32(cursor, end) + cursor.at
  if (fieldEnd > end) throw invalidAt(start)
  return fieldEnd
}

/** Text of the length-delimited field that starts here; invalid UTF-8 becomes U+FFFD. */
export function readText(cursor: Cursor, end: number): string {
  const fieldEnd = readLength(cursor, end)
  const text = cursor.bytes.toString('utf8', cursor.at, fieldEnd)
  cursor.at = fieldEnd
  return text
}

/** As `readText`, for text that is mostly short and repeats from span to span. */
export function readRepeatedText(cursor: Cursor, end: number): string {
  const fieldEnd = readLength(cursor, end)
  const start = cursor.at
  const length = fieldEnd - start
  cursor.at = fieldEnd
  const { bytes } = cursor
  cursor.isFresh = length > MAX_INTERN_BYTES
  if (length === 0) return ''
  if (cursor.isFresh) return bytes.toString('utf8', start, fieldEnd)
  let hash = length
  for (let at = start; at < fieldEnd; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  const slot = (hash ^ (hash >>> 15)) & (INTERN_SLOTS - 1)
  const known = interned[slot] as string
  if (known.length === length && isSameAscii(known, bytes, start)) return known
  const text = bytes.toString('utf8', start, fieldEnd)
  cursor.isFresh = true
  if (!text.includes('\u0000')) interned[slot] = text
  return text
}

function isSameAscii(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index] as number
    if (byte > 0x7f || text.charCodeAt(index) !== byte) return false
  }
  return true
}

/** A known field (number ≤ `known`) with another wire type is damage, any other a newer sender. */
export function skipUnknown(
  cursor: Cursor,
  end: number,
  field: { tag: number; known: number },
): void {
  if (field.tag >>> 3 <= field.known) throw invalidAt(cursor.at)
  skipNested(cursor, end, { tag: field.tag, depth: 0 })
}

function skipNested(cursor: Cursor, end: number, field: { tag: number; depth: number }): void {
  const start = cursor.at
  switch (field.tag & 7) {
    case VARINT:
      readVarint32(cursor, end)
      return
    case FIXED64:
      cursor.at += 8
      break
    case BYTES:
      cursor.at = readLength(cursor, end)
      return
    case GROUP_START:
      skipGroup(cursor, end, field)
      return
    case FIXED32:
      cursor.at += 4
      break
    default:
      throw invalidAt(start)
  }
  if (cursor.at > end) throw invalidAt(start)
}

function skipGroup(cursor: Cursor, end: number, group: { tag: number; depth: number }): void {
  if (group.depth >= MAX_GROUP_DEPTH) throw invalidAt(cursor.at)
  for (;;) {
    const start = cursor.at
    const tag = readVarint32(cursor, end)
    if (tag >>> 3 === 0) throw invalidAt(start)
    if ((tag & 7) === GROUP_END) {
      if (tag >>> 3 !== group.tag >>> 3) throw invalidAt(start)
      return
    }
    skipNested(cursor, end, { tag, depth: group.depth + 1 })
  }
}

/** Reads a tag; field number 0 and unknown wire types end the message's decoding. */
export function readTag(cursor: Cursor, end: number): number {
  const start = cursor.at
  const tag = readVarint32(cursor, end)
  if (tag < 8) throw invalidAt(start)
  return tag
}
