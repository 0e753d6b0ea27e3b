// What content holds besides text: media, as parts or as data URLs inside texts, become their hash;
// vectors become their length. The application's structure is not changed: what differs is a copy.
import { digestNow } from './digest.ts'
import type { Digest } from './digest.ts'
import type { UnknownRecord } from './read.ts'

/**
 * What becomes of images, audio and files larger than 1 kB: their hash and size, their size alone, or
 * themselves where they fit into a field.
 *
 * @example
 * init({ media: 'drop' })
 */
export type MediaMode = 'hash' | 'drop' | 'inline'

export type MediaOptions = {
  readonly media: MediaMode
  /** Media larger than a field may be is never sent inline. */
  readonly maxBytes: number
  readonly digest: Digest
}

/** The value without media; `pending` are hashes still to come, which complete the value in place. */
export type WithoutMedia = { readonly value: unknown; readonly pending: readonly Promise<void>[] }

const INLINE_BYTES = 1_024
const MAX_VECTOR = 64
const MAX_DEPTH = 20

/** Content with its media and vectors replaced by what tells of them. */
export function withoutMedia(value: unknown, options: MediaOptions): WithoutMedia {
  const walk: Walk = { ...options, pending: [] }
  return { value: replace(value, walk, 0), pending: walk.pending }
}

/** False for a text without a data URL that is long enough to be replaced. */
export function mayHoldMedia(text: string): boolean {
  return text.length > INLINE_BYTES && text.includes(';base64,')
}

/** True for a part that is media itself, whatever becomes of it. */
export function isMediaPart(part: Part): boolean {
  return part.type === 'blob' || (part.type === 'uri' && isDataUri(part.uri))
}

function isDataUri(uri: unknown): uri is string {
  return typeof uri === 'string' && uri.startsWith('data:')
}

/** True for what is a vector rather than a list somebody will read. */
export function isVector(value: readonly unknown[]): boolean {
  if (value.length <= MAX_VECTOR) return false
  // The beginning tells: looking through millions of numbers would take the application's time.
  for (let index = 0; index < Math.min(value.length, 1_000); index++) {
    if (typeof value[index] !== 'number') return false
  }
  return true
}

type Walk = MediaOptions & { readonly pending: Promise<void>[] }

function replace(value: unknown, walk: Walk, depth: number): unknown {
  if (typeof value === 'string') return replaceInText(value, walk)
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return replaceInArray(value, walk, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  return replacePart(value, walk) ?? replaceInObject(value, walk, depth)
}

function replaceInArray(items: readonly unknown[], walk: Walk, depth: number): unknown {
  if (isVector(items)) return `[${items.length} numbers]`
  let copy: unknown[] | undefined
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const replaced = replace(item, walk, depth + 1)
    if (replaced === item) continue
    copy ??= [...items]
    copy[index] = replaced
  }
  return copy ?? items
}

function replaceInObject(value: object, walk: Walk, depth: number): unknown {
  let copy: Record<string, unknown> | undefined
  const record = value as UnknownRecord
  for (const key of Object.keys(record)) {
    const item = record[key]
    const replaced = replace(item, walk, depth + 1)
    if (replaced === item) continue
    copy ??= { ...value }
    copy[key] = replaced
  }
  return copy ?? value
}

type Part = {
  readonly type?: unknown
  readonly content?: unknown
  readonly uri?: unknown
  readonly modality?: unknown
}

/** A part that is media itself; undefined for everything else. */
function replacePart(part: Part, walk: Walk): unknown {
  if (part.type === 'blob') {
    const { content } = part
    if (typeof content === 'string' || content instanceof Uint8Array) {
      return toBlob({ ...part }, content, walk)
    }
  }
  if (part.type === 'uri' && isDataUri(part.uri)) {
    return dataUriToBlob(part, part.uri, walk)
  }
  return undefined
}

function dataUriToBlob(part: Part, uri: string, walk: Walk): unknown {
  const comma = uri.indexOf(',')
  const head = uri.slice('data:'.length, comma)
  if (comma === -1 || !head.endsWith(';base64')) return undefined
  const mimeType = head.split(';', 1)[0] ?? ''
  const { uri: _, ...rest } = part
  const blob = {
    ...rest,
    type: 'blob',
    modality: part.modality ?? modalityOf(mimeType),
    mime_type: mimeType,
  }
  return toBlob(blob, uri.slice(comma + 1), walk)
}

type Blob = Record<string, unknown>

function toBlob(blob: Blob, content: string | Uint8Array, walk: Walk): Blob {
  const size = typeof content === 'string' ? base64Bytes(content) : content.byteLength
  const fits = size <= INLINE_BYTES || (walk.media === 'inline' && size * 1.4 <= walk.maxBytes)
  if (fits) {
    blob['content'] = typeof content === 'string' ? content : toBase64(content)
    return blob
  }
  delete blob['content']
  blob['bytes'] = size
  if (walk.media === 'drop') return blob
  const sha256 = walk.digest(typeof content === 'string' ? fromBase64(content) : content)
  if (sha256 instanceof Promise) {
    walk.pending.push(
      sha256.then(
        (hash) => {
          blob['sha256'] = hash
        },
        () => undefined,
      ),
    )
  } else if (sha256 !== undefined) blob['sha256'] = sha256
  return blob
}

const DATA_URL =
  /data:(?<mimeType>[\w.+-]+\/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,(?<base64>[\w+/-]+=*)/g

/** Data URLs inside a text, as Markdown and HTML have them. */
function replaceInText(text: string, walk: Walk): string {
  if (!mayHoldMedia(text)) return text
  return text.replace(DATA_URL, (url, mimeType: string | undefined, base64: string) => {
    const size = base64Bytes(base64)
    if (size <= INLINE_BYTES || (walk.media === 'inline' && url.length <= walk.maxBytes)) return url
    const what = `${mimeType ?? 'data'}, ${size} bytes`
    // A text cannot be completed later: where nobody hashes at once, the size has to do.
    const sha256 = walk.media === 'drop' ? undefined : digestNow(fromBase64(base64))
    return sha256 === undefined ? `[${what}]` : `[${what}, sha256 ${sha256}]`
  })
}

function modalityOf(mimeType: string): string {
  const [kind = ''] = mimeType.split('/', 1)
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}

/** How many bytes base64 stands for. */
function base64Bytes(base64: string): number {
  let end = base64.length
  while (end > 0 && base64.charCodeAt(end - 1) === 61) end -= 1
  return Math.floor((end * 3) / 4)
}

type BufferLike = { from(value: string, encoding: 'base64'): Uint8Array }

function fromBase64(base64: string): Uint8Array {
  const { Buffer: nodeBuffer } = globalThis as { readonly Buffer?: BufferLike }
  if (nodeBuffer !== undefined) return nodeBuffer.from(base64, 'base64')
  try {
    const standard = base64.replaceAll('-', '+').replaceAll('_', '/')
    return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0))
  } catch {
    // What is no base64 is hashed as it came.
    return new TextEncoder().encode(base64)
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
