import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'

/** A chunk is at most 1 MiB, or one span of at most the 64 MiB that ingest inflates. */
const MAX_CHUNK_BYTES = 72 * 1024 * 1024
/** zlib's default of 16 KiB costs a callback and a copy for each. */
const OUTPUT_CHUNK_BYTES = 256 * 1024
const OPTIONS = { maxOutputLength: MAX_CHUNK_BYTES, chunkSize: OUTPUT_CHUNK_BYTES }
const inflateGzip = promisify(gunzip)
const inflateZstd = promisify(zstdDecompress)

/** The bytes of a stored chunk, off the main thread. */
export async function inflateChunk(data: Buffer, codec: string | null): Promise<Buffer> {
  switch (codec) {
    case 'zstd':
      return inflateZstd(data, OPTIONS)
    case 'gzip':
      return inflateGzip(data, OPTIONS)
    default:
      return data
  }
}
