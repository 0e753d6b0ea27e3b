import type { Context } from '@opentelemetry/api'
import { runInContext } from './active-context.ts'
import { defineHidden } from './define-hidden.ts'
import { keepProperties } from './keep-properties.ts'
import { setIdleTimeout } from './timers.ts'
import { createCopier } from './to-plain.ts'

/** Somebody who wants to know how a call ends. */
export interface OutcomeListener {
  readonly context: Context
  /** `atMs` on the clock of `performance.now()`; now when not given. */
  succeed(result: unknown, atMs?: number): void
  fail(error: unknown): void
}

/** Tells the listener how `result` ends, now or later; returns what the caller gets instead of it. */
export function watchOutcome(result: unknown, listener: OutcomeListener): unknown {
  if (result instanceof Promise && result.then === Promise.prototype.then) {
    return watchPromise(result, listener)
  }
  if (isThenable(result) && Object.isExtensible(result)) watchThenable(result, listener)
  else watchResult(result, listener)
  return result
}

/** What a function returned or promised: over at once, or when its steps have been read. */
function watchResult(result: unknown, listener: OutcomeListener): void {
  try {
    if (!isIterable(result) || !Object.isExtensible(result)) listener.succeed(result)
    else if (isGenerator(result)) watchSteps(result, stepsOf(listener))
    else if (Symbol.asyncIterator in result) watchIteration(result, listener)
    else listener.succeed(result)
  } catch {
    listener.succeed(result)
  }
}

/**
 * A promise of its own, since listening on the function's would count as handling its failure:
 * a rejection that nobody handles has to end the process as it would without us.
 */
function watchPromise(promise: Promise<unknown>, listener: OutcomeListener): Promise<unknown> {
  const watched = promise.then(
    (result) => {
      watchResult(result, listener)
      return result
    },
    (error: unknown) => {
      listener.fail(error)
      throw error
    },
  )
  // A process to kill, a way to cancel: promises carry more than their result.
  return keepProperties(watched, promise)
}

type Thenable = { then: (...args: unknown[]) => unknown }

function isThenable(value: unknown): value is Thenable {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/**
 * Promises of other libraries often begin their work when they are first asked (database queries,
 * an OpenAI call's body), so this only listens along when the application asks.
 */
function watchThenable(thenable: Thenable, listener: OutcomeListener): void {
  const then = thenable.then
  defineHidden(thenable, 'then', (onResult?: unknown, onError?: unknown) =>
    Reflect.apply(then, thenable, [
      (result: unknown) => {
        watchResult(result, listener)
        return typeof onResult === 'function'
          ? Reflect.apply(onResult, undefined, [result])
          : result
      },
      (error: unknown) => {
        listener.fail(error)
        if (typeof onError === 'function') return Reflect.apply(onError, undefined, [error])
        throw error
      },
    ]),
  )
}

type Step = IteratorResult<unknown, unknown>
type Method = (...args: unknown[]) => Step | Promise<Step>
type AnyIterator = { next: Method; return?: Method; throw?: Method }
type AnyGenerator = AnyIterator & AnyIterable
type AnyIterable = { [Symbol.asyncIterator]?: () => AnyIterator }

function isIterable(value: unknown): value is AnyIterable {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}

function isGenerator(value: AnyIterable): value is AnyGenerator {
  return (
    'next' in value && typeof value.next === 'function' && 'return' in value && 'throw' in value
  )
}

/** Who is told of steps. */
type Steps = {
  readonly context: Context
  readonly onStep: (step: Step) => void
  readonly onError: (error: unknown) => void
}

// What is yielded is kept up to this many items, for the span's output.
const MAX_ITEMS = 1_000

function stepsOf(listener: OutcomeListener): Steps {
  const items: unknown[] = []
  // An item is the application's from here on, and it may change it.
  const copy = createCopier()
  return {
    context: listener.context,
    onStep: (step) => {
      if (step.done === true) listener.succeed(items)
      else if (items.length < MAX_ITEMS) items.push(copy(step.value))
    },
    onError: (error) => listener.fail(error),
  }
}

/** A generator's body runs at each step, where the context would be its reader's. */
function watchSteps(iterator: AnyIterator, { context, onStep, onError }: Steps): void {
  for (const name of ['next', 'return', 'throw'] as const) {
    const original = iterator[name]
    if (typeof original !== 'function') continue
    defineHidden(iterator, name, (...args: unknown[]) => {
      let step: Step | Promise<Step>
      try {
        step = runInContext(context, () => Reflect.apply(original, iterator, args))
      } catch (error) {
        onError(error)
        throw error
      }
      if (step instanceof Promise) step.then(onStep, onError)
      else onStep(step)
      return step
    })
  }
}

const READ_WITHIN_MS = 5_000

/**
 * A stream that a function returned is part of its work while somebody iterates over it, and its body runs
 * in the function's context. One that is used in some other way (piped, listened to) ended it.
 */
function watchIteration(iterable: AnyIterable, listener: OutcomeListener): void {
  const iterate = iterable[Symbol.asyncIterator]
  const returnedAtMs = performance.now()
  if (iterate === undefined) return listener.succeed(iterable)
  const timer = setIdleTimeout(() => listener.succeed(iterable, returnedAtMs), READ_WITHIN_MS)
  const steps = stepsOf(listener)
  let isRead = false
  defineHidden(iterable, Symbol.asyncIterator, function (this: unknown) {
    const iterator = runInContext(listener.context, () => Reflect.apply(iterate, this, []))
    if (isRead || !Object.isExtensible(iterator)) return iterator
    isRead = true
    clearTimeout(timer)
    watchSteps(iterator, steps)
    return iterator
  })
}
