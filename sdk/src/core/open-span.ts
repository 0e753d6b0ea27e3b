import type { Context, SpanKind } from '@opentelemetry/api'
import { activeContext } from './active-context.ts'
import { contextFieldsAround, contextOf } from './context.ts'
import type { SightlineContext } from './context.ts'
import type { Fields } from './fields.ts'
import { forgetOpenCall, rememberOpenCall } from './open-calls.ts'
import type { OpenCall } from './open-calls.ts'
import { streamFields } from './outcome.ts'
import { getRuntime } from './runtime.ts'
import { ATTR_SDK_VERSION } from './semconv.ts'
import type { SpanDraft } from './span-draft.ts'
import { SDK_VERSION } from './version.ts'

/** How a span of a function, an in-house model or a hand-made one begins. */
export type SpanOpening = {
  readonly name: string
  readonly kind: SpanKind
  /** Of this span alone: what the context says is added. */
  readonly fields: Fields
  /** What the values of `withContext` say on this span. */
  readonly contextual?: (values: SightlineContext) => Fields
}

/** A span that has begun: it ends once, at the latest with the process, and no method throws. */
export class OpenSpan implements OpenCall {
  readonly draft: SpanDraft
  /** Says what is known so far, should the process end before the span. */
  lastWords: (() => void) | undefined
  readonly #startedAtEpochMs: number
  readonly #startedAtMs: number
  #isEnded = false

  private constructor(draft: SpanDraft, startedAtEpochMs: number, startedAtMs: number) {
    this.draft = draft
    this.#startedAtEpochMs = startedAtEpochMs
    this.#startedAtMs = startedAtMs
  }

  /** Undefined while the SDK is off, and where the span would not be recorded. */
  static start(open: () => SpanOpening): OpenSpan | undefined {
    const runtime = getRuntime()
    if (runtime === undefined) return undefined
    try {
      const { name, kind, fields, contextual = contextFieldsAround } = open()
      const parent = activeContext()
      fields[ATTR_SDK_VERSION] = SDK_VERSION
      add(fields, contextual(contextOf(parent)))
      const startMs = runtime.now()
      const startedAtMs = performance.now()
      const draft = runtime.startSpan({ name, kind, startMs, fields, parent })
      if (draft === undefined) return undefined
      const span = new OpenSpan(draft, startMs, startedAtMs)
      rememberOpenCall(span)
      return span
    } catch {
      return undefined
    }
  }

  get context(): Context {
    return this.draft.context
  }

  /** On the clock of `performance.now()`. */
  get startedAtMs(): number {
    return this.#startedAtMs
  }

  /** Does what is last to be done and ends the span, now or at a moment past; later calls do nothing. */
  end(last?: () => void, atMs: number = performance.now()): void {
    if (this.#isEnded) return
    this.#isEnded = true
    forgetOpenCall(this)
    try {
      last?.()
    } catch {
      // What cannot be told is left out; the span still ends.
    }
    this.draft.end(this.#startedAtEpochMs + (atMs - this.#startedAtMs))
  }

  fail(error: unknown): void {
    this.end(() => this.draft.fail(error, { exception: true }))
  }

  endIfUnread(): void {
    // A function's span waits for the function, however long that takes.
  }

  endNow(): void {
    this.end(() => {
      this.draft.set(streamFields({ state: 'aborted' }))
      this.lastWords?.()
    })
  }
}

/** A loop of assignments: spreading objects with such keys takes several times as long. */
export function add(fields: Fields, more: Fields): void {
  for (const key in more) {
    const value = more[key]
    if (value !== undefined) fields[key] = value
  }
}
