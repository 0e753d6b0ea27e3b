import { looksLikeJson, readHex, readResource, readScope } from './decode-protobuf.ts'
import { DecodeError } from './otlp.ts'
import { checkLogIds, type LogGroup, type OtlpLogRecord, type OtlpLogs } from './otlp-logs.ts'
import { type AttributeSink, noteOverflow, readAnyValue, readAttribute } from './protobuf-values.ts'
import {
  type Cursor,
  readFixed32,
  readLength,
  readMicroseconds,
  readRepeatedText,
  readTag,
  readVarint32,
  skipUnknown,
} from './protobuf-wire.ts'
import { cleanText } from './span-limits.ts'

/** An ExportLogsServiceRequest; as `decodeTracesProtobuf` in its faults and warnings. */
export function decodeLogsProtobuf(body: Buffer): OtlpLogs {
  const cursor: Cursor = { bytes: body, at: 0, isFresh: false }
  const records: OtlpLogRecord[] = []
  try {
    while (cursor.at < body.length) {
      const tag = readTag(cursor, body.length)
      if (tag === 0x0a) readResourceLogs(cursor, readLength(cursor, body.length), records)
      else skipUnknown(cursor, body.length, { tag, known: 1 })
    }
  } catch (error) {
    if (error instanceof DecodeError && looksLikeJson(body)) {
      throw new DecodeError('body does not match Content-Type: it looks like JSON, not protobuf')
    }
    throw error
  }
  return { records }
}

function readResourceLogs(cursor: Cursor, end: number, records: OtlpLogRecord[]): void {
  const resource: LogGroup['resource'] = { attributes: [], warnings: null, fault: null }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) readResource(cursor, readLength(cursor, end), resource)
    else if (tag === 0x12) readScopeLogs(cursor, readLength(cursor, end), { resource, records })
    else if (tag === 0x1a) readRepeatedText(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 3 })
  }
}

function readScopeLogs(
  cursor: Cursor,
  end: number,
  { resource, records }: { resource: LogGroup['resource']; records: OtlpLogRecord[] },
): void {
  const scope = { name: '', version: '', attributes: [], warnings: null, fault: null }
  const group: LogGroup = { resource, scope }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x12) records.push(readRecord(cursor, readLength(cursor, end), group))
    else if (tag === 0x0a) readScope(cursor, readLength(cursor, end), group.scope)
    else if (tag === 0x1a) readRepeatedText(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 3 })
  }
}

// oxlint-disable-next-line complexity -- one branch per field of the message
function readRecord(cursor: Cursor, end: number, group: LogGroup): OtlpLogRecord {
  const record: OtlpLogRecord = {
    group,
    timeUs: 0,
    observedUs: 0,
    body: null,
    attributes: [],
    traceId: '',
    spanId: '',
    eventName: '',
    warnings: null,
    fault: null,
  }
  const sink: AttributeSink = { attributes: record.attributes, notes: record, overflow: 0 }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x32) readAttribute(cursor, readLength(cursor, end), sink)
    else if (tag === 0x09) record.timeUs = readMicroseconds(cursor, end)
    else if (tag === 0x59) record.observedUs = readMicroseconds(cursor, end)
    else if (tag === 0x2a) {
      record.body = readAnyValue(cursor, readLength(cursor, end), { key: 'body', notes: record })
    } else if (tag === 0x4a) record.traceId = readHex(cursor, end)
    else if (tag === 0x52) record.spanId = readHex(cursor, end)
    else if (tag === 0x62) {
      record.eventName = cleanText(readRepeatedText(cursor, end), record, 'eventName')
    } else if (tag === 0x1a) readRepeatedText(cursor, end)
    else if (tag === 0x10 || tag === 0x38) readVarint32(cursor, end)
    else if (tag === 0x45) readFixed32(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 12 })
  }
  noteOverflow(sink)
  checkLogIds(record)
  return record
}
