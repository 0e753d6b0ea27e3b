import type { Attributes, HrTime, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api'
import type { Fields } from './fields.ts'
import type { SpanRecord } from './span-record.ts'

/** The resource of a span; some of its attributes may still be on their way. */
export interface SpanResource {
  readonly attributes: Attributes
  readonly asyncAttributesPending?: boolean | undefined
  waitForAsyncAttributes?(): Promise<void>
}

/** What we read of a span that has ended. OpenTelemetry JS 2.x and 3.x call it `ReadableSpan`. */
export interface EndedSpan {
  readonly name: string
  readonly kind: SpanKind
  spanContext(): SpanContext
  readonly parentSpanContext?: SpanContext | undefined
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly status: SpanStatus
  readonly attributes: Attributes
  readonly links: readonly {
    readonly context: SpanContext
    readonly attributes?: Attributes | undefined
  }[]
  readonly events: readonly {
    readonly name: string
    readonly time: HrTime
    readonly attributes?: Attributes | undefined
  }[]
  readonly resource: SpanResource
  readonly instrumentationScope: {
    readonly name: string
    readonly version?: string | undefined
    readonly schemaUrl?: string | undefined
  }
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
}

/** A span as a record: its own objects, not copies. */
export function toRecord(
  span: EndedSpan,
  { parts, resource }: { readonly parts: readonly Fields[]; readonly resource: Attributes },
): SpanRecord {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    traceState: traceState?.serialize(),
    flags: traceFlags,
    name: span.name,
    kind: span.kind,
    start: span.startTime,
    end: span.endTime,
    parts,
    events: span.events,
    links: span.links.length === 0 ? NO_LINKS : span.links.map(toLink),
    status: span.status,
    resource,
    scope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  }
}

const NO_LINKS: SpanRecord['links'] = []

function toLink({ context, attributes }: EndedSpan['links'][number]): SpanRecord['links'][number] {
  return { traceId: context.traceId, spanId: context.spanId, attributes }
}
