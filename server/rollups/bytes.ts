const SEVEN_BITS = 128
const INT32_RANGE = 0x7fff_ffff

/** Growing buffer of unsigned LEB128 varints, zigzag varints and length-prefixed text. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(capacity = 1_024) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    // Bitwise operators work on 32 bits, so larger numbers are divided.
    while (rest > INT32_RANGE) {
      this.#bytes[this.#length++] = (rest % SEVEN_BITS) | SEVEN_BITS
      rest = Math.floor(rest / SEVEN_BITS)
    }
    while (rest >= SEVEN_BITS) {
      this.#bytes[this.#length++] = (rest & 127) | SEVEN_BITS
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** A whole number within ±(2^52 - 1). */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8')
    this.varint(bytes.length)
    this.raw(bytes)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  clear(): void {
    this.#length = 0
  }

  /** What was written so far; valid until the next write. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#length + more, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** Reads what ByteWriter wrote. Reading past the end throws a RangeError. */
export class ByteReader {
  readonly bytes: Buffer
  position: number

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes
    this.position = position
  }

  byte(): number {
    const value = this.bytes[this.position]
    if (value === undefined) {
      throw new RangeError(
        `packed row ends at byte ${this.bytes.length}, wanted byte ${this.position}`,
      )
    }
    this.position += 1
    return value
  }

  varint(): number {
    const first = this.byte()
    if (first < SEVEN_BITS) return first
    let value = first & 127
    let scale = SEVEN_BITS
    for (;;) {
      const next = this.byte()
      value += (next & 127) * scale
      if (next < SEVEN_BITS) return value
      scale *= SEVEN_BITS
    }
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(): string {
    const length = this.varint()
    const start = this.position
    this.position += length
    return this.bytes.toString('utf8', start, this.position)
  }
}
