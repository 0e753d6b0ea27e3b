import type { Attributes } from '@opentelemetry/api'
import { writeAttributes, writeParts } from './encode-attributes.ts'
import type { WriteContent } from './encode-attributes.ts'
import type { ProtoWriter } from './proto-writer.ts'
import { widthFor } from './proto-writer.ts'
import type { LogRecord, RecordedEvent, RecordedLink, SpanRecord } from './span-record.ts'

// OTLP's Span and LogRecord, each as the repeated field 2 of ScopeSpans or ScopeLogs.
const RECORD = 0x12
/** More than any record: content is capped, and a batch is far below 256 MiB. */
const RECORD_WIDTH = 4
const SEVERITY_INFO = 9

/**
 * `content` is what the span's content has become, or how it is written; false where it cannot be, and
 * what was written so far is of no use.
 */
export function writeSpan(
  writer: ProtoWriter,
  span: SpanRecord,
  content: Attributes | WriteContent,
): boolean {
  const at = writer.open(RECORD, RECORD_WIDTH)
  writer.hex(0x0a, span.traceId)
  writer.hex(0x12, span.spanId)
  if (span.traceState) writer.text(0x1a, span.traceState)
  if (span.parentSpanId) writer.hex(0x22, span.parentSpanId)
  writer.text(0x2a, span.name)
  // OTLP counts kinds from 1; 0 is "unspecified".
  writer.uint32(0x30, span.kind + 1)
  writer.nanoseconds(0x39, span.start)
  writer.nanoseconds(0x41, span.end)
  const writeContent = typeof content === 'function' ? content : PASS_OVER
  if (!writeParts(writer, span.parts, writeContent)) return false
  if (content !== writeContent) writeAttributes(writer, 0x4a, content as Attributes)
  writeCount(writer, 0x50, span.droppedAttributesCount)
  for (const event of span.events) writeEvent(writer, event)
  writeCount(writer, 0x60, span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link)
  writeCount(writer, 0x70, span.droppedLinksCount)
  writeStatus(writer, span.status)
  writer.byte(0x85)
  writer.byte(0x01)
  writer.fixed32(span.flags)
  writer.close(at, RECORD_WIDTH)
  return true
}

const PASS_OVER: WriteContent = () => true

export function writeLog(writer: ProtoWriter, log: LogRecord, attributes: Attributes): void {
  const at = writer.open(RECORD, RECORD_WIDTH)
  writer.nanoseconds(0x09, log.time)
  writer.uint32(0x10, SEVERITY_INFO)
  writeAttributes(writer, 0x32, attributes)
  if (log.traceId) writer.hex(0x4a, log.traceId)
  if (log.spanId) writer.hex(0x52, log.spanId)
  writer.nanoseconds(0x59, log.time)
  writer.text(0x62, log.eventName)
  writer.close(at, RECORD_WIDTH)
}

function writeEvent(writer: ProtoWriter, event: RecordedEvent): void {
  const at = writer.open(0x5a, RECORD_WIDTH)
  writer.nanoseconds(0x09, event.time)
  writer.text(0x12, event.name)
  if (event.attributes !== undefined) writeAttributes(writer, 0x1a, event.attributes)
  writeCount(writer, 0x20, event.droppedAttributesCount)
  writer.close(at, RECORD_WIDTH)
}

function writeLink(writer: ProtoWriter, link: RecordedLink): void {
  const at = writer.open(0x6a, RECORD_WIDTH)
  writer.hex(0x0a, link.traceId)
  writer.hex(0x12, link.spanId)
  if (link.traceState) writer.text(0x1a, link.traceState)
  if (link.attributes !== undefined) writeAttributes(writer, 0x22, link.attributes)
  writeCount(writer, 0x28, link.droppedAttributesCount)
  if (link.flags) {
    writer.byte(0x35)
    writer.fixed32(link.flags)
  }
  writer.close(at, RECORD_WIDTH)
}

function writeStatus(writer: ProtoWriter, { code, message }: SpanRecord['status']): void {
  if (code === 0 && !message) return
  const width = widthFor((message?.length ?? 0) * 3 + 8)
  const at = writer.open(0x7a, width)
  if (message) writer.text(0x12, message)
  writer.uint32(0x18, code)
  writer.close(at, width)
}

function writeCount(writer: ProtoWriter, tag: number, count: number | undefined): void {
  if (count) writer.uint32(tag, count)
}
