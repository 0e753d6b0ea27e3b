import { activeContext } from '../core/active-context.ts'
import { findOpenCall } from '../core/open-calls.ts'
import type { UnknownRecord } from '../core/read.ts'
import { CallRecorder } from './call-recorder.ts'
import { overrideMethod } from './own-property.ts'
import type { Restore } from './own-property.ts'

/**
 * Counts the retries that a Stainless-generated client makes inside one call. Its method is private and
 * may go away: then there is no count, and nothing else changes.
 */
export function tapRetries(client: UnknownRecord): Restore {
  const retry = client['retryRequest']
  if (typeof retry !== 'function' || counting.has(retry)) return () => undefined
  function counted(this: unknown, ...args: unknown[]): unknown {
    recorderInContext()?.retried()
    return Reflect.apply(retry as () => unknown, this, args)
  }
  counting.add(counted)
  return overrideMethod(client, 'retryRequest', counted)
}

/** A proxy of a client, or what inherits from it, has the client's method, which counts already. */
const counting = new WeakSet<object>()

/** The call being made. Retries are rare, so looking through the open calls costs the others nothing. */
export function recorderInContext(): CallRecorder | undefined {
  const active = activeContext()
  const call = findOpenCall((open) => open instanceof CallRecorder && open.context === active)
  return call instanceof CallRecorder ? call : undefined
}
