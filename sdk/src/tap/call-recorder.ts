import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span } from '@opentelemetry/api'
import { contextAttributes, contextOf } from '../core/context.ts'
import type { SightlineContext } from '../core/context.ts'
import { forgetOpenCall, rememberOpenCall } from '../core/open-calls.ts'
import type { OpenCall } from '../core/open-calls.ts'
import { errorAttributes, errorMessage, streamAttributes } from '../core/outcome.ts'
import type { StreamState } from '../core/outcome.ts'
import type { Runtime } from '../core/runtime.ts'
import { ATTR_SDK_VERSION } from '../core/semconv.ts'
import { SDK_VERSION } from '../core/version.ts'

/** Watches the chunks of one stream. */
export interface StreamObserver {
  /** Takes a chunk without keeping or changing it; true when it carries content. */
  add(chunk: unknown): boolean
  attributes(): Attributes
}

/** What a provider knows about one of its calls. Asked late, so that the call itself waits for little. */
export interface CallDescription {
  readonly spanName: string
  readonly startAttributes: Attributes
  /** What holds for this client unless the context says otherwise. */
  readonly defaults?: SightlineContext
  requestAttributes(): Attributes
  responseAttributes(response: unknown): Attributes
  observeStream(): StreamObserver
}

type Ending = {
  readonly attributes: () => Attributes
  readonly error?: { readonly value: unknown } | undefined
  /** On the clock of `performance.now()`; now when not given. */
  readonly atMs?: number | undefined
}

/** One call's span: told what happens, it ends exactly once and never throws. */
export class CallRecorder implements OpenCall {
  readonly context: Context
  readonly #span: Span
  readonly #description: CallDescription
  readonly #startedAtMs = performance.now()
  readonly #startedAtEpochMs: number
  #isEnded = false
  #isReading = false
  #answeredAtMs: number | undefined
  #firstChunkAtMs: number | undefined
  #lastChunkAtMs: number | undefined
  #observer: StreamObserver | undefined

  constructor(runtime: Runtime, description: CallDescription) {
    const parent = context.active()
    this.#startedAtEpochMs = runtime.now()
    this.#description = description
    this.#span = runtime.tracer.startSpan(
      description.spanName,
      {
        kind: SpanKind.CLIENT,
        startTime: this.#startedAtEpochMs,
        attributes: {
          ...description.startAttributes,
          [ATTR_SDK_VERSION]: SDK_VERSION,
          ...contextAttributes({ ...description.defaults, ...contextOf(parent) }),
        },
      },
      parent,
    )
    this.context = trace.setSpan(parent, this.#span)
    if (this.#span.isRecording()) rememberOpenCall(this)
  }

  get isRecording(): boolean {
    return !this.#isEnded && this.#span.isRecording()
  }

  /** The provider has answered; the body is still to be read. */
  answered(): void {
    this.#answeredAtMs ??= performance.now()
  }

  /** Somebody has begun to read the body. */
  reading(): void {
    this.#isReading = true
  }

  /** A whole answer was read. */
  succeed(response: unknown): void {
    this.#end({ attributes: () => this.#description.responseAttributes(response) })
  }

  /** The call failed before a stream began. */
  fail(error: unknown): void {
    this.#end({ attributes: () => ({}), error: { value: error } })
  }

  /** The answer is a stream that nobody has read from yet. */
  openStream(): void {
    if (this.#isEnded) return
    this.answered()
    this.#isReading = false
  }

  /** The first reader begins; false for everyone after. */
  beginStream(): boolean {
    if (this.#isEnded || this.#observer !== undefined) return false
    try {
      this.#observer = this.#description.observeStream()
    } catch {
      return false
    }
    this.#isReading = true
    return true
  }

  chunk(value: unknown): void {
    if (this.#isEnded) return
    this.#lastChunkAtMs = performance.now()
    try {
      if (this.#observer?.add(value) === true) this.#firstChunkAtMs ??= this.#lastChunkAtMs
    } catch {
      // A chunk we cannot read is the application's all the same.
    }
  }

  /** The stream is over; `error` only when the application saw one. */
  endStream(state: StreamState, error?: { readonly value: unknown }): void {
    const isOver = state === 'complete' || state === 'abandoned'
    this.#end({
      attributes: () => this.#streamAttributes(state),
      error,
      // A slow reader asks for the end long after the last byte came.
      atMs: isOver ? this.#lastChunkAtMs : undefined,
    })
  }

  /** The body was handed out raw, or its reader has gone. */
  endUnread(): void {
    if (this.#isReading && this.#observer !== undefined) this.endStream('abandoned')
    else
      this.#end({
        attributes: () => streamAttributes({ state: 'unread' }),
        atMs: this.#answeredAtMs,
      })
  }

  endIfUnread(deadlineMs: number): void {
    const answeredAtMs = this.#answeredAtMs
    if (!this.#isReading && answeredAtMs !== undefined && answeredAtMs <= deadlineMs)
      this.endUnread()
  }

  endNow(): void {
    if (this.#answeredAtMs === undefined) {
      this.#end({ attributes: () => streamAttributes({ state: 'aborted' }) })
    } else this.endUnread()
  }

  #streamAttributes(state: StreamState): Attributes {
    const first = this.#firstChunkAtMs
    return {
      ...this.#observer?.attributes(),
      ...streamAttributes({
        state,
        timeToFirstChunkMs: first === undefined ? undefined : first - this.#startedAtMs,
      }),
    }
  }

  #end({ attributes, error, atMs = performance.now() }: Ending): void {
    if (this.#isEnded) return
    this.#isEnded = true
    forgetOpenCall(this)
    try {
      this.#setAttributes(() => this.#description.requestAttributes())
      this.#setAttributes(attributes)
      if (error !== undefined) {
        this.#span.setAttributes(errorAttributes(error.value))
        this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error.value) })
      }
      this.#span.end(this.#startedAtEpochMs + (atMs - this.#startedAtMs))
    } catch {
      // A tracer that throws must not reach the application.
    }
  }

  #setAttributes(make: () => Attributes): void {
    try {
      this.#span.setAttributes(make())
    } catch {
      // What cannot be described is left out; the span still ends.
    }
  }
}
