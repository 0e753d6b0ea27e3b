import type { Attribute, AttributeValue, DecodeNotes } from './otlp.ts'
import {
  addWarning,
  cleanKey,
  cleanText,
  MAX_ATTRIBUTES,
  MAX_VALUE_DEPTH,
  noteAttributeOverflow,
  noteNotFinite,
  TOO_DEEP,
} from './span-limits.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

type Source = { readonly [key: string]: unknown }

/** `[{key, value: AnyValue}]`; anything but an array refuses the span. */
export function readJsonAttributes(
  source: unknown,
  notes: DecodeNotes,
): { attributes: Attribute[]; overflow: number } {
  if (source === undefined || source === null) return { attributes: [], overflow: 0 }
  if (!Array.isArray(source)) {
    notes.fault ??= { reason: 'invalid_value', message: 'attributes must be an array' }
    return { attributes: [], overflow: 0 }
  }
  const items: unknown[] = source
  const overflow = Math.max(0, items.length - MAX_ATTRIBUTES)
  if (overflow > 0) noteAttributeOverflow(notes, overflow)
  return { attributes: readEntries(items.slice(0, MAX_ATTRIBUTES), notes, 1), overflow }
}

function readEntries(items: unknown[], notes: DecodeNotes, depth: number): Attribute[] {
  const entries: Attribute[] = []
  for (const item of items) {
    if (!isSource(item)) {
      addWarning(notes, 'attribute that is no object: left out')
      continue
    }
    const key = cleanKey(readJsonText(item['key'], notes, 'attribute key'), notes)
    entries.push({ key, value: readJsonValue(item['value'], { key, notes, depth }) })
  }
  return entries
}

/** Text of the span itself: a wrong type refuses the span, absent is ''. */
export function readJsonText(value: unknown, notes: DecodeNotes, where: string): string {
  if (typeof value === 'string') return cleanText(value, notes, where)
  if (value === undefined || value === null) return ''
  notes.fault ??= { reason: 'invalid_value', message: `${where} must be a string` }
  return ''
}

type ValueContext = { key: string; notes: DecodeNotes; depth: number }

/** An AnyValue that stands outside of an attribute, a log's body. */
export function readJsonAnyValue(
  source: unknown,
  { key, notes }: { key: string; notes: DecodeNotes },
): AttributeValue {
  return readJsonValue(source, { key, notes, depth: 1 })
}

/** An AnyValue; where the member's type is wrong the value as sent is kept, and told. */
// oxlint-disable-next-line complexity -- one branch per member of the oneof, in both spellings
function readJsonValue(source: unknown, context: ValueContext): AttributeValue {
  if (!isSource(source))
    return source === undefined || source === null ? null : asSent(source, context)
  const text = source['stringValue'] ?? source['string_value']
  if (text !== undefined) return readString(text, context)
  const int = source['intValue'] ?? source['int_value']
  if (int !== undefined) return readInt(int, context)
  const double = source['doubleValue'] ?? source['double_value']
  if (double !== undefined) return readDouble(double, context)
  const bool = source['boolValue'] ?? source['bool_value']
  if (bool !== undefined) return readBool(bool, context)
  const list = source['arrayValue'] ?? source['array_value']
  if (list !== undefined) return readList(list, context)
  const entries = source['kvlistValue'] ?? source['kvlist_value']
  if (entries !== undefined) return readKeyValues(entries, context)
  const bytes = source['bytesValue'] ?? source['bytes_value']
  if (bytes !== undefined) return readBytes(bytes, context)
  // JavaScript senders write NaN as null.
  const isNullNumber = source['doubleValue'] === null || source['intValue'] === null
  return isNullNumber ? asSent(null, context) : null
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readString(value: unknown, context: ValueContext): AttributeValue {
  if (typeof value === 'string') return cleanText(value, context.notes, context.key)
  return value === null ? null : asSent(value, context)
}

function readInt(value: unknown, context: ValueContext): AttributeValue {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) {
    const exact = BigInt(value)
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    if (exact >= INT64_MIN && exact <= INT64_MAX) return exact
  }
  return asSent(value, context)
}

function readDouble(value: unknown, context: ValueContext): AttributeValue {
  if (typeof value === 'number') return value
  if (typeof value === 'string') {
    const trimmed = value.trim()
    if (trimmed === 'NaN' || trimmed === 'Infinity' || trimmed === '-Infinity') {
      noteNotFinite(context.notes, context.key, trimmed)
      return Number(trimmed)
    }
    const number = Number(trimmed)
    if (trimmed !== '' && Number.isFinite(number)) return number
  }
  return asSent(value, context)
}

function readBool(value: unknown, context: ValueContext): AttributeValue {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 1) return true
  if (value === 'false' || value === 0) return false
  return asSent(value, context)
}

function readBytes(value: unknown, context: ValueContext): AttributeValue {
  return typeof value === 'string'
    ? new Uint8Array(Buffer.from(value, 'base64'))
    : asSent(value, context)
}

function readList(value: unknown, context: ValueContext): AttributeValue {
  const values = isSource(value) ? (value['values'] ?? []) : null
  if (!Array.isArray(values)) return asSent(value, context)
  if (context.depth >= MAX_VALUE_DEPTH) return tooDeep(context)
  const inner = { ...context, depth: context.depth + 1 }
  return values.map((item: unknown) => readJsonValue(item, inner))
}

function readKeyValues(value: unknown, context: ValueContext): AttributeValue {
  const values = isSource(value) ? (value['values'] ?? []) : null
  if (!Array.isArray(values)) return asSent(value, context)
  if (context.depth >= MAX_VALUE_DEPTH) return tooDeep(context)
  return { entries: readEntries(values, context.notes, context.depth + 1) }
}

function tooDeep(context: ValueContext): null {
  context.notes.fault ??= TOO_DEEP
  return null
}

/** Not of its declared type: shown as sent, never as a number. */
function asSent(value: unknown, context: ValueContext): AttributeValue {
  if (value === null) {
    addWarning(context.notes, `${context.key}: number without a value`)
    return null
  }
  addWarning(context.notes, `${context.key}: value is not of its declared type`)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return cleanText(text.slice(0, 1_024).toWellFormed(), context.notes, context.key)
}
