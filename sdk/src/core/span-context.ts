import { createContextKey, trace } from '@opentelemetry/api'
import type { Context, SpanContext } from '@opentelemetry/api'

// OpenTelemetry's own key of the active span.
const SPAN_KEY = createContextKey('OpenTelemetry Context Key SPAN')
// Deeper chains are made flat, or looking something up would take ever longer.
const MAX_DEPTH = 16

/**
 * A context with a span of ours active in it. What `trace.setSpanContext` answers, without its copy
 * of everything else that the context holds.
 */
export function withSpanContext(parent: Context, spanContext: SpanContext): Context {
  return new OverlaidContext(parent, SPAN_KEY, trace.wrapSpanContext(spanContext))
}

class OverlaidContext implements Context {
  readonly #parent: Context
  readonly #key: symbol
  readonly #value: unknown
  readonly #depth: number

  constructor(parent: Context, key: symbol, value: unknown) {
    const isDeep = parent instanceof OverlaidContext && parent.#depth >= MAX_DEPTH
    this.#parent = isDeep ? parent.#flat() : parent
    this.#depth = this.#parent instanceof OverlaidContext ? this.#parent.#depth + 1 : 1
    this.#key = key
    this.#value = value
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#parent.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return new OverlaidContext(this, key, value)
  }

  deleteValue(key: symbol): Context {
    return new OverlaidContext(this, key, undefined)
  }

  /** The same values in one context of OpenTelemetry's own. */
  #flat(): Context {
    const base = this.#parent instanceof OverlaidContext ? this.#parent.#flat() : this.#parent
    return base.setValue(this.#key, this.#value)
  }
}
