import {
  isObject,
  listOf,
  objectOf,
  parseJson,
  readId,
  readResource,
  readScope,
  toMicroseconds,
} from './decode-json.ts'
import { readJsonAnyValue, readJsonAttributes, readJsonText } from './json-values.ts'
import { DecodeError, type DecodeNotes, type JsonObject } from './otlp.ts'
import { checkLogIds, type LogGroup, type OtlpLogRecord, type OtlpLogs } from './otlp-logs.ts'

/** An ExportLogsServiceRequest in proto3 JSON; as `decodeTracesJson` in its faults and warnings. */
export function decodeLogsJson(body: Buffer): OtlpLogs {
  const records: OtlpLogRecord[] = []
  const parsed = parseJson(body)
  if (!isObject(parsed)) throw new DecodeError('the JSON body must be an object with resourceLogs')
  for (const resourceLogs of listOf(parsed, 'resourceLogs', 'resource_logs')) {
    const resource = readResource(objectOf(resourceLogs, 'resource'))
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs', 'scope_logs')) {
      const group = { resource, scope: readScope(objectOf(scopeLogs, 'scope')) }
      for (const record of listOf(scopeLogs, 'logRecords', 'log_records')) {
        records.push(readRecord(record, group))
      }
    }
  }
  return { records }
}

function readRecord(source: JsonObject, group: LogGroup): OtlpLogRecord {
  const record: OtlpLogRecord = {
    group,
    timeUs: 0,
    observedUs: 0,
    body: null,
    attributes: [],
    traceId: readId(source['traceId'] ?? source['trace_id']),
    spanId: readId(source['spanId'] ?? source['span_id']),
    eventName: '',
    warnings: null,
    fault: null,
  }
  record.attributes = readJsonAttributes(source['attributes'], record).attributes
  record.body = readJsonAnyValue(source['body'], { key: 'body', notes: record })
  record.eventName = readJsonText(source['eventName'] ?? source['event_name'], record, 'eventName')
  record.observedUs = readTime(
    source['observedTimeUnixNano'] ?? source['observed_time_unix_nano'],
    {
      field: 'observedTimeUnixNano',
      notes: record,
    },
  )
  record.timeUs = readTime(source['timeUnixNano'] ?? source['time_unix_nano'], {
    field: 'timeUnixNano',
    notes: record,
  })
  checkLogIds(record)
  return record
}

function readTime(value: unknown, { field, notes }: { field: string; notes: DecodeNotes }): number {
  const micros = toMicroseconds(value ?? '')
  if (micros !== null) return micros
  notes.fault ??= {
    reason: 'invalid_time',
    message: `${field} must be nanoseconds from 0 to 2^64-1`,
  }
  return 0
}
