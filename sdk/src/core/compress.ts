import { nodeZlib } from './platform.ts'

type Coding = 'gzip' | 'zstd' | 'identity'

export type Packed = { readonly body: Uint8Array; readonly coding: Coding }

// Smaller bodies fit into one packet as they are.
const MIN_BYTES = 1_024
const MIN_CHUNK_BYTES = 16 * 1_024

/** Compresses request bodies off the application's thread, in the best way the collector is known to take. */
export class Compressor {
  #coding: Coding = codecs().gzip === undefined ? 'identity' : 'gzip'

  /** Learns from the `accept-encoding` of an answer what the collector takes. */
  learn(acceptEncoding: string | null | undefined): void {
    if (this.#coding !== 'gzip' || codecs().zstd === undefined) return
    if (/(?:^|[\s,])zstd(?:$|[\s,;])/i.test(acceptEncoding ?? '')) this.#coding = 'zstd'
  }

  /** The collector takes nothing compressed; true when that is news. */
  refused(): boolean {
    const isNews = this.#coding !== 'identity'
    this.#coding = 'identity'
    return isNews
  }

  async pack(body: Uint8Array): Promise<Packed> {
    const coding = body.byteLength < MIN_BYTES ? 'identity' : this.#coding
    const compress = coding === 'identity' ? undefined : codecs()[coding]
    return compress === undefined
      ? { body, coding: 'identity' }
      : { body: await compress(body), coding }
  }
}

type Codec = (body: Uint8Array) => Promise<Uint8Array>
type Codecs = { readonly gzip?: Codec | undefined; readonly zstd?: Codec | undefined }

let known: Codecs | undefined

function codecs(): Codecs {
  return (known ??= nodeCodecs() ?? webCodecs())
}

type Callback = (error: Error | null, result: Uint8Array) => void

function promised(run: (callback: Callback) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error === null ? resolve(result) : reject(error)))
  })
}

/** On threads of their own. Levels by measurement: docs/adr/0009. */
function nodeCodecs(): Codecs | undefined {
  const zlib = nodeZlib()
  if (zlib === undefined) return undefined
  const { gzip, zstdCompress, constants } = zlib
  // A small window stays in the processor's cache: a third faster, and 2 % of the bytes more.
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 }
  // In one piece: each chunk is a way to the thread and back.
  const chunkSize = (body: Uint8Array) => Math.max(MIN_CHUNK_BYTES, body.byteLength >> 1)
  return {
    gzip: (body) =>
      promised((callback) => gzip(body, { level: 1, chunkSize: chunkSize(body) }, callback)),
    // Node 22.15 and 23.8 were the first to have it.
    zstd:
      typeof zstdCompress === 'function'
        ? (body) => {
            const options = {
              params,
              chunkSize: chunkSize(body),
              pledgedSrcSize: body.byteLength,
            }
            return promised((callback) => zstdCompress(body, options, callback))
          }
        : undefined,
  }
}

function webCodecs(): Codecs {
  if (typeof CompressionStream !== 'function') return {}
  return {
    gzip: async (body) => {
      const source = new Blob([body as Uint8Array<ArrayBuffer>]).stream()
      const packed = source.pipeThrough(new CompressionStream('gzip'))
      return new Uint8Array(await new Response(packed).arrayBuffer())
    },
  }
}
