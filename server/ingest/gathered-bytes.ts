/**
 * The parts of a body put together. Where its length is known, they are copied into place as soon
 * as a quarter has come: joined at the end a large body would be held twice, and room made at once
 * would cost a sender one header.
 */
export class GatheredBytes {
  #expected: number
  #parts: Buffer[] = []
  #whole: Buffer | null = null
  #length = 0

  constructor(expected = 0) {
    this.#expected = expected
  }

  get length(): number {
    return this.#length
  }

  add(part: Buffer): void {
    const start = this.#length
    this.#length += part.length
    if (this.#whole === null && this.#parts.length > 0 && this.#length * 4 >= this.#expected) {
      this.#makeRoom()
    }
    if (this.#whole === null) this.#parts.push(part)
    else if (this.#length <= this.#whole.length) part.copy(this.#whole, start)
    else {
      // More than was announced.
      this.#parts = [this.#whole.subarray(0, start), part]
      this.#whole = null
      this.#expected = 0
    }
  }

  /** One part is handed out as it came. */
  join(): Buffer {
    if (this.#whole !== null) return this.#whole.subarray(0, this.#length)
    const [only] = this.#parts
    if (this.#parts.length === 1 && only !== undefined) return only
    return Buffer.concat(this.#parts, this.#length)
  }

  #makeRoom(): void {
    if (this.#expected < this.#length) return
    this.#whole = Buffer.allocUnsafeSlow(this.#expected)
    let at = 0
    for (const part of this.#parts) at += part.copy(this.#whole, at)
    this.#parts = []
  }
}
