import { requestType } from './common-proto.ts'

// The log messages of OTLP as protobufjs reads them: the reference of the hand-written decoder.
const SCHEMA = `
message Request { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8;
  bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
`

const request = requestType(SCHEMA)

export type PlainLogs = { resourceLogs: PlainResourceLogs[] }
export type PlainResourceLogs = { resource?: unknown; scopeLogs: PlainScopeLogs[] }
export type PlainScopeLogs = { scope?: unknown; logRecords: PlainRecord[] }
export type PlainRecord = {
  timeUnixNano?: string
  observedTimeUnixNano?: string
  traceId?: string
  spanId?: string
  attributes?: { key: string; value: { stringValue?: string } }[]
  [field: string]: unknown
}

/** A request body of hex ids and decimal times, the form that OTLP/JSON has. */
export function encodeLogs(logs: PlainLogs): Buffer {
  const copy = structuredClone(logs)
  for (const record of recordsOf(copy)) {
    const { traceId = '', spanId = '' } = record
    Object.assign(record, {
      traceId: Buffer.from(traceId, 'hex'),
      spanId: Buffer.from(spanId, 'hex'),
    })
  }
  return Buffer.from(request.encode(request.fromObject(copy)).finish())
}

export function decodeLogs(body: Buffer): PlainLogs {
  const plain = request.toObject(request.decode(body), { longs: String }) as PlainLogs
  for (const record of recordsOf(plain)) {
    const fields = record as Record<string, unknown>
    for (const id of ['traceId', 'spanId']) {
      const bytes = fields[id]
      if (bytes instanceof Uint8Array) fields[id] = Buffer.from(bytes).toString('hex')
    }
  }
  return plain
}

export function recordsOf(logs: PlainLogs): PlainRecord[] {
  return logs.resourceLogs.flatMap(({ scopeLogs }) =>
    (scopeLogs ?? []).flatMap(({ logRecords }) => logRecords ?? []),
  )
}

/** One request for each record. */
export function splitLogs(logs: PlainLogs): PlainLogs[] {
  return logs.resourceLogs.flatMap((resourceLogs) =>
    (resourceLogs.scopeLogs ?? []).flatMap((scopeLogs) =>
      (scopeLogs.logRecords ?? []).map((record) => ({
        resourceLogs: [{ ...resourceLogs, scopeLogs: [{ ...scopeLogs, logRecords: [record] }] }],
      })),
    ),
  )
}

const DAY_NS = 86_400_000_000_000n

/** Moved in time by whole days, what stands as text in `event.timestamp` as well. */
export function shiftLogs(logs: PlainLogs, days: number): PlainLogs {
  const copy = structuredClone(logs)
  const shiftNs = BigInt(days) * DAY_NS
  for (const record of recordsOf(copy)) {
    for (const field of ['timeUnixNano', 'observedTimeUnixNano'] as const) {
      const sent = record[field]
      if (sent !== undefined && sent !== '0') record[field] = String(BigInt(sent) + shiftNs)
    }
    for (const { key, value } of record.attributes ?? []) {
      if (key !== 'event.timestamp' || value.stringValue === undefined) continue
      const at = Date.parse(value.stringValue) + days * 86_400_000
      value.stringValue = new Date(at).toISOString()
    }
  }
  return copy
}
