import { ProtobufWriter } from './protobuf-writer.ts'
import type { AttributeValue, SpanAttributes, SpanRecord } from './span-record.ts'

export type Batch = {
  resource: SpanAttributes
  scope: { name: string; version: string; schemaUrl: string }
  spans: readonly SpanRecord[]
}

// Field numbers of the OTLP trace protocol.
const SPAN_ATTRIBUTES = 9
const SPAN_EVENTS = 11
const SPAN_STATUS = 15
const SPAN_FLAGS = 16
const RESOURCE_ATTRIBUTES = 1
const EVENT_ATTRIBUTES = 3

const STATUS_ERROR = 2
const KIND_CODES = { internal: 1, client: 3 } as const
/** W3C "sampled" plus "the parent is known to be local", as OpenTelemetry's exporter sends it. */
const LOCAL_AND_SAMPLED = 0x101

/** One for all: encoding never waits, and `take` copies. */
const writer = new ProtobufWriter()

/** The body of one POST to `/v1/traces`, in protobuf. */
export function encodeTraces(batch: Batch): Buffer {
  const resourceSpans = writer.openMessage(1)
  const resource = writer.openMessage(1)
  for (const key in batch.resource) {
    writeAttribute(RESOURCE_ATTRIBUTES, key, batch.resource[key])
  }
  writer.closeMessage(resource)
  const scopeSpans = writer.openMessage(2)
  const scope = writer.openMessage(1)
  writer.text(1, batch.scope.name)
  writer.text(2, batch.scope.version)
  writer.closeMessage(scope)
  for (const span of batch.spans) writeSpan(span)
  writer.text(3, batch.scope.schemaUrl)
  writer.closeMessage(scopeSpans)
  writer.closeMessage(resourceSpans)
  return writer.take()
}

function writeSpan(span: SpanRecord): void {
  const message = writer.openMessage(2)
  writer.hex(1, span.traceId)
  writer.hex(2, span.spanId)
  if (span.parentSpanId !== undefined) writer.hex(4, span.parentSpanId)
  writer.text(5, span.name)
  writer.varint(6, KIND_CODES[span.kind])
  writer.nanos(7, span.startAt)
  writer.nanos(8, span.endAt)
  for (const key in span.attributes) writeSpanAttribute(key, span.attributes[key])
  if (span.error !== undefined) writeError(span.error, span.endAt)
  writer.fixed32(SPAN_FLAGS, LOCAL_AND_SAMPLED)
  writer.closeMessage(message)
}

function writeError({ message, event }: NonNullable<SpanRecord['error']>, at: number): void {
  if (event !== undefined) {
    const exception = writer.openMessage(SPAN_EVENTS)
    writer.nanos(1, at)
    writer.text(2, 'exception')
    for (const key in event) writeAttribute(EVENT_ATTRIBUTES, key, event[key])
    writer.closeMessage(exception)
  }
  const status = writer.openMessage(SPAN_STATUS)
  writer.text(2, message)
  writer.varint(3, STATUS_ERROR)
  writer.closeMessage(status)
}

const MAX_CACHED_VALUES = 1_000
const MAX_CACHED_BYTES = 4_096

/**
 * Most attributes have few values (models, users, tool definitions), so their bytes are kept. A key
 * with many values is marked null and not kept any longer.
 */
const bytesByKey = new Map<string, Map<AttributeValue, Buffer> | null>()

function writeSpanAttribute(key: string, value: AttributeValue | undefined): void {
  // An array is another object each time, so it would never be found again.
  if (value === undefined || typeof value === 'object') {
    writeAttribute(SPAN_ATTRIBUTES, key, value)
    return
  }
  let bytesByValue = bytesByKey.get(key)
  if (bytesByValue === undefined) {
    bytesByValue = new Map()
    bytesByKey.set(key, bytesByValue)
  }
  const known = bytesByValue?.get(value)
  if (known !== undefined) {
    writer.encoded(known)
    return
  }
  const start = writer.position
  writeAttribute(SPAN_ATTRIBUTES, key, value)
  if (bytesByValue === null) return
  const isWorthKeeping =
    bytesByValue.size < MAX_CACHED_VALUES && writer.position - start <= MAX_CACHED_BYTES
  if (isWorthKeeping) bytesByValue.set(value, writer.copyFrom(start))
  else bytesByKey.set(key, null)
}

function writeAttribute(field: number, key: string, value: AttributeValue | undefined): void {
  if (value === undefined) return
  const pair = writer.openMessage(field)
  writer.text(1, key)
  const any = writer.openMessage(2)
  writeValue(value)
  writer.closeMessage(any)
  writer.closeMessage(pair)
}

function writeValue(value: AttributeValue): void {
  if (typeof value === 'string') writer.text(1, value)
  else if (typeof value === 'boolean') writer.varint(2, value ? 1 : 0)
  else if (typeof value === 'number') {
    if (Number.isInteger(value)) writer.varint(3, value)
    else writer.double(4, value)
  } else {
    const array = writer.openMessage(5)
    for (const item of value) {
      const any = writer.openMessage(1)
      writer.text(1, item)
      writer.closeMessage(any)
    }
    writer.closeMessage(array)
  }
}
