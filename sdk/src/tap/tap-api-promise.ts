// The promise of a Stainless-generated client (OpenAI, Anthropic, Groq and others) reads the body only
// when somebody asks for it. Calling its `then` would ask. So its fields are watched instead.
import { yieldToLoop } from '../core/timers.ts'
import type { CallRecorder } from './call-recorder.ts'
import { tapBuiltPromise, tapHandOver } from './hand-over.ts'
import { cover } from './own-property.ts'
import { isAsyncStream, tapAsyncStream } from './tap-async-stream.ts'
import { isClientStream, tapStream } from './tap-stream.ts'

type Transform = (value: unknown, props: unknown) => unknown

export type ApiPromise = {
  responsePromise: Promise<unknown>
  parseResponse: (...args: unknown[]) => unknown
  _thenUnwrap?: (transform: Transform) => unknown
  asResponse?: () => unknown
  _responseProps?: () => unknown
}

export function isApiPromise(value: unknown): value is ApiPromise {
  return (
    typeof value === 'object' &&
    value !== null &&
    'responsePromise' in value &&
    value.responsePromise instanceof Promise &&
    'parseResponse' in value &&
    typeof value.parseResponse === 'function'
  )
}

type Use = {
  /** Somebody holds a promise that will tell of a failure. */
  isAwaited: boolean
  isAnswered: boolean
  isParsed: boolean
  isRaw: boolean
}

export function tapApiPromise(promise: ApiPromise, recorder: CallRecorder): void {
  const use: Use = { isAwaited: false, isAnswered: false, isParsed: false, isRaw: false }
  const request = promise.responsePromise
  tapParse(promise, (parse) => watchParse(parse, { use, recorder }))
  tapUnwrap(promise, { use, recorder })
  tapRaw(promise, { use, recorder })
  tapHandOver(promise, recorder)
  watchAwait(promise, use)
  watchRequest(request, { use, recorder })
}

type Then = (onResult?: unknown, onError?: unknown) => Promise<unknown>

/**
 * Listens along with whoever listens first: V8 leaves the application's functions out of an error's stack
 * where a promise on the way has a second listener.
 */
function watchRequest(request: Promise<unknown>, { use, recorder }: Watch): void {
  const then = request.then.bind(request) as Then
  const onAnswer = () => {
    use.isAnswered = true
    recorder.answered()
    endIfRaw(use, recorder)
  }
  let isHeard = false
  cover(request, 'then', (onResult?: unknown, onError?: unknown) => {
    if (isHeard) return then(onResult, onError)
    isHeard = true
    return then(
      (value: unknown) => {
        onAnswer()
        return typeof onResult === 'function' ? (onResult(value) as unknown) : value
      },
      (error: unknown) => {
        recorder.fail(error)
        if (typeof onError === 'function') return onError(error) as unknown
        throw error
      },
    )
  })
  // `await` asks in the next turn of the microtasks.
  void Promise.resolve()
    .then(() => undefined)
    .then(() => {
      if (isHeard) return
      isHeard = true
      void then(onAnswer, (error: unknown) => {
        recorder.fail(error)
        // Listening here hides a failure nobody handles, which would have ended the process.
        if (!use.isAwaited) void Promise.reject(error)
      })
    })
}

/** The result of a call, however it was asked for. */
export function recordResult(result: unknown, recorder: CallRecorder): void {
  if (!recorder.isRecording) return
  try {
    if (isClientStream(result)) tapStream(result, recorder)
    else if (isAsyncStream(result)) tapAsyncStream(result, recorder)
    else recorder.succeed(result)
  } catch {
    // A result that cannot be watched, as a frozen one, is the application's all the same.
    recorder.endUnread()
  }
}

/** Watches the promise that a helper built on the answer of a recorded call; the same promise out. */
export function followBuiltPromise(promise: unknown): unknown {
  if (isApiPromise(promise)) tapBuiltPromise(promise, recordResult)
  return promise
}

type Watch = { readonly use: Use; readonly recorder: CallRecorder }

function watchParse(parse: () => unknown, { use, recorder }: Watch): unknown {
  use.isParsed = true
  recorder.reading()
  const result = parse()
  if (result instanceof Promise) {
    // Registered first, so a stream is tapped before the application gets hold of it.
    result.then(
      (value) => recordResult(value, recorder),
      (error: unknown) => recorder.fail(error),
    )
  } else recordResult(result, recorder)
  return result
}

function tapParse(promise: ApiPromise, watch: (parse: () => unknown) => unknown): void {
  const parseResponse = promise.parseResponse
  promise.parseResponse = function parse(this: unknown, ...args) {
    return watch(() => parseResponse.apply(this, args))
  }
}

/** Structured-output helpers derive a promise of their own from the call's. */
function tapUnwrap(promise: ApiPromise, watch: Watch): void {
  const unwrap = promise._thenUnwrap
  if (typeof unwrap !== 'function') return
  // openai 7 defines it per promise and reads the body itself, past this promise's parseResponse.
  const readsItself = Object.hasOwn(promise, '_thenUnwrap')
  cover(promise, '_thenUnwrap', (transform: Transform) => {
    const wasAwaited = watch.use.isAwaited
    const derived = unwrap.call(
      promise,
      readsItself
        ? (value, props) => {
            recordResult(value, watch.recorder)
            return transform(value, props)
          }
        : transform,
    )
    // Deriving reads the field without waiting for it.
    watch.use.isAwaited = wasAwaited
    if (isApiPromise(derived)) {
      if (readsItself) tapParse(derived, (parse) => watchDerived(parse, watch))
      watchAwait(derived, watch.use)
    }
    return derived
  })
}

function watchDerived(parse: () => unknown, { use, recorder }: Watch): unknown {
  use.isParsed = true
  recorder.reading()
  const result = parse()
  if (result instanceof Promise) result.then(undefined, (error: unknown) => recorder.fail(error))
  return result
}

function tapRaw(promise: ApiPromise, { use, recorder }: Watch): void {
  const asResponse = promise.asResponse
  if (typeof asResponse !== 'function') return
  cover(promise, 'asResponse', () => {
    use.isRaw = true
    if (use.isAnswered) endIfRaw(use, recorder)
    return asResponse.call(promise)
  })
}

/** A raw response's body is the application's: unless it was parsed as well, the span ends here. */
function endIfRaw(use: Use, recorder: CallRecorder): void {
  if (!use.isRaw || use.isParsed) return
  void yieldToLoop().then(() => {
    if (!use.isParsed) recorder.endUnread()
  })
}

function watchAwait(promise: ApiPromise, use: Use): void {
  const request = promise.responsePromise
  Object.defineProperty(promise, 'responsePromise', {
    configurable: true,
    enumerable: true,
    get: () => {
      use.isAwaited = true
      return request
    },
  })
}
