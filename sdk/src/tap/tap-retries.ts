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
  if (typeof retry !== 'function') return () => undefined
  return overrideMethod(
    client,
    'retryRequest',
    function counted(this: unknown, ...args: unknown[]) {
      recorderInContext()?.retried()
      return Reflect.apply(retry, this, args)
    },
  )
}

/** The call being made. Retries are rare, so looking through the open calls costs the others nothing. */
export function recorderInContext(): CallRecorder | undefined {
  const active = activeContext()
  const call = findOpenCall((open) => open instanceof CallRecorder && open.context === active)
  return call instanceof CallRecorder ? call : undefined
}
