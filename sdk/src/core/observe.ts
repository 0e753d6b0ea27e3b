import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span } from '@opentelemetry/api'
import { contextAttributes, contextOf } from './context.ts'
import {
  observedInput,
  observedOutput,
  observedSpanName,
  observedStart,
} from './observed-attributes.ts'
import type { ObserveOptions } from './observed-attributes.ts'
import { watchOutcome } from './watch-outcome.ts'
import { forgetOpenCall, rememberOpenCall } from './open-calls.ts'
import type { OpenCall } from './open-calls.ts'
import { errorAttributes, errorMessage, streamAttributes } from './outcome.ts'
import { getRuntime } from './runtime.ts'
import type { Runtime } from './runtime.ts'
import { ATTR_SDK_VERSION } from './semconv.ts'
import { toPlain } from './to-plain.ts'
import { SDK_VERSION } from './version.ts'

/** The span of an observed function, handed to it after its other arguments. */
export interface ObservedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Adds an attribute. */
  set(key: string, value: string | number | boolean | readonly string[]): void
  /** Adds something that happened at this moment. */
  event(name: string, attributes?: Readonly<Record<string, string | number | boolean>>): void
  /** Marks the span as failed although the function returns. */
  fail(error: unknown): void
}

type AnyFunction = (...args: never[]) => unknown

/** The same function as its callers see it: without the span at the end, where it takes one. */
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
  function observed(this: unknown, ...args: unknown[]): unknown {
    const runtime = getRuntime()
    const started = runtime === undefined ? undefined : startSpan(runtime, { options, args })
    if (started === undefined) return Reflect.apply(fn, this, args)
    const passed = passesSpan(options, fn, args) ? [...args, started.handle] : args
    let result: unknown
    try {
      result = context.with(started.context, () => Reflect.apply(fn, this, passed))
    } catch (error) {
      started.fail(error)
      throw error
    }
    return watchOutcome(result, started)
  }
  // The wrapper stands in for the function, so it answers to its name and number of parameters.
  Object.defineProperty(observed, 'name', { value: fn.name, configurable: true })
  Object.defineProperty(observed, 'length', { value: fn.length, configurable: true })
  return observed as Observed<F>
}

function passesSpan(options: ObserveOptions, fn: AnyFunction, args: readonly unknown[]): boolean {
  return options.passSpan !== false && fn.length === args.length + 1
}

/** A span that has begun; ends once, never throws. */
type Started = {
  readonly context: Context
  readonly handle: ObservedSpan
  succeed(result: unknown): void
  fail(error: unknown): void
}

type Call = { readonly options: ObserveOptions; readonly args: readonly unknown[] }

function startSpan(runtime: Runtime, { options, args }: Call): Started | undefined {
  try {
    const parent = context.active()
    const startedAtEpochMs = runtime.now()
    const startedAtMs = performance.now()
    const span = runtime.tracer.startSpan(
      observedSpanName(options),
      {
        kind: SpanKind.INTERNAL,
        startTime: startedAtEpochMs,
        attributes: {
          ...observedStart(options),
          [ATTR_SDK_VERSION]: SDK_VERSION,
          ...contextAttributes(contextOf(parent)),
        },
      },
      parent,
    )
    if (!span.isRecording()) return undefined
    // What went in is read now: the function may change its arguments.
    setQuietly(span, () =>
      observedInput(
        options,
        args.map((arg) => toPlain(arg)),
        runtime.content,
      ),
    )
    const end = endOnce(() => {
      forgetOpenCall(open)
      span.end(startedAtEpochMs + (performance.now() - startedAtMs))
    })
    const open: OpenCall = {
      endIfUnread: () => undefined,
      endNow: () => end(() => span.setAttributes(streamAttributes({ state: 'aborted' }))),
    }
    rememberOpenCall(open)
    return {
      context: trace.setSpan(parent, span),
      handle: toHandle(span),
      succeed: (result) =>
        end(() =>
          setQuietly(span, () => observedOutput(options, toPlain(result), runtime.content)),
        ),
      fail: (error) => end(() => markFailed(span, error)),
    }
  } catch {
    return undefined
  }
}

function endOnce(end: () => void): (before: () => void) => void {
  let isEnded = false
  return (before) => {
    if (isEnded) return
    isEnded = true
    try {
      before()
      end()
    } catch {
      // A tracer that throws must not reach the application.
    }
  }
}

function toHandle(span: Span): ObservedSpan {
  const { traceId, spanId } = span.spanContext()
  return {
    traceId,
    spanId,
    set: (key, value) => {
      setQuietly(span, () => ({ [key]: typeof value === 'object' ? [...value] : value }))
    },
    event: (name, attributes) => {
      span.addEvent(name, attributes)
    },
    fail: (error) => markFailed(span, error),
  }
}

function markFailed(span: Span, error: unknown): void {
  span.setAttributes(errorAttributes(error))
  span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
  if (error instanceof Error) span.recordException(error)
}

function setQuietly(span: Span, make: () => Attributes): void {
  try {
    span.setAttributes(make())
  } catch {
    // What cannot be described is left out; the span still ends.
  }
}
