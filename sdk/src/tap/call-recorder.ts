import { SpanKind } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { activeContext } from '../core/active-context.ts'
import { contextFields, contextOf, NO_CONTEXT } from '../core/context.ts'
import type { SightlineContext } from '../core/context.ts'
import type { Fields } from '../core/fields.ts'
import { requestFields, responseFields, startFields } from '../core/model-call.ts'
import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { forgetOpenCall, rememberOpenCall } from '../core/open-calls.ts'
import type { OpenCall } from '../core/open-calls.ts'
import { streamFields } from '../core/outcome.ts'
import type { StreamState } from '../core/outcome.ts'
import type { Runtime } from '../core/runtime.ts'
import { ATTR_RETRY_COUNT } from '../core/semconv.ts'
import type { SpanDraft } from '../core/span-draft.ts'

/** Watches the chunks of one stream. */
export interface StreamObserver {
  /** Takes a chunk without keeping or changing it; true when it carries content. */
  add(chunk: unknown): boolean
  /** The answer as far as it came. */
  response(): ModelCallResponse
  /** True once the provider has said that nothing follows: closing the stream then drops nothing. */
  isWhole?(): boolean
}

/** What a provider knows about one of its calls. */
export interface CallDescription {
  /** Read when the call is made, so that what the application changes later is not in it. */
  readonly request: ModelCallRequest
  /** What holds for this client unless the context says otherwise. */
  readonly defaults?: SightlineContext | undefined
  /** The application's abort signal, where the client's error does not tell an abort from a timeout. */
  readonly signal?: { readonly aborted: boolean }
  readResponse(response: unknown): ModelCallResponse
  observeStream(): StreamObserver
}

type Ending = {
  readonly read?: (() => ModelCallResponse) | undefined
  readonly fields?: Fields
  readonly error?: { readonly value: unknown } | undefined
  /** On the clock of `performance.now()`; now when not given. */
  readonly atMs?: number | undefined
}

const CHUNKS_PER_CLOCK_READ = 16

/** What was seen of the stream that an answer is. */
type StreamWatch = {
  readonly observer: StreamObserver
  firstChunkAtMs: number | undefined
  lastChunkAtMs: number | undefined
  /** Chunks since the last one whose time was read. */
  untimed: number
}

/** One call's span: told what happens, it ends exactly once and never throws. */
export class CallRecorder implements OpenCall {
  readonly context: Context
  #draft: SpanDraft | undefined
  #description: CallDescription | undefined
  readonly #startedAtMs = performance.now()
  readonly #startedAtEpochMs: number
  #isEnded = false
  #isReading = false
  #retries = 0
  #answeredAtMs: number | undefined
  #stream: StreamWatch | undefined

