import type { UnknownRecord } from '../core/read.ts'
import type { Runtime } from '../core/runtime.ts'
import type { CallDescription } from './call-recorder.ts'
import { overrideMethod } from './own-property.ts'
import type { Restore } from './own-property.ts'
import { traceCall } from './trace-call.ts'

/** How the arguments of one call become its description; undefined leaves the call unrecorded. */
export type Describe = (args: readonly unknown[], runtime: Runtime) => CallDescription | undefined

/**
 * Records each call of one method of a client that the application calls; where there is no such method,
 * or it is recorded already through another object that shares it, nothing changes.
 */
export function tapMethod(
  target: UnknownRecord | undefined,
  key: string,
  describe: Describe,
): Restore {
  const method = target?.[key] as AnyFunction | undefined
  if (target === undefined || typeof method !== 'function' || tapped.has(method))
    return () => undefined
  const original = method
  function traced(this: unknown, ...args: unknown[]): unknown {
    return traceCall(
      (runtime) => describe(args, runtime),
      () => Reflect.apply(original, this, args) as unknown,
    )
  }
  tapped.add(traced)
  return overrideMethod(target, key, traced)
}

type AnyFunction = (...args: unknown[]) => unknown

/** Methods of ours. Proxies, heirs and facades of a client have the same ones. */
const tapped = new WeakSet<AnyFunction>()

export { override, overrideMethod } from './own-property.ts'
export type { Restore } from './own-property.ts'
