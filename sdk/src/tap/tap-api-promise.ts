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

/** What becomes of one call's promise, and what it was before it was watched. */
type Watch = {
  readonly recorder: CallRecorder
  readonly request: Promise<unknown>
  readonly listen: Then
  readonly parseResponse: Parse
  readonly unwrap: ApiPromise['_thenUnwrap']
  readonly asResponse: ApiPromise['asResponse']
  /** Somebody listens to the request. */
  isHeard: boolean
  /** Somebody holds a promise that will tell of a failure. */
  isAwaited: boolean
  isAnswered: boolean
  isParsed: boolean
  isRaw: boolean
}

type Listener = ((value: unknown) => unknown) | null | undefined
type Then = (this: Promise<unknown>, onResult?: Listener, onError?: Listener) => Promise<unknown>
type Parse = (this: unknown, ...args: unknown[]) => unknown

/** Where a promise has its watch. By name, so that proxies and heirs of the promise find it too. */
const WATCH = Symbol('sightline.watch')

function setWatch(promise: object, watch: Watch): void {
  Object.defineProperty(promise, WATCH, { value: watch })
}

function watchOf(promise: object): Watch {
  return (promise as { readonly [WATCH]: Watch })[WATCH]
}

// Promises stay in memory until the next large collection, with what they hold. So all of them share these
// functions, and with them a shape: an object with a getter of its own makes V8 forget how to be fast.

export function tapApiPromise(promise: ApiPromise, recorder: CallRecorder): void {
  const { responsePromise: request, _thenUnwrap: unwrap, asResponse } = promise
  const watch: Watch = {
    recorder,
    request,
    // oxlint-disable-next-line typescript/unbound-method -- called with the request alone
    listen: request.then as Then,
    parseResponse: promise.parseResponse,
    unwrap,
    asResponse,
    isHeard: false,
    isAwaited: false,
    isAnswered: false,
    isParsed: false,
    isRaw: false,
  }
  setWatch(promise, watch)
  setWatch(request, watch)
  promise.parseResponse = parseWatched
  // openai 7 defines it per promise and reads the body itself, past this promise's parseResponse.
  if (typeof unwrap === 'function') {
    cover(promise, '_thenUnwrap', Object.hasOwn(promise, '_thenUnwrap') ? unwrapRead : unwrapParsed)
  }
  if (typeof asResponse === 'function') cover(promise, 'asResponse', respondRaw)
  tapHandOver(promise, recorder)
  Object.defineProperty(promise, 'responsePromise', AWAITED)
  cover(request, 'then', thenWatched)
  // `await` asks in the next turn of the microtasks.
  void NEXT_TURN.then(NOTHING).then(() => {
    if (!watch.isHeard) listenAlone(watch)
  })
}

const NEXT_TURN = Promise.resolve()
const NOTHING = () => undefined

const AWAITED: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: object) {
    const watch = watchOf(this)
    watch.isAwaited = true
    return watch.request
  },
}

/**
 * Listens along with whoever listens first: V8 leaves the application's functions out of an error's stack
 * where a promise on the way has a second listener.
 */
function thenWatched(
  this: Promise<unknown>,
  onResult?: Listener,
  onError?: Listener,
): Promise<unknown> {
  const watch = watchOf(this)
  if (watch.isHeard) return watch.listen.call(this, onResult, onError)
  watch.isHeard = true
  return watch.listen.call(
    this,
    (value: unknown) => {
      answered(watch)
      return typeof onResult === 'function' ? onResult(value) : value
    },
    (error: unknown) => {
      watch.recorder.fail(error)
      if (typeof onError === 'function') return onError(error)
      throw error
    },
  )
}

/** Nobody else does, as far as that can be seen. */
function listenAlone(watch: Watch): void {
  watch.isHeard = true
  void watch.listen.call(
    watch.request,
    () => answered(watch),
    (error: unknown) => {
      watch.recorder.fail(error)
      // Listening here hides a failure nobody handles, which would have ended the process.
      if (!watch.isAwaited) void Promise.reject(error)
    },
  )
}

function answered(watch: Watch): void {
  watch.isAnswered = true
  watch.recorder.answered()
  endIfRaw(watch)
}

function parseWatched(this: object, ...args: unknown[]): unknown {
  const { recorder, parseResponse } = startParsing(watchOf(this))
  const result = parseResponse.apply(this, args)
  if (result instanceof Promise) {
    // Registered first, so a stream is tapped before the application gets hold of it.
    result.then(
      (value) => recordResult(value, recorder),
      (error: unknown) => recorder.fail(error),
    )
  } else recordResult(result, recorder)
  return result
}

function startParsing(watch: Watch): Watch {
  watch.isParsed = true
  watch.recorder.reading()
  return watch
}

/** Structured-output helpers derive a promise of their own, which parses what the call's promise parsed. */
function unwrapParsed(this: object, transform: Transform): unknown {
  const watch = watchOf(this)
  const derived = derive(this, transform, watch)
  if (isApiPromise(derived)) watchDerivedAwait(derived, watch)
  return derived
}

/** The same where the derived promise reads the body itself. */
function unwrapRead(this: object, transform: Transform): unknown {
  const watch = watchOf(this)
  const transformRead: Transform = (value, props) => {
    recordResult(value, watch.recorder)
    return transform(value, props)
  }
  const derived = derive(this, transformRead, watch)
  if (isApiPromise(derived)) {
    tapDerivedParse(derived, watch)
    // Last: from here on looking at the promise counts as waiting for it.
    watchDerivedAwait(derived, watch)
  }
  return derived
}

function derive(promise: object, transform: Transform, watch: Watch): unknown {
  const wasAwaited = watch.isAwaited
  const derived = watch.unwrap?.call(promise as ApiPromise, transform)
  // Deriving reads the field without waiting for it.
  watch.isAwaited = wasAwaited
  return derived
}

function tapDerivedParse(derived: ApiPromise, watch: Watch): void {
  const parseResponse: Parse = derived.parseResponse
  derived.parseResponse = function parse(this: unknown, ...args) {
    const { recorder } = startParsing(watch)
    const result = parseResponse.apply(this, args)
    if (result instanceof Promise) result.then(undefined, (error: unknown) => recorder.fail(error))
    return result
  }
}

function watchDerivedAwait(derived: ApiPromise, watch: Watch): void {
  const request = derived.responsePromise
  Object.defineProperty(derived, 'responsePromise', {
    configurable: true,
    enumerable: true,
    get: () => {
      watch.isAwaited = true
      return request
    },
  })
}

function respondRaw(this: object): unknown {
  const watch = watchOf(this)
  watch.isRaw = true
  if (watch.isAnswered) endIfRaw(watch)
  return watch.asResponse?.call(this as ApiPromise)
}

/** A raw response's body is the application's: unless it was parsed as well, the span ends here. */
function endIfRaw(watch: Watch): void {
  if (!watch.isRaw || watch.isParsed) return
  void yieldToLoop().then(() => {
    if (!watch.isParsed) watch.recorder.endUnread()
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
