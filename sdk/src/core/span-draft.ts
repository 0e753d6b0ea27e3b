import type { Attributes, Context, SpanKind } from '@opentelemetry/api'
import type { Fields } from './fields.ts'

/** What a span knows when it starts; what a sampler may look at. */
export type SpanStart = {
  readonly name: string
  readonly kind: SpanKind
  /** Epoch milliseconds, with fractions. */
  readonly startMs: number
  readonly fields: Fields
  readonly parent: Context
}

/**
 * A span in the making. Taps and observed functions know only this; behind it is either our own record
 * or a span of an OpenTelemetry tracer. No method throws; after `end` they do nothing.
 */
export interface SpanDraft {
  readonly traceId: string
  readonly spanId: string
  /** The parent's context with this span active in it, so that other spans nest. */
  readonly context: Context
  set(fields: Fields): void
  event(name: string, attributes?: Attributes): void
  /** Marks the span as failed: status, `error.type`, and with `exception` an exception event. */
  fail(error: unknown, options?: { readonly exception?: boolean }): void
  /** Epoch milliseconds, with fractions. */
  end(atMs: number): void
}

/** Starts a span; undefined where it would not be recorded (suppressed, or not sampled). */
export type StartSpan = (start: SpanStart) => SpanDraft | undefined

/** An OpenTelemetry log record, which is how scores and feedback travel. */
export type LogDraft = {
  readonly eventName: string
  /** Epoch milliseconds. */
  readonly atMs: number
  readonly fields: Fields
  /** The span it speaks of. */
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
}
