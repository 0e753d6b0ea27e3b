import type { Attribute, AttributeValue, DecodeNotes, OtlpResource, OtlpScope } from './otlp.ts'

/** OTLP logs as both decoders answer them. Records of one ScopeLogs share one group object. */
export type LogGroup = { resource: OtlpResource; scope: OtlpScope }

export type OtlpLogRecord = DecodeNotes & {
  group: LogGroup
  /** As sent, 0 where not. */
  timeUs: number
  observedUs: number
  body: AttributeValue
  attributes: Attribute[]
  /** Lower-case hex as sent, '' where the record belongs to no span. */
  traceId: string
  spanId: string
  eventName: string
}

/** In payload order. */
export type OtlpLogs = { records: OtlpLogRecord[] }

/** When it happened, else when it was observed. */
export function recordTimeUs({ timeUs, observedUs }: OtlpLogRecord): number {
  return timeUs === 0 ? observedUs : timeUs
}

const ZERO = /^0+$/

/** Ids of zeros mean none; what is no id refuses the record. */
export function checkLogIds(record: OtlpLogRecord): void {
  if (ZERO.test(record.traceId)) record.traceId = ''
  if (ZERO.test(record.spanId)) record.spanId = ''
  if (record.traceId !== '' && !/^[0-9a-f]{32}$/.test(record.traceId)) {
    record.fault ??= { reason: 'invalid_trace_id', message: 'traceId must be 32 hex' }
  }
  if (record.spanId !== '' && !/^[0-9a-f]{16}$/.test(record.spanId)) {
    record.fault ??= { reason: 'invalid_span_id', message: 'spanId must be 16 hex' }
  }
}
