import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { runInContext } from './active-context.ts'

// OpenTelemetry's own key; it has no spans made of what runs under it.
const KEY = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const SUPPRESSED = ROOT_CONTEXT.setValue(KEY, true)

export function isTracingSuppressed(active: Context): boolean {
  return active.getValue(KEY) === true
}

/** Runs what is not to be traced: our own requests. */
export function runUntraced<R>(fn: () => R): R {
  return runInContext(SUPPRESSED, fn)
}
