import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import { responseFields } from './model-call.ts'
import type { Message, MessagePart, TokenUsage } from './model-call.ts'
import { asArray, asInteger, asNumber, asRecord, asString } from './read.ts'
import type { UnknownRecord } from './read.ts'
import * as names from './semconv.ts'
import { toPlain } from './to-plain.ts'

/**
 * What a model is for, in Sightline's words.
 *
 * @example
 * const task: LlmTask = 'summarisation'
 */
export type LlmTask =
  | 'chat'
  | 'completion'
  | 'summarisation'
  | 'translation'
  | 'question-answering'
  | 'classification'
  | 'token-classification'
  | 'fill-mask'
  | 'code'
  | 'speech'
  | 'image'
  | 'embedding'
  | 'retrieval'
  | 'other'

/**
 * What Hugging Face calls them.
 *
 * @example
 * const task: LlmTaskAlias = 'text-classification'
 */
export type LlmTaskAlias =
  | 'text-classification'
  | 'sentiment-analysis'
  | 'zero-shot-classification'
  | 'image-classification'
  | 'ner'
  | 'feature-extraction'
  | 'summarization'
  | 'text-generation'
  | 'text2text-generation'
  | 'automatic-speech-recognition'
  | 'text-to-speech'

const TASK_ALIASES: Readonly<Record<LlmTaskAlias, LlmTask>> = {
  'text-classification': 'classification',
  'sentiment-analysis': 'classification',
  'zero-shot-classification': 'classification',
  'image-classification': 'classification',
  ner: 'token-classification',
  'feature-extraction': 'embedding',
  summarization: 'summarisation',
  'text-generation': 'completion',
  'text2text-generation': 'completion',
  'automatic-speech-recognition': 'speech',
  'text-to-speech': 'speech',
}

/**
 * What is known before a model of your own is asked.
 *
 * @example
 * const options: LlmOptions = { model: 't5-small', task: 'translation', input: 'Guten Tag' }
 */
