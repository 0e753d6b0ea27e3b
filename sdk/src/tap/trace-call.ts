import { runInContext } from '../core/active-context.ts'
import { keepProperties } from '../core/keep-properties.ts'
import { getRuntime } from '../core/runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { CallRecorder } from './call-recorder.ts'
import type { CallDescription } from './call-recorder.ts'
import { isApiPromise, recordResult, tapApiPromise } from './tap-api-promise.ts'

/** Makes a provider call with a span around it; what the call returns or throws stays as it is. */
export function traceCall<R>(
  describe: (runtime: Runtime) => CallDescription | undefined,
  call: () => R,
): R {
  const recorder = startRecorder(describe)
  if (recorder === undefined) return call()
  let result: R
  try {
    result = runInContext(recorder.context, call)
  } catch (error) {
    recorder.fail(error)
    throw error
  }
  return recorder.isRecording ? (tapResult(result, recorder) as R) : result
}

function startRecorder(
  describe: (runtime: Runtime) => CallDescription | undefined,
): CallRecorder | undefined {
  const runtime = getRuntime()
  if (runtime === undefined) return undefined
  try {
    const description = describe(runtime)
    return description === undefined ? undefined : new CallRecorder(runtime, description)
  } catch {
    return undefined
  }
}

/** Answers what the application gets. */
function tapResult(result: unknown, recorder: CallRecorder): unknown {
  try {
    if (isApiPromise(result)) tapApiPromise(result, recorder)
    else if (result instanceof Promise) return follow(result, recorder)
    else recordResult(result, recorder)
  } catch {
    // A client built in a way we do not know works on; its span ends with the sweep.
  }
  return result
}

/**
 * A promise of its own: listening beside the application would count as handling the failure, and V8 leaves
 * the application's functions out of an error's stack where a promise has two listeners.
 */
function follow(promise: Promise<unknown>, recorder: CallRecorder): Promise<unknown> {
  const followed = promise.then(
    (value) => {
      recordResult(value, recorder)
      return value
    },
    (error: unknown) => {
      recorder.fail(error)
      throw error
    },
  )
  return keepProperties(followed, promise)
}
