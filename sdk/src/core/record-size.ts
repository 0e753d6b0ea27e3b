import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'

// About what records hold in memory: counting exactly would cost what encoding does.
const RECORD_BYTES = 400
const VALUE_BYTES = 24
const MAX_DEPTH = 12

export function sizeOfRecord(record: SpanRecord | LogRecord): number {
  if (!('parts' in record)) return RECORD_BYTES + sizeOfFields(record.fields)
  let bytes = RECORD_BYTES
  for (const part of record.parts) bytes += sizeOfFields(part)
  return bytes
}

function sizeOfFields(fields: Fields): number {
  let bytes = 0
  for (const key in fields) {
    const value = fields[key]
    if (typeof value === 'string') bytes += value.length + VALUE_BYTES
    else if (value instanceof Content) bytes += sizeOf(value.value, 0)
    else if (value !== undefined) bytes += VALUE_BYTES
  }
  return bytes
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
