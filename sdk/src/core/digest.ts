import { nodeCrypto } from './platform.ts'

/** The SHA-256 of bytes in lower hex: at once, later, or undefined where nobody can tell. */
export type Digest = (bytes: Uint8Array) => string | Promise<string> | undefined

// A megabyte takes one to three milliseconds, which is all that hashing may hold up a program.
const MAX_NOW_BYTES = 1_024 * 1_024

/** At once, or not at all. */
export function digestNow(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_NOW_BYTES) return undefined
  return nodeCrypto()?.createHash('sha256').update(bytes).digest('hex')
}

// Above this, hashing takes long enough that another thread should do it.
const LARGE_BYTES = 256 * 1_024

/** By another thread for large media, and where there is only WebCrypto. */
export function digestLater(bytes: Uint8Array): string | Promise<string> | undefined {
  const now = bytes.length <= LARGE_BYTES ? digestNow(bytes) : undefined
  if (now !== undefined) return now
  return digestBySubtle(bytes) ?? digestNow(bytes)
}

type Subtle = { digest(algorithm: 'SHA-256', bytes: Uint8Array): Promise<ArrayBuffer> }

function digestBySubtle(bytes: Uint8Array): Promise<string> | undefined {
  // Pages that did not come by https have no `subtle`.
  const { crypto } = globalThis as { readonly crypto?: { readonly subtle?: Subtle } }
  return crypto?.subtle?.digest('SHA-256', bytes).then((hash) => toHex(new Uint8Array(hash)))
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
