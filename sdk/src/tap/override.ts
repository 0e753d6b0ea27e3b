import type { UnknownRecord } from '../core/read.ts'
import type { Runtime } from '../core/runtime.ts'
import type { CallDescription } from './call-recorder.ts'
import { overrideMethod } from './own-property.ts'
import type { Restore } from './own-property.ts'
import { traceCall } from './trace-call.ts'

/** How the arguments of one call become its description; undefined leaves the call unrecorded. */
export type Describe = (args: readonly unknown[], runtime: Runtime) => CallDescription | undefined

/** Records each call of one method of a client; where there is no such method, nothing changes. */
export function tapMethod(
  target: UnknownRecord | undefined,
  key: string,
  describe: Describe,
): Restore {
  const method = target?.[key]
  if (target === undefined || typeof method !== 'function') return () => undefined
  return overrideMethod(target, key, function traced(this: unknown, ...args: unknown[]) {
    return traceCall(
      (runtime) => describe(args, runtime),
      () => Reflect.apply(method, this, args),
    )
  })
}

export { override, overrideMethod } from './own-property.ts'
export type { Restore } from './own-property.ts'