export type LlmOptions = {
  readonly model: string
  /** Who runs it; `custom` unless given. */
  readonly provider?: string
  /** Sightline's word or Hugging Face's. */
  readonly task?: LlmTask | LlmTaskAlias
  /** A text, several texts (a batch), messages of `{ role, content }`, or any data; this is content. */
  readonly input?: unknown
  /** OpenTelemetry's operation name; by the task unless given. */
  readonly operation?: string
  /** Further attributes, such as device or precision. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/**
 * A class that a classifier chose, and how sure it is.
 *
 * @example
 * const label: Label = { label: 'POSITIVE', score: 0.99 }
 */
export type Label = { readonly label: string; readonly score?: number }

/**
 * What a model of your own answered.
 *
 * @example
 * const answer: LlmAnswer = { output: 'Good day', usage: { inputTokens: 4, outputTokens: 3 } }
 */
export type LlmAnswer = {
  /** A text, several texts, vectors (of which only number and length are kept), or any data. */
  readonly output?: unknown
  /** Of one input, or for a batch a list for each. */
  readonly labels?: readonly Label[] | readonly (readonly Label[])[]
  /** Tokens, where the model counts them; never estimated. */
  readonly usage?: TokenUsage
  readonly finishReason?: string
  /** The model that answered, where it is another than was asked. */
  readonly model?: string
  readonly responseId?: string
}

const OPERATION_BY_TASK: Readonly<Partial<Record<LlmTask, string>>> = {
  chat: 'chat',
  embedding: 'embeddings',
  completion: 'text_completion',
  summarisation: 'text_completion',
  translation: 'text_completion',
  'question-answering': 'text_completion',
  code: 'text_completion',
}

/** The options with what follows from them. */
export type LlmRequest = {
  readonly model: string
  readonly provider: string
  readonly task: LlmTask | undefined
  readonly operation: string | undefined
  readonly input: unknown
  readonly attributes: Fields | undefined
}

export function toRequest(options: LlmOptions): LlmRequest {
  const { model, provider = 'custom', input, attributes } = options
  const task = toTask(options.task)
  const operation =
    options.operation ?? (task === undefined ? undefined : (OPERATION_BY_TASK[task] ?? task))
  return { model, provider, task, operation, input, attributes }
}

function toTask(task: LlmOptions['task']): LlmTask | undefined {
  if (task === undefined) return undefined
  return isAlias(task) ? TASK_ALIASES[task] : task
}

function isAlias(task: string): task is LlmTaskAlias {
  return Object.hasOwn(TASK_ALIASES, task)
}

/** What is known of a call before it is made. */
export function llmStartFields(request: LlmRequest): Fields {
  const { model, provider, task, operation, attributes } = request
  return {
    ...attributes,
    [names.ATTR_KIND]: task === 'embedding' ? 'embedding' : 'llm',
    [names.ATTR_OPERATION]: operation,
    [names.ATTR_PROVIDER]: provider,
    [names.ATTR_REQUEST_MODEL]: model,
    ...inputFields(request),
  }
}

function inputFields({ input, provider }: LlmRequest): Fields {
  if (input === undefined) return {}
  const texts = toTexts(input)
  if (texts !== undefined) {
    return {
      [names.ATTR_INPUT_COUNT]: texts.length,
      [names.ATTR_INPUT_CHARACTERS]: texts.reduce((sum, text) => sum + text.length, 0),
      [names.ATTR_INPUT_MESSAGES]: new Content(
        'input.messages',
        textMessages('user', texts),
        provider,
      ),
    }
  }
  const messages = toMessages(input)
  if (messages === undefined) {
    return { [names.ATTR_INPUT]: new Content('input', toPlain(input), provider) }
  }
  return { [names.ATTR_INPUT_MESSAGES]: new Content('input.messages', messages, provider) }
}

/** What is known once the model has answered. */
export function llmAnswerFields(answer: LlmAnswer, request: LlmRequest): Fields {
  const { provider, task } = request
  const { output, labels = toLabels(output), usage, finishReason, model, responseId } = answer
  const texts = labels === undefined && task !== 'embedding' ? toTexts(output) : undefined
  const response = {
    id: responseId,
    model,
    finishReasons: finishReason === undefined ? [] : [finishReason],
    messages: texts === undefined ? [] : textMessages('assistant', texts),
    usage,
    parameters: task === 'embedding' ? vectorParameters(output) : {},
  }
  return {
    ...Object.assign({}, ...responseFields(response, provider)),
    ...(labels === undefined ? undefined : labelFields(labels, request)),
    ...(labels === undefined && texts === undefined && task !== 'embedding'
      ? { [names.ATTR_OUTPUT]: toContent(output, provider) }
      : undefined),
  }
}

function toContent(output: unknown, provider: string): Content | undefined {
  return output === undefined ? undefined : new Content('output', toPlain(output), provider)
}

// Their labels name single words, not what a text is about.
const WORD_TASKS: ReadonlySet<LlmTask | undefined> = new Set<LlmTask>([
  'token-classification',
  'fill-mask',
])

function labelFields(labels: NonNullable<LlmAnswer['labels']>, request: LlmRequest): Fields {
  const { provider, task } = request
  const top = WORD_TASKS.has(task) ? undefined : topLabel(labels)
  return {
    [names.ATTR_OUTPUT]: new Content('output', toPlain(labels), provider),
    [names.ATTR_LABEL]:
      top === undefined ? undefined : new Content('output.label', top.label, provider),
    [names.ATTR_LABEL_SCORE]: top?.score,
  }
}

/** The surest label of one input; a batch has no single one. */
function topLabel(labels: readonly unknown[]): Label | undefined {
  let top: Label | undefined
  for (const item of labels) {
    if (!isLabel(item)) return undefined
    if (top === undefined || (item.score ?? 0) > (top.score ?? 0)) top = item
  }
  return top
}

function isLabel(value: unknown): value is Label {
  const label = asRecord(value)
  return (
    asString(label?.['label']) !== undefined &&
    (label?.['score'] === undefined || asNumber(label['score']) !== undefined)
  )
}

/** Labels in the form that Hugging Face's pipelines answer with. */
function toLabels(output: unknown): readonly Label[] | undefined {
  const items = asArray(output)
  const isAllLabels =
    items.length > 0 && items.every((item) => isLabel(item) && item.score !== undefined)
  return isAllLabels ? (items as readonly Label[]) : undefined
}

/** Number and length of vectors: of one, of several, or of a tensor with `dims`. */
function vectorParameters(output: unknown): Record<string, number | undefined> {
  const dims = asArray(asRecord(output)?.['dims'])
  const first = asArray(output)[0]
  const isOne = typeof first === 'number' || ArrayBuffer.isView(output)
  const vector = isOne ? output : first
  return {
    [names.ATTR_EMBEDDING_COUNT]:
      asInteger(dims.length > 1 ? dims[0] : undefined) ?? (isOne ? 1 : asArray(output).length),
    [names.ATTR_EMBEDDING_DIMENSIONS]:
      asInteger(dims.at(-1)) ?? asInteger(asRecord(vector)?.['length']),
  }
}

const MAX_TEXTS = 1_000

function toTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  const items = asArray(value)
  if (items.length === 0 || !items.every((item) => typeof item === 'string')) return undefined
  return items.slice(0, MAX_TEXTS)
}

function textMessages(role: string, texts: readonly string[]): Message[] {
  return texts.map((content) => ({ role, parts: [{ type: 'text', content }] }))
}

/** Messages of `{ role, content }`, or of OpenTelemetry's `{ role, parts }`. */
function toMessages(value: unknown): Message[] | undefined {
  const messages = asArray(value).map((item) => toMessage(asRecord(item)))
  return messages.length > 0 && messages.every((message) => message !== undefined)
    ? messages
    : undefined
}

function toMessage(item: UnknownRecord | undefined): Message | undefined {
  const role = asString(item?.['role'])
  if (item === undefined || role === undefined) return undefined
  const content = item['content']
  if (typeof content === 'string') return { role, parts: [{ type: 'text', content }] }
  const parts = asArray(toPlain(item['parts'] ?? content)).filter(isPart)
  return parts.length === 0 ? undefined : { role, parts }
}

function isPart(value: unknown): value is MessagePart {
  return asString(asRecord(value)?.['type']) !== undefined
}
