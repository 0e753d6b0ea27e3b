import { createContextKey, trace } from '@opentelemetry/api'
import type { Context, Span, SpanContext } from '@opentelemetry/api'

const ISOLATED_SPAN = createContextKey('sightline.isolated-span')

/** Our span in a context, kept apart from the active span of another vendor's tracer. */
export function isolatedSpan(active: Context): Span | undefined {
  return active.getValue(ISOLATED_SPAN) as Span | undefined
}

/** A context in which ours are the children of `span`, and other tracers see nothing of it. */
export function withIsolatedSpan(active: Context, span: Span): Context {
  return active.setValue(ISOLATED_SPAN, span)
}

/** The span that something said now is about: ours, before one of another tracer. */
export function activeSpanContext(active: Context): SpanContext | undefined {
  return isolatedSpan(active)?.spanContext() ?? trace.getSpanContext(active)
}
