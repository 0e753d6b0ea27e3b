// Some helpers take a call's raw answer from its promise and build another promise on it, which is the
// one that reads the body.
import type { CallRecorder } from './call-recorder.ts'
import { cover } from './own-property.ts'

type ApiPromise = {
  parseResponse: (...args: unknown[]) => unknown
  _responseProps?: () => unknown
}

/** Whose call an answer belongs to. */
const recorderByAnswer = new WeakMap<object, CallRecorder>()

/** Remembers whose answer it is that a helper takes from the promise. */
export function tapHandOver(promise: ApiPromise, recorder: CallRecorder): void {
  const take = promise._responseProps
  if (typeof take !== 'function') return
  cover(promise, '_responseProps', () => {
    const taken = take.call(promise)
    if (taken instanceof Promise) {
      taken.then(
        (answer: unknown) => {
          if (typeof answer === 'object' && answer !== null) recorderByAnswer.set(answer, recorder)
        },
        () => undefined,
      )
    }
    return taken
  })
}

/** Watches a promise that a helper built, which parses an answer taken from a recorded call. */
export function tapBuiltPromise(
  promise: ApiPromise,
  record: (result: unknown, recorder: CallRecorder) => void,
): void {
  const parse = promise.parseResponse
  promise.parseResponse = function parseTaken(this: unknown, ...args) {
    const result = parse.apply(this, args)
    const recorder = recorderByAnswer.get(args[1] as object)
    if (recorder !== undefined && result instanceof Promise) {
      recorder.reading()
      result.then(
        (value: unknown) => record(value, recorder),
        (error: unknown) => recorder.fail(error),
      )
    }
    return result
  }
}
