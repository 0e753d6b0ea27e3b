import { ROOT_CONTEXT } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { otelGlobals } from './otel-globals.ts'
import { contextVariable } from './platform.ts'

// OpenTelemetry's context needs a context manager, which an application without its SDK does not
// have; one of ours in its place would decide for everybody. So this stands in while there is none.
const own = contextVariable<Context>()

/** The context that a span started now belongs to. */
export function activeContext(): Context {
  const active = otelGlobals().context?.active() ?? ROOT_CONTEXT
  return active === ROOT_CONTEXT ? (own.get() ?? active) : active
}

/** Runs `fn` in a context; what it starts, at once or later, belongs there. */
export function runInContext<R>(active: Context, fn: () => R): R {
  const manager = otelGlobals().context
  if (manager === undefined) return own.run(active, fn)
  return manager.with(active, () => {
    const isKept = active !== ROOT_CONTEXT && manager.active() === active
    // Under a context manager ours must be empty, or it would show where the application asks for the root.
    if (isKept) return own.get() === undefined ? fn() : own.run(undefined, fn)
    return own.run(active, fn)
  })
}
