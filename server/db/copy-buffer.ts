const SIGNATURE = Buffer.from([0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00])
/** Microseconds from the Unix epoch to 2000-01-01, where PostgreSQL's binary times begin. */
const PG_EPOCH_US = 946_684_800_000_000
const PG_EPOCH_DAYS = 10_957
const DAY_US = 86_400_000_000
const LOW = 0x1_0000_0000
const INT4_OID = 23
const TEXT_OID = 25

/**
 * Writes PostgreSQL's binary COPY format (docs: "COPY, Binary Format") into one growing buffer.
 * Hot path: one call per column of each span.
 */
export class CopyBuffer {
  #buffer: Buffer
  #length = 0

  constructor(capacity = 1 << 16) {
    this.#buffer = Buffer.allocUnsafe(capacity)
    SIGNATURE.copy(this.#buffer, 0)
    this.#buffer.fill(0, 11, 19)
    this.#length = 19
  }

  startRow(columns: number): void {
    this.#reserve(2)
    this.#length = this.#buffer.writeInt16BE(columns, this.#length)
  }

  nil(): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeInt32BE(-1, this.#length)
  }

  text(value: string | null): void {
    if (value === null) return this.nil()
    this.#reserve(4 + value.length * 3)
    const written = this.#buffer.write(value, this.#length + 4)
    this.#buffer.writeInt32BE(written, this.#length)
    this.#length += 4 + written
  }

  int2(value: number): void {
    this.#reserve(6)
    this.#buffer.writeInt32BE(2, this.#length)
    this.#length = this.#buffer.writeInt16BE(value, this.#length + 4)
  }

  int4(value: number | null): void {
    if (value === null) return this.nil()
    this.#reserve(8)
    this.#buffer.writeInt32BE(4, this.#length)
    this.#length = this.#buffer.writeInt32BE(value, this.#length + 4)
  }

  /** A whole number within ±2^53. */
  int8(value: number | null): void {
    if (value === null) return this.nil()
    this.#reserve(12)
    this.#buffer.writeInt32BE(8, this.#length)
    const high = Math.floor(value / LOW)
    this.#buffer.writeInt32BE(high, this.#length + 4)
    this.#length = this.#buffer.writeUInt32BE(value - high * LOW, this.#length + 8)
  }

  /** Exactly `byteCount` bytes given as hex, as an int8 (16 digits) or uuid (32 digits). */
  hex(value: string | null, byteCount: number): void {
    if (value === null) return this.nil()
    this.#reserve(4 + byteCount)
    this.#buffer.writeInt32BE(byteCount, this.#length)
    this.#buffer.write(value, this.#length + 4, byteCount, 'hex')
    this.#length += 4 + byteCount
  }

  /** timestamptz from microseconds since the Unix epoch. */
  timestamp(us: number): void {
    this.int8(us - PG_EPOCH_US)
  }

  /** date from days since the Unix epoch. */
  date(days: number): void {
    this.int4(days - PG_EPOCH_DAYS)
  }

  bytes(value: Buffer): void {
    this.#reserve(4 + value.length)
    this.#buffer.writeInt32BE(value.length, this.#length)
    value.copy(this.#buffer, this.#length + 4)
    this.#length += 4 + value.length
  }

  int4Array(values: number[]): void {
    if (values.length === 0) return this.nil()
    this.#arrayHead(INT4_OID, values.length, 20 + values.length * 8)
    for (const value of values) this.int4(value)
  }

  textArray(values: string[]): void {
    if (values.length === 0) return this.nil()
    const start = this.#length
    this.#arrayHead(TEXT_OID, values.length, 0)
    for (const value of values) this.text(value)
    this.#buffer.writeInt32BE(this.#length - start - 4, start)
  }

  /** The finished message, trailer included. */
  finish(): Buffer {
    this.#reserve(2)
    this.#length = this.#buffer.writeInt16BE(-1, this.#length)
    return this.#buffer.subarray(0, this.#length)
  }

  #arrayHead(elementOid: number, count: number, byteCount: number): void {
    this.#reserve(24)
    let at = this.#buffer.writeInt32BE(byteCount, this.#length)
    at = this.#buffer.writeInt32BE(1, at)
    at = this.#buffer.writeInt32BE(0, at)
    at = this.#buffer.writeInt32BE(elementOid, at)
    at = this.#buffer.writeInt32BE(count, at)
    this.#length = this.#buffer.writeInt32BE(1, at)
  }

  #reserve(more: number): void {
    const wanted = this.#length + more
    if (wanted <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(wanted, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}

/** Days since the Unix epoch of the UTC day that holds `us`. */
export function dayOf(us: number): number {
  return Math.floor(us / DAY_US)
}

/** `YYYY-MM-DD` of days since the Unix epoch. */
export function dayText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}
