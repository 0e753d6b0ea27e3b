import { allocate } from './platform.ts'

// Asking for random bytes costs about a microsecond whatever their number, so many are asked for at once.
const POOL_BYTES = 4_096
const TRACE_BYTES = 16
const SPAN_BYTES = 8

const pool = allocate(POOL_BYTES)
let used = POOL_BYTES
let hexOfByte: readonly string[] | undefined

/** The ids of a new trace and its first span, in hex: 32 characters, then 16. */
export function newIds(): string {
  return randomHex(TRACE_BYTES + SPAN_BYTES, TRACE_BYTES)
}

export function newSpanId(): string {
  return randomHex(SPAN_BYTES)
}

/** Hex of so many random bytes; the first one is not zero, nor the one at `second`, where another id begins. */
function randomHex(length: number, second = 0): string {
  if (used + length > POOL_BYTES) {
    globalThis.crypto.getRandomValues(pool as Uint8Array<ArrayBuffer>)
    used = 0
  }
  const start = used
  used += length
  // All zeros is OpenTelemetry's "no id".
  pool[start] ||= 1
  pool[start + second] ||= 1
  return pool.hexSlice?.(start, used) ?? toHex(start, used)
}

function toHex(start: number, end: number): string {
  hexOfByte ??= Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
  let hex = ''
  for (let index = start; index < end; index++) hex += hexOfByte[pool[index] ?? 0] ?? ''
  return hex
}
