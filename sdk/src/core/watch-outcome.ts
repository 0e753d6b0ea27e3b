import { context } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { defineHidden } from './define-hidden.ts'

/** Somebody who wants to know how a call ends. */
export interface OutcomeListener {
  readonly context: Context
  succeed(result: unknown): void
  fail(error: unknown): void
}

/** Tells the listener how `result` ends, now or later; returns what the caller gets instead of it. */
export function watchOutcome(result: unknown, listener: OutcomeListener): unknown {
  if (result instanceof Promise && result.then === Promise.prototype.then) {
    return watchPromise(result, listener)
  }
  if (isGenerator(result)) watchGenerator(result, listener)
  else if (isThenable(result)) watchThenable(result, listener)
  else listener.succeed(result)
  return result
}

/**
 * A promise of its own, since listening on the function's would count as handling its failure:
 * a rejection that nobody handles has to end the process as it would without us.
 */
function watchPromise(promise: Promise<unknown>, listener: OutcomeListener): Promise<unknown> {
  return promise.then(
    (result) => {
      listener.succeed(result)
      return result
    },
    (error: unknown) => {
      listener.fail(error)
      throw error
    },
  )
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
        listener.succeed(result)
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
type AnyGenerator = {
  next: (...args: unknown[]) => Step | Promise<Step>
  return: (value?: unknown) => Step | Promise<Step>
  throw: (error?: unknown) => Step | Promise<Step>
}

function isGenerator(value: unknown): value is AnyGenerator {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value) &&
    'next' in value &&
    typeof value.next === 'function' &&
    'return' in value &&
    'throw' in value
  )
}

// What a generator yields is kept up to this many items, for the span's output.
const MAX_ITEMS = 1_000

/** A generator's body runs at each step, where the context would be its reader's. */
function watchGenerator(generator: AnyGenerator, listener: OutcomeListener): void {
  const items: unknown[] = []
  const onStep = (step: Step) => {
    if (step.done === true) listener.succeed(items)
    else if (items.length < MAX_ITEMS) items.push(step.value)
  }
  for (const method of ['next', 'return', 'throw'] as const) {
    const original = generator[method]
    defineHidden(generator, method, (...args: unknown[]) => {
      let step: Step | Promise<Step>
      try {
        step = context.with(listener.context, () => Reflect.apply(original, generator, args))
      } catch (error) {
        listener.fail(error)
        throw error
      }
      if (step instanceof Promise) step.then(onStep, (error: unknown) => listener.fail(error))
      else onStep(step)
      return step
    })
  }
}
