import { createHash } from 'node:crypto'
import { toJson, toText } from './attribute-text.ts'
import type { Attribute } from './otlp.ts'
import type { OtlpLogRecord } from './otlp-logs.ts'

/** The record's event as its attribute `event.name` says, else its EventName. */
export function eventNameOf(record: OtlpLogRecord): string {
  const named = record.attributes.find(({ key }) => key === 'event.name')
  return toText(named?.value) ?? record.eventName
}

/** Attributes as an object without a prototype: keys come from outside. */
export function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { key, value } of attributes) fields[key] = toJson(value)
  return fields
}

/** 32 hex digits that stand for this text. */
export function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** The record's identity: the same record sent again has the same. */
export function recordHash(record: OtlpLogRecord, occurrence: number): string {
  return hashOf(
    record.traceId,
    record.spanId,
    eventNameOf(record),
    String(record.timeUs),
    String(record.observedUs),
    JSON.stringify([attributesOf(record.attributes), toJson(record.body)]),
    String(occurrence),
  )
}
