import { propagation, trace } from '@opentelemetry/api'
import { activeContext } from '../core/active-context.ts'
import type { UnknownRecord } from '../core/read.ts'
import { override } from './override.ts'
import type { Restore } from './override.ts'

/**
 * Sends the call's trace context along with each request of a Stainless-generated client, which lets
 * its last hook add headers. A signature made there must not cover them, so they come after it.
 */
export function propagateTrace(client: UnknownRecord): Restore {
  const prepare = client['prepareRequest']
  if (typeof prepare !== 'function') return () => undefined
  return override(
    client,
    'prepareRequest',
    async function traced(this: unknown, ...args: unknown[]) {
      await Reflect.apply(prepare, this, args)
      addTraceHeaders((args[0] as { headers?: unknown } | undefined)?.headers)
    },
  )
}

/** Adds the active span's id to a request's headers. */
export function addTraceHeaders(headers: unknown): void {
  if (!(headers instanceof Headers)) return
  const active = activeContext()
  const carrier: Record<string, string> = {}
  propagation.inject(active, carrier)
  for (const [name, value] of Object.entries(carrier)) headers.set(name, value)
  const span = trace.getSpanContext(active)
  // Without a propagator of the application's, W3C Trace Context.
  if (span === undefined || headers.has('traceparent')) return
  const flags = span.traceFlags.toString(16).padStart(2, '0')
  headers.set('traceparent', `00-${span.traceId}-${span.spanId}-${flags}`)
}
