import type { Attributes } from '@opentelemetry/api'
import type { SpanDraft } from './span-draft.ts'

/**
 * The span of an observed function, handed to it after its other arguments.
 *
 * @example
 * observe({ name: 'search' }, (question: string, span: ObservedSpan) => span.set('articles', 3))
 */
export interface ObservedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Adds an attribute. */
  set(key: string, value: string | number | boolean | readonly string[]): void
  /** Adds something that happened at this moment. */
  event(name: string, attributes?: Readonly<Record<string, string | number | boolean>>): void
  /** Marks the span as failed although the function returns. */
  fail(error: unknown): void
}

/** What the application may do with a span; without one, while the SDK is off, nothing happens. */
export function toHandle(draft: SpanDraft | undefined): ObservedSpan {
  return {
    traceId: draft?.traceId ?? NO_TRACE_ID,
    spanId: draft?.spanId ?? NO_SPAN_ID,
    set: (key, value) => draft?.set({ [key]: toValue(value) }),
    event: (name, attributes) => draft?.event(name, { ...attributes }),
    fail: (error) => draft?.fail(error, { exception: true }),
  }
}

/** Without a type checker anything may come; what is no attribute is left out. */
function toValue(value: unknown): Attributes[string] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string')
  return isScalar(value) ? value : undefined
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

const NO_TRACE_ID = '0'.repeat(32)
const NO_SPAN_ID = '0'.repeat(16)
