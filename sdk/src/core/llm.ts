import { SpanKind } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { appendText } from './append-text.ts'
import { activeContext, runInContext } from './active-context.ts'
import { contextFields } from './context.ts'
import type { Fields } from './fields.ts'
import { llmAnswerFields, llmStartFields, toRequest } from './llm-fields.ts'
import type { LlmAnswer, LlmOptions, LlmRequest } from './llm-fields.ts'
import { OpenSpan } from './open-span.ts'
import { streamFields } from './outcome.ts'
import type { StreamState } from './outcome.ts'
import { ATTR_REQUEST_STREAM } from './semconv.ts'
import { toHandle } from './span-handle.ts'
import type { ObservedSpan } from './span-handle.ts'
import { watchOutcome } from './watch-outcome.ts'
import type { OutcomeListener } from './watch-outcome.ts'

/**
 * One call to a model of your own.
 *
 * @example
 * const speak = (call: LlmCall) => {
 *   for (const word of words) call.chunk(word)
 * }
 */
export interface LlmCall extends ObservedSpan {
  /** A piece of the answer has come: the first one tells the time to it, all together are the output. */
  chunk(text: string): void
  /** The model has answered; what your function does after this is not counted as the model's time. */
  done(answer?: LlmAnswer): void
}

/**
 * Records a call to a model that runs in your own process or behind your own API: BERT, T5, ONNX and such.
 * Returns what `fn` returns. Without `call.done` the result is the output; an array of
 * `{ label, score }` is read as labels.
 *
 * @example
 * const mood = await llm(
 *   { model: 'distilbert-sst2', provider: 'onnx', task: 'classification', input: text },
 *   async (call) => {
 *     const labels = await classify(text)
 *     call.done({ labels, usage: { inputTokens: 12 } })
 *     return labels[0].label
 *   },
 * )
 */
export function llm<R>(options: LlmOptions, fn: (call: LlmCall) => R): R {
  const recording = new Recording(options)
  let result: R
  try {
    result = recording.run(fn)
  } catch (error) {
    recording.fail(error)
    throw error
  }
  return recording.isRecording ? (watchOutcome(result, recording) as R) : result
}

// More than a field may hold need not be kept.
const MAX_CHUNK_CHARS = 1_000_000

class Recording implements OutcomeListener {
  readonly context: Context
  readonly call: LlmCall
  readonly #request: LlmRequest | undefined
  readonly #span: OpenSpan | undefined
  #answer: Fields | undefined
  #doneAtMs: number | undefined
  #firstChunkAtMs: number | undefined
  #text = ''

  constructor(options: LlmOptions) {
    const started = start(options)
    this.#request = started?.request
    this.#span = started?.span
    this.context = started?.span.context ?? activeContext()
    if (started !== undefined) started.span.lastWords = () => this.#tellSoFar('aborted')
    this.call = {
      ...toHandle(started?.span.draft),
      chunk: (text) => this.#chunk(text),
      done: (answer) => this.#done(answer),
    }
  }

  get isRecording(): boolean {
    return this.#span !== undefined
  }

  run<R>(fn: (call: LlmCall) => R): R {
    return this.isRecording ? runInContext(this.context, () => fn(this.call)) : fn(this.call)
  }

  #chunk(text: string): void {
    this.#firstChunkAtMs ??= performance.now()
    if (typeof text === 'string') this.#text = appendText(this.#text, text, MAX_CHUNK_CHARS)
  }

  #done(answer: LlmAnswer = {}): void {
    this.#doneAtMs = performance.now()
    this.#answer = this.#fieldsOf(answer)
  }

  /** Read at once: the application may change what it gave. */
  #fieldsOf(answer: LlmAnswer): Fields | undefined {
    if (this.#request === undefined) return undefined
    try {
      const isStreamed = this.#firstChunkAtMs !== undefined && answer.output === undefined
      return llmAnswerFields(isStreamed ? { ...answer, output: this.#text } : answer, this.#request)
    } catch {
      return undefined
    }
  }

  succeed(result: unknown, atMs: number = performance.now()): void {
    this.#span?.end(() => {
      if (this.#doneAtMs === undefined)
        this.#answer = this.#fieldsOf(resultAnswer(result, this.#text))
      this.#tell('complete')
    }, this.#doneAtMs ?? atMs)
  }

  fail(error: unknown): void {
    this.#span?.end(() => {
      this.#tellSoFar('error')
      this.#span?.draft.fail(error, { exception: true })
    })
  }

  #tellSoFar(state: StreamState): void {
    if (this.#doneAtMs === undefined && this.#text !== '') this.#answer = this.#fieldsOf({})
    this.#tell(state)
  }

  #tell(state: StreamState): void {
    const { draft, startedAtMs } = this.#span ?? {}
    if (this.#answer !== undefined) draft?.set(this.#answer)
    if (this.#firstChunkAtMs === undefined || startedAtMs === undefined) return
    draft?.set({
      [ATTR_REQUEST_STREAM]: true,
      ...streamFields({ state, timeToFirstChunkMs: this.#firstChunkAtMs - startedAtMs }),
    })
  }
}

/** Without `done`, the chunks are the output, else what the function returned. */
function resultAnswer(result: unknown, text: string): LlmAnswer {
  return text === '' ? { output: result } : {}
}

type Started = { readonly span: OpenSpan; readonly request: LlmRequest }

function start(options: LlmOptions): Started | undefined {
  let request: LlmRequest | undefined
  const span = OpenSpan.start(() => {
    request = toRequest(options)
    const { model, operation, task } = request
    return {
      name: operation === undefined ? model : `${operation} ${model}`,
      kind: SpanKind.INTERNAL,
      fields: llmStartFields(request),
      contextual: (values) => contextFields(task === undefined ? values : { ...values, task }),
    }
  })
  return span === undefined || request === undefined ? undefined : { span, request }
}
