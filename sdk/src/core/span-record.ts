import type { Attributes, HrTime, SpanKind, SpanStatus } from '@opentelemetry/api'
import type { Fields } from './fields.ts'

/** Who made a record: an instrumentation scope. Records of one scope share one object. */
export type Scope = {
  readonly name: string
  readonly version?: string | undefined
  readonly schemaUrl?: string | undefined
  readonly attributes?: Attributes | undefined
}

export type RecordedEvent = {
  readonly name: string
  readonly time: HrTime
  readonly attributes?: Attributes | undefined
  readonly droppedAttributesCount?: number | undefined
}

export type RecordedLink = {
  readonly traceId: string
  readonly spanId: string
  readonly traceState?: string | undefined
  readonly flags?: number | undefined
  readonly attributes?: Attributes | undefined
  readonly droppedAttributesCount?: number | undefined
}

/** A span that has ended, waiting to be encoded. Ids are lower hex. */
export type SpanRecord = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState?: string | undefined
  /** As OTLP has them: trace flags, and in 0x300 whether the parent is remote. */
  readonly flags: number
  readonly name: string
  readonly kind: SpanKind
  readonly start: HrTime
  readonly end: HrTime
  /** What was said, one set after the other: of a name said twice the last counts. */
  readonly parts: readonly Fields[]
  readonly events: readonly RecordedEvent[]
  readonly links: readonly RecordedLink[]
  readonly status: SpanStatus
  /** Records of one resource share one object. */
  readonly resource: Attributes
  readonly scope: Scope
  readonly droppedAttributesCount?: number
  readonly droppedEventsCount?: number
  readonly droppedLinksCount?: number
}

/** A log record (a score or feedback), waiting to be encoded. */
export type LogRecord = {
  readonly eventName: string
  readonly time: HrTime
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly fields: Fields
  readonly resource: Attributes
  readonly scope: Scope
}
