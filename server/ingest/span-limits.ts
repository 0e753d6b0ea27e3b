import { createHash } from 'node:crypto'
import type { DecodeNotes, SpanFault } from './otlp.ts'

/** Attributes kept per span, event, link or resource; the rest is counted as dropped. */
export const MAX_ATTRIBUTES = 1_024
/** More than this on one span and the span is refused. */
export const MAX_ATTRIBUTES_SENT = 10_000
export const MAX_EVENTS = 1_024
export const MAX_LINKS = 1_024
export const MAX_VALUE_DEPTH = 64
export const MAX_KEY_LENGTH = 256
export const MAX_TEXT_BYTES = 16 * 1024 * 1024

export const TOO_DEEP: SpanFault = {
  reason: 'too_deep',
  message: `attribute value nested deeper than ${MAX_VALUE_DEPTH}`,
}

const MAX_WARNINGS = 20
const NUL = '\u0000'
const REPLACEMENT = '\ufffd'

/** Notes what the decoder changed; a span keeps its first 20 notes. */
export function addWarning(notes: DecodeNotes, text: string): void {
  notes.warnings ??= []
  const { warnings } = notes
  if (warnings.length < MAX_WARNINGS && !warnings.includes(text)) warnings.push(text)
}

/** Text that Postgres and JSON can hold: no NUL, no lone surrogate, at most 16 MiB. */
export function cleanText(text: string, notes: DecodeNotes, where: string): string {
  let clean = text
  if (clean.includes(NUL)) {
    clean = clean.replaceAll(NUL, REPLACEMENT)
    addWarning(notes, `${where}: U+0000 replaced by U+FFFD`)
  }
  if (!clean.isWellFormed()) {
    clean = clean.toWellFormed()
    addWarning(notes, `${where}: lone surrogate replaced by U+FFFD`)
  }
  // A UTF-16 unit is at most 3 bytes, so shorter text needs no count.
  if (clean.length * 3 > MAX_TEXT_BYTES) clean = cutText(clean, notes, where)
  return clean
}

function cutText(text: string, notes: DecodeNotes, where: string): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= MAX_TEXT_BYTES) return text
  let end = MAX_TEXT_BYTES
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  const digest = createHash('sha256').update(bytes).digest('hex')
  addWarning(notes, `${where}: cut from ${bytes.length} to ${end} bytes (sha256 ${digest})`)
  return bytes.toString('utf8', 0, end)
}

/** A key of sane length: longer ones keep 256 characters and a hash, so two long keys stay two. */
export function cleanKey(key: string, notes: DecodeNotes): string {
  const clean = cleanText(key, notes, 'attribute key')
  if (clean.length <= MAX_KEY_LENGTH) return clean
  const digest = createHash('sha256').update(clean).digest('hex').slice(0, 16)
  const short = `${clean.slice(0, MAX_KEY_LENGTH).toWellFormed()}#${digest}`
  addWarning(
    notes,
    `attribute key of ${clean.length} characters cut to ${MAX_KEY_LENGTH} and a hash`,
  )
  return short
}

/** `overflow` attributes came after the first 1,024: told, or the span refused. */
export function noteAttributeOverflow(notes: DecodeNotes, overflow: number): void {
  const sent = MAX_ATTRIBUTES + overflow
  if (sent > MAX_ATTRIBUTES_SENT) {
    notes.fault ??= {
      reason: 'too_many_attributes',
      message: `attribute count over ${MAX_ATTRIBUTES_SENT.toLocaleString('en-US')}: ${sent}`,
    }
  } else addWarning(notes, `${sent} attributes sent: ${MAX_ATTRIBUTES} kept, ${overflow} dropped`)
}

/** A double that no number field can take; the attribute keeps it. */
export function noteNotFinite(notes: DecodeNotes, key: string, value: string): void {
  addWarning(notes, `${key}: ${value} is no finite number, read as absent`)
}
