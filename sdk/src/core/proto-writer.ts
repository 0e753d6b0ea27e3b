// Protobuf in one pass: the length of a message is written, with padding, after the message itself.
import { allocate } from './platform.ts'
import type { Bytes } from './platform.ts'

const FIRST_BYTES = 64 * 1_024
// Up to here a text's bytes are bounded by three a character; beyond, counting wastes less.
const MEASURED_CHARS = 64 * 1_024
// Texts shorter than this are faster byte by byte than by a call into the runtime.
const SHORT_CHARS = 24
const TWO_32 = 4_294_967_296

const encoder = new TextEncoder()
const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

/** Bytes of a padded length that can say at least `most`. */
export function widthFor(most: number): number {
  if (most < 0x80) return 1
  if (most < 0x4000) return 2
  return most < 0x20_0000 ? 3 : 5
}

/** Bytes of the shortest varint of a length. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** Writes fields one after the other into one growing array. Tags are whole: (field << 3) | wire type. */
export class ProtoWriter {
  bytes: Bytes
  at = 0

  constructor(firstBytes: number = FIRST_BYTES) {
    this.bytes = allocate(firstBytes)
  }

  reserve(more: number): void {
    const needed = this.at + more
    if (needed <= this.bytes.length) return
    const larger = allocate(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
  }

  /** Begins a message; answers where its length stands, for `close`. */
  open(tag: number, width: number): number {
    this.reserve(1 + width)
    this.bytes[this.at] = tag
    const lengthAt = this.at + 1
    this.at = lengthAt + width
    return lengthAt
  }

  close(lengthAt: number, width: number): void {
    this.#putLength(lengthAt, width, this.at - lengthAt - width)
  }

  /** A field of unsigned 32 bits. */
  uint32(tag: number, value: number): void {
    this.reserve(6)
    this.bytes[this.at++] = tag
    this.#varint(value)
  }

  /** A field of 64 bits from a safe integer; negative ones take ten bytes. */
  int64(tag: number, value: number): void {
    this.reserve(11)
    this.bytes[this.at++] = tag
    if (value >= 0 && value < TWO_32) this.#varint(value)
    else this.#varint64(value >>> 0, Math.floor(value / TWO_32) >>> 0)
  }

  double(tag: number, value: number): void {
    this.reserve(9)
    this.bytes[this.at++] = tag
    double[0] = value
    for (let index = 0; index < 8; index++) this.bytes[this.at++] = doubleBytes[index] ?? 0
  }

  /** Seconds and nanoseconds as nanoseconds of 64 bits, exact although a double cannot hold them. */
  nanoseconds(tag: number, [seconds, nanos]: readonly [number, number]): void {
    this.reserve(9)
    this.bytes[this.at++] = tag
    const upper = Math.floor(seconds / 65_536) * 1e9
    const lower = (seconds % 65_536) * 1e9 + nanos
    const middle = (upper % 65_536) * 65_536 + lower
    this.#putUint32(middle % TWO_32)
    this.#putUint32(Math.floor(upper / 65_536) + Math.floor(middle / TWO_32))
  }

  /** The bytes of an id in hex. */
  hex(tag: number, hex: string): void {
    const length = hex.length >>> 1
    this.reserve(length + 6)
    const { bytes } = this
    bytes[this.at++] = tag
    this.#varint(length)
    for (let index = 0; index < length * 2; index += 2) {
      const high = nibble(hex.charCodeAt(index))
      bytes[this.at++] = (high << 4) | nibble(hex.charCodeAt(index + 1))
    }
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  text(tag: number, text: string): void {
    const most = mostBytes(text)
    const width = widthFor(most)
    this.reserve(1 + width + most)
    this.bytes[this.at] = tag
    this.#lengthAndText(this.at + 1, width, text)
  }

  /** A KeyValue whose value is a text: nearly everything a span says. `key` is the key's whole field. */
  keyedText(tag: number, key: Uint8Array, text: string): void {
    const most = mostBytes(text)
    const width = widthFor(most + key.length + 12)
    this.reserve(1 + most + key.length + 3 * width + 2)
    const { bytes } = this
    const pairAt = this.at + 1
    bytes[this.at] = tag
    bytes.set(key, pairAt + width)
    const valueAt = pairAt + width + key.length + 1
    bytes[valueAt - 1] = 0x12
    bytes[valueAt + width] = 0x0a
    this.#lengthAndText(valueAt + width + 1, width, text)
    this.#putLength(valueAt, width, this.at - valueAt - width)
    this.#putLength(pairAt, width, this.at - pairAt - width)
  }

  /** A message with one field of tag 0x0a, a text: an AnyValue. */
  valueText(tag: number, text: string): void {
    const most = mostBytes(text)
    const width = widthFor(most + 6)
    this.reserve(2 + most + 2 * width)
    const { bytes } = this
    const valueAt = this.at + 1
    bytes[this.at] = tag
    bytes[valueAt + width] = 0x0a
    this.#lengthAndText(valueAt + width + 1, width, text)
    this.#putLength(valueAt, width, this.at - valueAt - width)
  }

  /** Little-endian. */
  fixed32(value: number): void {
    this.reserve(4)
    this.#putUint32(value)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  #lengthAndText(lengthAt: number, width: number, text: string): void {
    const start = lengthAt + width
    const length = text.length < SHORT_CHARS ? this.#putAscii(start, text) : -1
    const written = length < 0 ? this.#putText(start, text) : length
    this.#putLength(lengthAt, width, written)
    this.at = start + written
  }

  /** -1 when a character needs more than a byte. */
  #putAscii(start: number, text: string): number {
    const { bytes } = this
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit >= 0x80) return -1
      bytes[start + index] = unit
    }
    return text.length
  }

  /** Halves of surrogate pairs become U+FFFD, by both ways. */
  #putText(start: number, text: string): number {
    const { bytes } = this
    if (bytes.utf8Write !== undefined) return bytes.utf8Write(text, start, bytes.length - start)
    return encoder.encodeInto(text, bytes.subarray(start)).written
  }

  #putLength(at: number, width: number, value: number): void {
    const { bytes } = this
    let rest = value
    for (let index = 0; index < width - 1; index++) {
      bytes[at + index] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at + width - 1] = rest
  }

  #varint(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  #varint64(low: number, high: number): void {
    let lower = low
    let upper = high
    while (upper > 0 || lower >= 0x80) {
      this.bytes[this.at++] = (lower & 0x7f) | 0x80
      lower = ((lower >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    this.bytes[this.at++] = lower
  }

  #putUint32(value: number): void {
    this.bytes[this.at++] = value & 0xff
    this.bytes[this.at++] = (value >>> 8) & 0xff
    this.bytes[this.at++] = (value >>> 16) & 0xff
    this.bytes[this.at++] = (value >>> 24) & 0xff
  }
}

function mostBytes(text: string): number {
  if (text.length <= MEASURED_CHARS) return text.length * 3
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) bytes += 1
    else bytes += unit < 0x800 ? 2 : 3
  }
  return bytes
}

/** Of a digit or letter of hex, in either case. */
function nibble(unit: number): number {
  return unit <= 57 ? unit & 0x0f : (unit & 0x0f) + 9
}
