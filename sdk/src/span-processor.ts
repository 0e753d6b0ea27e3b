import { TraceFlags } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { Resource } from '@opentelemetry/resources'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Delivery } from './core/delivery.ts'
import { RESOURCE_SDK_DROPPED } from './core/semconv.ts'

/** Hands every sampled span of a tracer provider to our own delivery. */
export class SightlineSpanProcessor implements SpanProcessor {
  readonly #delivery: Delivery<ReadableSpan>

  constructor(delivery: Delivery<ReadableSpan>) {
    this.#delivery = delivery
  }

  onStart(): void {
    // A span is of interest once it has ended.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#delivery.add(span)
  }

  async forceFlush(): Promise<void> {
    await this.#delivery.flush(FLUSH_TIMEOUT_MS)
  }

  async shutdown(): Promise<void> {
    await this.#delivery.flush(FLUSH_TIMEOUT_MS)
    this.#delivery.close()
  }
}

const FLUSH_TIMEOUT_MS = 10_000
const SPAN_OVERHEAD_BYTES = 300

/** About what a span takes in memory and on the wire; exact counting would cost what encoding does. */
export function sizeOfSpan(span: ReadableSpan): number {
  let bytes = SPAN_OVERHEAD_BYTES
  for (const [key, value] of Object.entries(span.attributes)) {
    bytes += key.length + (typeof value === 'string' ? value.length : 16)
  }
  return bytes
}

/** OTLP protobuf; once spans were dropped, each request carries the count so far. */
export function encodeSpans(spans: readonly ReadableSpan[], dropped: number): Uint8Array {
  const counted = dropped === 0 ? [...spans] : withDropped(spans, dropped)
  const body = ProtobufTraceSerializer.serializeRequest(counted)
  if (body === undefined) throw new Error(`${spans.length} spans could not be encoded`)
  return body
}

function withDropped(spans: readonly ReadableSpan[], dropped: number): ReadableSpan[] {
  const count = resourceFromAttributes({ [RESOURCE_SDK_DROPPED]: dropped })
  // The serialiser groups by the resource object, so equal spans must share one.
  const merged = new Map<Resource, Resource>()
  return spans.map((span) => {
    const resource = merged.get(span.resource) ?? span.resource.merge(count)
    merged.set(span.resource, resource)
    return Object.create(span, { resource: { value: resource, enumerable: true } })
  })
}
