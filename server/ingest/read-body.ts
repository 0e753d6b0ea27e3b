import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { AppError } from '../platform/errors.ts'

/** On the wire and after inflating: the limit OTLP recommends. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
const MAX_RATIO = 100
const FREE_INFLATE_BYTES = 1024 * 1024
/** zlib's default of 16 KiB costs a callback and a copy for each. */
const OUTPUT_CHUNK_BYTES = 256 * 1024

export type ContentEncoding = 'identity' | 'gzip' | 'zstd'

const inflateGzip = promisify(gunzip)
const inflateZstd = promisify(zstdDecompress)

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

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > MAX_BODY_BYTES) {
    throw new TooLargeError(`body of ${announced} bytes is over 64 MiB; send smaller batches`)
  }
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length
      if (length > MAX_BODY_BYTES)
        throw new TooLargeError('body is over 64 MiB; send smaller batches')
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof TooLargeError) throw error
    throw new AbortedError()
  }
  if (!request.complete) throw new AbortedError()
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length)
}

/** Inflates within 64 MiB, and within 100 times the sent bytes once past the first MiB. */
export async function inflate(bytes: Buffer, encoding: ContentEncoding): Promise<Buffer> {
  if (encoding === 'identity') return bytes
  const limit = Math.min(MAX_BODY_BYTES, Math.max(FREE_INFLATE_BYTES, bytes.length * MAX_RATIO))
  try {
    const options = { maxOutputLength: limit, chunkSize: OUTPUT_CHUNK_BYTES }
    return await (encoding === 'gzip' ? inflateGzip(bytes, options) : inflateZstd(bytes, options))
  } catch (error) {
    if (error instanceof RangeError || codeOf(error) === 'ERR_BUFFER_TOO_LARGE') {
      throw new TooLargeError(
        limit === MAX_BODY_BYTES
          ? 'inflated size over 64 MiB; send smaller batches'
          : `inflated size over ${MAX_RATIO} times the sent ${bytes.length} bytes`,
      )
    }
    throw new AppError(`${encoding}: ${messageOf(error)}`, { status: 400, code: 'bad_request' })
  }
}

/** The encoding of the header, or undefined for one that is not accepted. */
export function parseEncoding(header: string | undefined): ContentEncoding | undefined {
  const value = (header ?? 'identity').trim().toLowerCase()
  if (value === '' || value === 'identity') return 'identity'
  if (value === 'gzip' || value === 'zstd') return value
  return undefined
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
