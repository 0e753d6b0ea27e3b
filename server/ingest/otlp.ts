/** OTLP traces as both decoders answer them, and as a stored chunk is read back. */

/** An OTLP kvlist. Never a plain object: keys come from outside. */
export type KeyValueList = { entries: Attribute[] }

/** int64 beyond 2^53 is a bigint; an absent or empty AnyValue is null. */
export type AttributeValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | AttributeValue[]
  | KeyValueList

export type Attribute = { key: string; value: AttributeValue }

/** What a decoder changed (`warnings`) or could not take (`fault`) in the thing that carries it. */
export type DecodeNotes = { warnings: string[] | null; fault: SpanFault | null }

export type OtlpResource = DecodeNotes & { attributes: Attribute[] }

export type OtlpScope = DecodeNotes & { name: string; version: string; attributes: Attribute[] }

/** Spans of one ScopeSpans share one group object. */
export type OtlpGroup = {
  resource: OtlpResource
  scope: OtlpScope
  /** Where the resource and scope stand in the body (protobuf) or as parsed (JSON); for `chunk.ts`. */
  source: GroupSource
}

export type GroupSource =
  | {
      format: 'protobuf'
      resource: ByteRange | null
      resourceSchemaUrl: string
      scope: ByteRange | null
      scopeSchemaUrl: string
    }
  | { format: 'json'; resourceSpans: JsonObject; scopeSpans: JsonObject }

export type ByteRange = { start: number; end: number }

/** A parsed JSON object whose keys are not trusted. */
export type JsonObject = { readonly [key: string]: unknown }

export type OtlpEvent = {
  name: string
  timeUs: number
  attributes: Attribute[]
  droppedAttributesCount: number
}

export type OtlpLink = {
  traceId: string
  spanId: string
  traceState: string
  attributes: Attribute[]
}

/** Why a span (or each span of a resource or scope) cannot be stored; its siblings are. */
export type SpanFault = {
  reason:
    | 'invalid_trace_id'
    | 'invalid_span_id'
    | 'invalid_time'
    | 'invalid_value'
    | 'too_many_attributes'
    | 'too_deep'
  message: string
}

export type OtlpSpan = DecodeNotes & {
  group: OtlpGroup
  /** Lower-case hex as sent, checked by `fault`. */
  traceId: string
  spanId: string
  /** null = a root. */
  parentSpanId: string | null
  traceState: string
  name: string
  kind: number
  startUs: number
  endUs: number
  attributes: Attribute[]
  droppedAttributesCount: number
  events: OtlpEvent[]
  links: OtlpLink[]
  statusCode: number
  statusMessage: string
  /** The span's own bytes in the body (protobuf), or its parsed object (JSON). */
  source: ByteRange | JsonObject
}

/** `spans` is flat, in payload order: a span's index there is its index in answers and chunks. */
export type OtlpTraces = { format: 'protobuf' | 'json'; spans: OtlpSpan[] }

/** The body as a whole cannot be read: 400, nothing of it is kept. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DecodeError'
  }
}

export function isKeyValueList(value: AttributeValue): value is KeyValueList {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  )
}
