import type { Attribute, AttributeValue, DecodeNotes } from './otlp.ts'
import {
  type Cursor,
  readDouble,
  readInt64,
  readLength,
  readRepeatedText,
  readTag,
  readVarint32,
  skipUnknown,
} from './protobuf-wire.ts'
import {
  cleanKey,
  cleanText,
  MAX_ATTRIBUTES,
  MAX_VALUE_DEPTH,
  noteAttributeOverflow,
  noteNotFinite,
  TOO_DEEP,
} from './span-limits.ts'

/** Where attributes go; `overflow` counts those beyond the limit. */
export type AttributeSink = { attributes: Attribute[]; notes: DecodeNotes; overflow: number }

export function readAttribute(cursor: Cursor, end: number, sink: AttributeSink): void {
  if (sink.attributes.length >= MAX_ATTRIBUTES) {
    cursor.at = end
    sink.overflow += 1
    return
  }
  sink.attributes.push(readKeyValue(cursor, end, { notes: sink.notes, depth: 1 }))
}

type ValueContext = { notes: DecodeNotes; depth: number }

function readKeyValue(cursor: Cursor, end: number, context: ValueContext): Attribute {
  let key = ''
  let value: AttributeValue = null
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) {
      key = readRepeatedText(cursor, end)
      if (cursor.isFresh) key = cleanKey(key, context.notes)
    } else if (tag === 0x12) {
      value = readValue(cursor, readLength(cursor, end), { key, context })
    } else skipUnknown(cursor, end, { tag, known: 2 })
  }
  return { key, value }
}

/** An AnyValue that stands outside of an attribute, a log's body. */
export function readAnyValue(
  cursor: Cursor,
  end: number,
  { key, notes }: { key: string; notes: DecodeNotes },
): AttributeValue {
  return readValue(cursor, end, { key, context: { notes, depth: 1 } })
}

/** An AnyValue; of several set members of the oneof the last stands. */
// oxlint-disable-next-line complexity -- one branch per member of the oneof
function readValue(
  cursor: Cursor,
  end: number,
  at: { key: string; context: ValueContext },
): AttributeValue {
  const { notes, depth } = at.context
  let value: AttributeValue = null
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) {
      const text = readRepeatedText(cursor, end)
      value = cursor.isFresh ? cleanText(text, notes, at.key) : text
    } else if (tag === 0x18) value = readInt64(cursor, end)
    else if (tag === 0x21) {
      value = readDouble(cursor, end)
      if (!Number.isFinite(value)) noteNotFinite(notes, at.key, String(value))
    } else if (tag === 0x10) value = readVarint32(cursor, end) !== 0
    else if (tag === 0x2a || tag === 0x32) {
      const fieldEnd = readLength(cursor, end)
      const inner = { key: at.key, context: { notes, depth: depth + 1 } }
      if (depth >= MAX_VALUE_DEPTH) {
        notes.fault ??= TOO_DEEP
        cursor.at = fieldEnd
      } else if (tag === 0x2a) value = readList(cursor, fieldEnd, inner)
      else value = { entries: readEntries(cursor, fieldEnd, inner.context) }
    } else if (tag === 0x3a) {
      const fieldEnd = readLength(cursor, end)
      value = new Uint8Array(cursor.bytes.subarray(cursor.at, fieldEnd))
      cursor.at = fieldEnd
    } else skipUnknown(cursor, end, { tag, known: 7 })
  }
  return value
}

function readList(
  cursor: Cursor,
  end: number,
  at: { key: string; context: ValueContext },
): AttributeValue[] {
  const values: AttributeValue[] = []
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) values.push(readValue(cursor, readLength(cursor, end), at))
    else skipUnknown(cursor, end, { tag, known: 1 })
  }
  return values
}

function readEntries(cursor: Cursor, end: number, context: ValueContext): Attribute[] {
  const entries: Attribute[] = []
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) entries.push(readKeyValue(cursor, readLength(cursor, end), context))
    else skipUnknown(cursor, end, { tag, known: 1 })
  }
  return entries
}

export function noteOverflow(sink: AttributeSink): void {
  if (sink.overflow > 0) noteAttributeOverflow(sink.notes, sink.overflow)
}
