import { requestType } from './common-proto.ts'

// The trace messages of OTLP as protobufjs reads them: the reference of the hand-written decoder.
const SCHEMA = `
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
message Status { string message = 2; int32 code = 3; }
`

const request = requestType(SCHEMA)

/** `{resourceSpans: […]}` in protobufjs' own form, as a request body. */
export function encodeRequest(message: Record<string, unknown>): Buffer {
  return Buffer.from(request.encode(request.fromObject(message)).finish())
}

/** 64-bit integers as decimal text, bytes as hex. */
export function decodeRequest(body: Buffer): Record<string, unknown> {
  const plain = request.toObject(request.decode(body), { longs: String, defaults: true })
  return hexBytes(plain) as Record<string, unknown>
}

function hexBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(hexBytes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hexBytes(inner)]))
}
