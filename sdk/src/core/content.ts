import type { Attributes } from '@opentelemetry/api'
import { capJson, capText } from './cap-json.ts'
import { digestLater, digestNow } from './digest.ts'
import type { Digest } from './digest.ts'
import { Content } from './fields.ts'
import type { ContentField, Fields } from './fields.ts'
import { maskText } from './mask-text.ts'
import { withoutMedia } from './media.ts'
import type { MediaMode } from './media.ts'
import { ATTR_CONTENT_DROPPED, ATTR_CONTENT_TRUNCATED } from './semconv.ts'
import { setIdleTimeout } from './timers.ts'

/**
 * How much of prompts, answers, arguments and results leaves the process: all of it, its structure with
 * every text replaced by its length, or nothing.
 *
 * @example
 * init({ content: 'redacted' })
 */
export type ContentMode = 'full' | 'redacted' | 'none'

/**
 * Changes a value before it is serialised, at once or later; undefined leaves the field out. A throw, a
 * rejection, or no answer within 5 s drops the field, never the span.
 *
 * @example
 * const redact: Redact = (value, { field }) => (field === 'tool.result' ? undefined : value)
 */
export type Redact = (value: unknown, where: { field: ContentField; provider?: string }) => unknown

export type ContentPolicy = {
  readonly mode: ContentMode
  readonly redact?: Redact
  /** Upper limit of one attribute in bytes of UTF-8. */
  readonly maxBytes: number
  /** What becomes of images, audio and files; `hash` unless given. */
  readonly media?: MediaMode
}

export const DEFAULT_CONTENT: ContentPolicy = { mode: 'full', maxBytes: 64_000, media: 'hash' }

const REDACT_TIMEOUT_MS = 5_000

// These are texts themselves; everything else is JSON.
const PLAIN_FIELDS: ReadonlySet<ContentField> = new Set<ContentField>([
  'retrieval.query',
  'prompt.variable',
  'score.comment',
  'output.label',
])

/**
 * Fields as attributes, at once: content redacted, capped and serialised to JSON, or left out. A redact
 * hook that answers with a promise cannot be waited for here, so its field is dropped.
 */
export function toAttributes(fields: Fields, policy: ContentPolicy = DEFAULT_CONTENT): Attributes {
  const attributes: Attributes = {}
  for (const key in fields) {
    const value = fields[key]
    if (!(value instanceof Content)) set(attributes, key, value)
    else {
      const encoded = encode(value, policy, digestNow)
      write(attributes, { key, field: value.field, encoded: settledOnly(encoded) })
    }
  }
  return attributes
}

/** Fields as attributes; a promise of them only where a redact hook or a hash takes its time. */
export function resolveFields(
  fields: Fields,
  policy: ContentPolicy = DEFAULT_CONTENT,
): Attributes | Promise<Attributes> {
  const attributes: Attributes = {}
  const pending: Promise<void>[] = []
  for (const key in fields) {
    const value = fields[key]
    if (!(value instanceof Content)) {
      set(attributes, key, value)
      continue
    }
    const { field } = value
    const encoded = encode(value, policy, digestLater)
    if (encoded instanceof Promise) {
      pending.push(encoded.then((later) => write(attributes, { key, field, encoded: later })))
    } else write(attributes, { key, field, encoded })
  }
  return pending.length === 0 ? attributes : Promise.all(pending).then(() => attributes)
}

/**
 * The text that stands for a content's value; undefined where there is none, where it was cut or dropped, or
 * where it takes its time.
 */
export function serialiseNow(content: Content, policy: ContentPolicy): string | undefined {
  const encoded = encode(content, policy, digestLater)
  const isWhole = typeof encoded === 'object' && 'text' in encoded && !encoded.truncated
  return isWhole ? encoded.text : undefined
}

function set(attributes: Attributes, key: string, value: Attributes[string]): void {
  if (value !== undefined) attributes[key] = value
}

/** A field's text; undefined where it is to be left out. */
type Encoded = { readonly text: string; readonly truncated: boolean } | 'dropped' | undefined

type Writing = { readonly key: string; readonly field: ContentField; readonly encoded: Encoded }

function write(attributes: Attributes, { key, field, encoded }: Writing): void {
  if (encoded === 'dropped') return markDropped(attributes, field)
  if (encoded === undefined) return
  attributes[key] = encoded.text
  if (encoded.truncated) attributes[ATTR_CONTENT_TRUNCATED] = true
}

function markDropped(attributes: Attributes, field: ContentField): void {
  const dropped = attributes[ATTR_CONTENT_DROPPED]
  attributes[ATTR_CONTENT_DROPPED] = Array.isArray(dropped)
    ? [...dropped.map(String), field]
    : [field]
}

function settledOnly(encoded: Encoded | Promise<Encoded>): Encoded {
  return encoded instanceof Promise ? 'dropped' : encoded
}

/** Never throws, never rejects. */
function encode(
  content: Content,
  policy: ContentPolicy,
  digest: Digest,
): Encoded | Promise<Encoded> {
  if (policy.mode === 'none' || content.value === undefined) return undefined
  try {
    const redacted = redactValue(content, policy)
    if (!isPromiseLike(redacted)) return serialise(redacted, { content, policy, digest })
    return inTime(redacted).then(
      (value) => serialise(value, { content, policy, digest }),
      () => 'dropped',
    )
  } catch {
    return 'dropped'
  }
}

function redactValue({ field, provider, value }: Content, { redact }: ContentPolicy): unknown {
  if (redact === undefined) return value
  return redact(value, provider === undefined ? { field } : { field, provider })
}

type Serialising = {
  readonly content: Content
  readonly policy: ContentPolicy
  readonly digest: Digest
}

/** Never throws, never rejects. */
function serialise(
  redacted: unknown,
  { content, policy, digest }: Serialising,
): Encoded | Promise<Encoded> {
  if (redacted === undefined) return undefined
  try {
    const { media = 'hash', maxBytes } = policy
    const { value, pending } = withoutMedia(redacted, { media, maxBytes, digest })
    if (pending.length === 0) return toText(value, content, policy)
    return Promise.all(pending).then(() => toText(value, content, policy))
  } catch {
    return 'dropped'
  }
}

function toText(value: unknown, { field }: Content, policy: ContentPolicy): Encoded {
  try {
    const shown = isMasked(field, policy) ? maskText(value) : value
    const { text, truncated } =
      PLAIN_FIELDS.has(field) && typeof shown === 'string'
        ? capText(shown, policy.maxBytes)
        : capJson(shown, policy.maxBytes)
    if (text !== undefined) return { text, truncated }
    return 'dropped'
  } catch {
    return 'dropped'
  }
}

/** The class a classifier chose is one of a few words of its own, not what somebody wrote. */
function isMasked(field: ContentField, { mode, redact }: ContentPolicy): boolean {
  return mode === 'redacted' && redact === undefined && field !== 'output.label'
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/** A hook that never answers must not hold back the spans behind it. */
function inTime(answer: PromiseLike<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setIdleTimeout(
      () => reject(new Error(`redact has not answered within ${REDACT_TIMEOUT_MS} ms`)),
      REDACT_TIMEOUT_MS,
    )
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