  constructor(runtime: Runtime, description: CallDescription) {
    const parent = activeContext()
    const { request, defaults } = description
    const { operation, model } = request
    this.#startedAtEpochMs = runtime.now()
    this.#description = description
    this.#draft = runtime.startSpan({
      name: model === undefined ? operation : `${operation} ${model}`,
      kind: SpanKind.CLIENT,
      startMs: this.#startedAtEpochMs,
      fields: startFields(request),
      parent,
    })
    const draft = this.#draft
    this.context = draft?.context ?? parent
    if (draft === undefined) return
    const around = fieldsAround(contextOf(parent), defaults)
    if (around !== undefined) draft.set(around)
    for (const fields of requestFields(request)) draft.set(fields)
    rememberOpenCall(this)
  }

  get isRecording(): boolean {
    return !this.#isEnded && this.#draft !== undefined
  }

  get signal(): { readonly aborted: boolean } | undefined {
    return this.#description?.signal
  }

  /** The client tries the same call again. */
  retried(): void {
    this.#retries += 1
    this.#draft?.event('retry', { [ATTR_RETRY_COUNT]: this.#retries })
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
    const description = this.#description
    if (description !== undefined) this.#end({ read: () => description.readResponse(response) })
  }

  /** The call failed before a stream began. */
  fail(error: unknown): void {
    this.#end({ error: { value: error } })
  }

  /** The answer is a stream that nobody has read from yet. */
  openStream(): void {
    if (this.#isEnded) return
    this.answered()
    this.#isReading = false
  }

  /** The first reader begins; false for everyone after. */
  beginStream(): boolean {
    const description = this.#description
    if (description === undefined || this.#stream !== undefined) return false
    try {
      this.#stream = {
        observer: description.observeStream(),
        firstChunkAtMs: undefined,
        lastChunkAtMs: undefined,
        untimed: 0,
      }
    } catch {
      return false
    }
    this.#isReading = true
    return true
  }

  chunk(value: unknown): void {
    const stream = this.#stream
    if (stream === undefined) return
    let hasContent = false
    try {
      hasContent = stream.observer.add(value)
    } catch {
      // A chunk we cannot read is the application's all the same.
    }
    // Reading the clock costs as much as all the rest. Needed are the first content and the last chunk,
    // which hardly ever is content; of those between, some are enough to know when a reader was lost.
    stream.untimed = hasContent && stream.firstChunkAtMs !== undefined ? stream.untimed + 1 : 0
    if (stream.untimed % CHUNKS_PER_CLOCK_READ !== 0) return
    stream.lastChunkAtMs = performance.now()
    if (hasContent) stream.firstChunkAtMs ??= stream.lastChunkAtMs
  }

  /** The stream is over; `error` only when the application saw one. */
  endStream(ending: StreamState, error?: { readonly value: unknown }): void {
    const state = ending === 'abandoned' && this.#isWhole() ? 'complete' : ending
    // A slow reader asks for the end long after the last byte came.
    const isLater = state === 'complete' && this.#stream?.untimed === 0
    this.#endReading(state, { error, atMs: isLater ? this.#stream?.lastChunkAtMs : undefined })
  }

  /** The body was handed out raw, or its reader has gone. */
  endUnread(): void {
    if (this.#isReading && this.#stream !== undefined) {
      const state = this.#isWhole() ? 'complete' : 'abandoned'
      this.#endReading(state, { atMs: this.#stream.lastChunkAtMs })
    } else this.#end({ fields: streamFields({ state: 'unread' }), atMs: this.#answeredAtMs })
  }

  #isWhole(): boolean {
    return this.#stream?.observer.isWhole?.() === true
  }

  #endReading(state: StreamState, ending: Pick<Ending, 'error' | 'atMs'>): void {
    const stream = this.#stream
    const first = stream?.firstChunkAtMs
    this.#end({
      read: stream === undefined ? undefined : () => stream.observer.response(),
      fields: streamFields({
        state,
        timeToFirstChunkMs: first === undefined ? undefined : first - this.#startedAtMs,
      }),
      ...ending,
    })
  }

  endIfUnread(deadlineMs: number): void {
    const answeredAtMs = this.#answeredAtMs
    if (!this.#isReading && answeredAtMs !== undefined && answeredAtMs <= deadlineMs)
      this.endUnread()
  }

  endNow(): void {
    if (this.#answeredAtMs === undefined) this.#end({ fields: streamFields({ state: 'aborted' }) })
    else this.endUnread()
  }

  #end({ read, fields, error, atMs = performance.now() }: Ending): void {
    const draft = this.#draft
    const request = this.#description?.request
    if (draft === undefined || request === undefined) return
    this.#forget()
    const answer = readQuietly(read)
    for (const set of answerFields(answer, request)) draft.set(set)
    if (fields !== undefined) draft.set(fields)
    if (this.#retries > 0) draft.set({ [ATTR_RETRY_COUNT]: this.#retries })
    // What the application saw goes before what the answer says.
    if (error !== undefined) draft.fail(error.value)
    else if (answer?.failure !== undefined) draft.fail(answer.failure)
    draft.end(this.#startedAtEpochMs + (atMs - this.#startedAtMs))
  }

  /** Applications keep streams and promises, which keep this; what was said must not stay with it. */
  #forget(): void {
    this.#isEnded = true
    forgetOpenCall(this)
    this.#draft = undefined
    this.#description = undefined
    this.#stream = undefined
  }
}

/** What the context, or else the client, says of every call; mostly nothing. */
function fieldsAround(
  context: SightlineContext,
  defaults: SightlineContext | undefined,
): Fields | undefined {
  if (defaults === undefined) return context === NO_CONTEXT ? undefined : contextFields(context)
  return contextFields(context === NO_CONTEXT ? defaults : { ...defaults, ...context })
}

function answerFields(
  answer: ModelCallResponse | undefined,
  { provider }: ModelCallRequest,
): readonly Fields[] {
  return answer === undefined ? [] : responseFields(answer, provider)
}

/** An answer that cannot be read is left out; the span still ends. */
function readQuietly(read: Ending['read']): ModelCallResponse | undefined {
  try {
    return read?.()
  } catch {
    return undefined
  }
}
