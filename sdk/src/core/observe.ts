import { SpanKind } from '@opentelemetry/api'
import { runInContext } from './active-context.ts'
import type { Fields } from './fields.ts'
import {
  observedInput,
  observedOutput,
  observedSpanName,
  observedStart,
} from './observed-attributes.ts'
import type { ObserveOptions } from './observed-attributes.ts'
import { keepProperties } from './keep-properties.ts'
import { watchOutcome } from './watch-outcome.ts'
import type { OutcomeListener } from './watch-outcome.ts'
import { add, OpenSpan } from './open-span.ts'
import type { SpanOpening } from './open-span.ts'
import { toHandle } from './span-handle.ts'
import type { ObservedSpan } from './span-handle.ts'
import { toPlain } from './to-plain.ts'

/**
 * Any function. Written as a method, whose parameters are compared in both directions: a parameter without a
 * type is `unknown` then, which TypeScript complains about where it is used. With `never` it would not
 * be missed there, and the observed function could not be called.
 */
type AnyFunction = { call(...args: unknown[]): unknown }['call']

/**
 * The same function as its callers see it: without the span at the end, where it takes one.
 *
 * @example
 * type Answer = Observed<(question: string, span: ObservedSpan) => string> // (question: string) => string
 */
export type Observed<F extends AnyFunction> = F extends (...args: infer P) => infer R
  ? P extends [...infer A, infer Last]
    ? unknown extends Last
      ? F
      : Last extends ObservedSpan
        ? (...args: A) => R
        : F
    : F
  : never

/**
 * Gives each call of `fn` a span of the kind named, with what went in and came out; calls to models
 * and other observed functions inside become its children. A function that declares exactly one
 * parameter more than it is called with gets the span as the last one; `passSpan: false` turns
 * that off.
 *
 * @example
 * const answer = observe({ name: 'answer', kind: 'agent' }, async (question: string) => ask(question))
 */
export function observe<F extends AnyFunction>(options: ObserveOptions, fn: F): Observed<F> {
  const begin = openingOf(options)
  function observed(this: unknown, ...args: unknown[]): unknown {
    // A class is called by `new`, by itself or by one that extends it.
    const as = new.target === observed ? fn : new.target
    const started = startSpan(options, () => begin(args))
    const call = (self: unknown, given: unknown[]): unknown =>
      as === undefined ? Reflect.apply(fn, self, given) : Reflect.construct(fn, given, as)
    if (started === undefined) return call(this, args)
    const passed = passesSpan(options, fn, args) ? [...args, toHandle(started.span.draft)] : args
    let result: unknown
    try {
      result = runInContext(started.context, () => call(this, passed))
    } catch (error) {
      started.fail(error)
      throw error
    }
    return watchOutcome(result, started)
  }
  // The wrapper stands in for the function: its name, its number of parameters, what else it carries.
  return keepProperties(observed, fn) as unknown as Observed<F>
}

function passesSpan(options: ObserveOptions, fn: AnyFunction, args: readonly unknown[]): boolean {
  return options.passSpan !== false && fn.length === args.length + 1
}

type Started = OutcomeListener & { readonly span: OpenSpan }

/** What is the same for each call is made once. */
function openingOf(options: ObserveOptions): (args: readonly unknown[]) => SpanOpening {
  let same: { readonly name: string; readonly fields: Fields } | undefined
  return (args) => {
    same ??= { name: observedSpanName(options), fields: observedStart(options) }
    const fields = { ...same.fields }
    // What went in is read now: the function may change its arguments.
    const given = args.map((arg) => toPlain(arg))
    add(fields, observedInput(options, given))
    return { name: same.name, kind: SpanKind.INTERNAL, fields }
  }
}

function startSpan(options: ObserveOptions, open: () => SpanOpening): Started | undefined {
  const span = OpenSpan.start(open)
  if (span === undefined) return undefined
  return {
    context: span.context,
    span,
    succeed: (result, atMs) =>
      span.end(() => span.draft.set(observedOutput(options, toPlain(result))), atMs),
    fail: (error) => span.fail(error),
  }
}
