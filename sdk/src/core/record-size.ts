import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'

// About what records hold in memory: counting exactly would cost what encoding does.
const RECORD_BYTES = 400
const VALUE_BYTES = 24
const MAX_DEPTH = 12

export function sizeOfRecord(record: SpanRecord | LogRecord): number {
  if ('bytes' in record && record.bytes !== undefined) return record.bytes + RECORD_BYTES
  let bytes = RECORD_BYTES
  for (const key in record.fields) bytes += sizeOfValue(record.fields[key])
  return bytes
}

/** The content among the parts that nothing plain has replaced, and about what all of them hold. */
export function surveyOf(parts: readonly Fields[]): {
  readonly fields: Fields
  readonly bytes: number
} {
  const fields: Fields = {}
  let hasContent = false
  let bytes = 0
  for (const part of parts) {
    for (const key in part) {
      const value = part[key]
      bytes += sizeOfValue(value)
      if (value instanceof Content) {
        fields[key] = value
        hasContent = true
      } else if (hasContent && value !== undefined && fields[key] !== undefined) {
        fields[key] = undefined
      }
    }
  }
  return { fields, bytes }
}

/** Of one value of a record's fields. */
function sizeOfValue(value: Fields[string]): number {
  if (typeof value === 'string') return value.length + VALUE_BYTES
  if (value instanceof Content) return sizeOf(value.value, 0)
  return value === undefined ? 0 : VALUE_BYTES
}

function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + VALUE_BYTES
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return VALUE_BYTES
  if (ArrayBuffer.isView(value)) return value.byteLength
  let bytes = VALUE_BYTES
  if (Array.isArray(value)) for (const item of value) bytes += sizeOf(item, depth + 1)
  else {
    const properties = value as Readonly<Record<string, unknown>>
    for (const key in properties) bytes += sizeOf(properties[key], depth + 1)
  }
  return bytes
}
