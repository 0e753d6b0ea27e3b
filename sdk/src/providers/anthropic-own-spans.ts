import type { UnknownRecord } from '../core/read.ts'
import { getRuntime } from '../core/runtime.ts'
import type { Restore } from '../tap/override.ts'

const TRACER = '_tracer'

/**
 * From 0.134 the client records spans of its own wherever a tracer provider is global, and sends their
 * trace headers to the provider. While we record a client it has no tracer, which is what its option
 * `openTelemetry: false` does; when we are off it is as it was.
 */
export function silenceOwnSpans(client: UnknownRecord): Restore {
  const own = Object.getOwnPropertyDescriptor(client, TRACER)
  // Clients without spans of their own have no such field.
  if (own === undefined || own.configurable !== true || !('value' in own)) return () => undefined
  let tracer: unknown = own.value
  Object.defineProperty(client, TRACER, {
    configurable: true,
    enumerable: own.enumerable === true,
    get: () => (getRuntime() === undefined ? tracer : undefined),
    set: (value: unknown) => {
      tracer = value
    },
  })
  return () => {
    Object.defineProperty(client, TRACER, { ...own, value: tracer })
  }
}
