// OpenTelemetry's own place for what is global. It is read directly because a second copy of the API
// in another version, as npm leaves it between two of OpenTelemetry's majors, refuses to look there.
import type { ContextManager, TextMapPropagator, TracerProvider } from '@opentelemetry/api'

type Globals = {
  readonly trace?: TracerProvider
  readonly context?: ContextManager
  readonly propagation?: TextMapPropagator
  readonly logs?: unknown
}

const KEY = Symbol.for('opentelemetry.js.api.1')

/** What is registered for the whole process, by whichever copy of OpenTelemetry's API. */
export function otelGlobals(): Globals {
  return (globalThis as { readonly [KEY]?: Globals })[KEY] ?? NOTHING
}

const NOTHING: Globals = {}
