const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_BYTES = 2
const WIRE_FIXED32 = 5

const FIRST_CAPACITY = 1024 * 1024
const PADDED_LENGTH_BYTES = 4
/** Room for a tag and any number. */
const SCALAR_BYTES = 32
const UINT32 = 4_294_967_296

/**
 * Writes protobuf in one pass into one growing buffer. A length is not known before its content is
 * written, so it gets four bytes: a varint padded with continuation bits, which is still valid.
 */
export class ProtobufWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY)
  #position = 0

  get position(): number {
    return this.#position
  }

  /** Begins a nested message; `closeMessage` takes what this returns. */
  openMessage(field: number): number {
    this.#tag(field, WIRE_BYTES)
    this.#position += PADDED_LENGTH_BYTES
    return this.#position
  }

  closeMessage(start: number): void {
    this.#paddedLength(start - PADDED_LENGTH_BYTES, this.#position - start)
  }

  text(field: number, value: string): void {
    this.#tag(field, WIRE_BYTES)
    this.#reserve(value.length * 3 + PADDED_LENGTH_BYTES)
    const start = this.#position + PADDED_LENGTH_BYTES
    const length = this.#buffer.write(value, start)
    this.#paddedLength(this.#position, length)
    this.#position = start + length
  }

  hex(field: number, value: string): void {
    this.#tag(field, WIRE_BYTES)
    this.#varint(value.length / 2)
    this.#position += this.#buffer.write(value, this.#position, 'hex')
  }

  varint(field: number, value: number): void {
    this.#tag(field, WIRE_VARINT)
    this.#varint(value)
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, WIRE_FIXED32)
    this.#position = this.#buffer.writeUInt32LE(value, this.#position)
  }

  double(field: number, value: number): void {
    this.#tag(field, WIRE_FIXED64)
    this.#position = this.#buffer.writeDoubleLE(value, this.#position)
  }

  /** Epoch ms as nanoseconds, to the microsecond (a double holds no more), without a BigInt. */
  nanos(field: number, epochMs: number): void {
    this.#tag(field, WIRE_FIXED64)
    const micros = Math.round(epochMs * 1_000)
    const low = (micros % UINT32) * 1_000
    const high = Math.floor(micros / UINT32) * 1_000 + Math.floor(low / UINT32)
    this.#position = this.#buffer.writeUInt32LE(low % UINT32, this.#position)
    this.#position = this.#buffer.writeUInt32LE(high, this.#position)
  }

  /** Bytes that were encoded before. */
  encoded(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#position += bytes.copy(this.#buffer, this.#position)
  }

  /** A copy of everything from `start` on. */
  copyFrom(start: number): Buffer {
    return Buffer.from(this.#buffer.subarray(start, this.#position))
  }

  /** A copy of the whole; the writer begins anew. */
  take(): Buffer {
    const whole = this.copyFrom(0)
    this.#position = 0
    return whole
  }

  #tag(field: number, wire: number): void {
    this.#reserve(SCALAR_BYTES)
    this.#varint(field * 8 + wire)
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, needed))
    this.#buffer.copy(larger, 0, 0, this.#position)
    this.#buffer = larger
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#buffer[this.#position++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.#position++] = rest
  }

  #paddedLength(at: number, length: number): void {
    let rest = length
    for (let index = 0; index < PADDED_LENGTH_BYTES - 1; index++) {
      this.#buffer[at + index] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#buffer[at + PADDED_LENGTH_BYTES - 1] = rest
  }
}
