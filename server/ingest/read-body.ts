import type { IncomingMessage } from 'node:http'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { AppError } from '../platform/errors.ts'
import type { ByteLease } from './byte-budget.ts'
import { GatheredBytes } from './gathered-bytes.ts'

/** On the wire and after inflating: the limit OTLP recommends. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
const MAX_RATIO = 100
const FREE_INFLATE_BYTES = 1024 * 1024
/** zlib's default of 16 KiB costs a callback and a copy for each. */
const OUTPUT_CHUNK_BYTES = 256 * 1024

export type ContentEncoding = 'identity' | 'gzip' | 'zstd'

/** 413: the sender may halve the batch. The connection is closed: the rest is not read. */
export class TooLargeError extends AppError {
  constructor(message: string) {
    super(message, { status: 413, code: 'too_large' })
  }
}

/** The sender went away before its body was whole: there is nobody to answer. */
export class AbortedError extends Error {
  constructor() {
    super('the sender closed the connection inside its request')
    this.name = 'AbortedError'
  }
}

export async function readBody(request: IncomingMessage, lease: ByteLease): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > MAX_BODY_BYTES) {
    throw new TooLargeError(`body of ${announced} bytes is over 64 MiB; send smaller batches`)
  }
  const gathered = new GatheredBytes(announced)
  try {
    // A destroyed request takes its socket along, and a refusal would never reach the sender.
    const received: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
    for await (const part of received) {
      lease.take(part.length)
      gathered.add(part)
      if (gathered.length > MAX_BODY_BYTES)
        throw new TooLargeError('body is over 64 MiB; send smaller batches')
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AbortedError()
  }
  if (!request.complete) throw new AbortedError()
  return gathered.join()
}

/**
 * Inflates within 64 MiB, and within 100 times the sent bytes once past the first MiB. Each part is
 * counted as it comes out: what a body will inflate to is not known before.
 */
export async function inflate(
  bytes: Buffer,
  { encoding, lease }: { encoding: ContentEncoding; lease: ByteLease },
): Promise<Buffer> {
  if (encoding === 'identity') return bytes
  const limit = Math.min(MAX_BODY_BYTES, Math.max(FREE_INFLATE_BYTES, bytes.length * MAX_RATIO))
  const options = { chunkSize: OUTPUT_CHUNK_BYTES }
  const engine = encoding === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
  const parts: Buffer[] = []
  let length = 0
  try {
    engine.end(bytes)
    for await (const part of engine as AsyncIterable<Buffer>) {
      length += part.length
      if (length > limit) throw inflatedTooLarge(limit, bytes.length)
      lease.take(part.length)
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError(`${encoding}: ${messageOf(error)}`, { status: 400, code: 'bad_request' })
  }
  const [first] = parts
  // Neither protobuf nor JSON can begin so.
  if (first?.[0] === 0x1f && first[1] === 0x8b) {
    throw new AppError(`${encoding}: what it holds is gzip once more`, {
      status: 400,
      code: 'bad_request',
    })
  }
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, length)
}

function inflatedTooLarge(limit: number, sent: number): TooLargeError {
  return new TooLargeError(
    limit === MAX_BODY_BYTES
      ? 'inflated size over 64 MiB; send smaller batches'
      : `inflated size over ${MAX_RATIO} times the sent ${sent} bytes`,
  )
}

/** The encoding of the header, or undefined for one that is not accepted. */
export function parseEncoding(header: string | undefined): ContentEncoding | undefined {
  const value = (header ?? 'identity').trim().toLowerCase()
  if (value === '' || value === 'identity') return 'identity'
  if (value === 'gzip' || value === 'zstd') return value
  return undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
