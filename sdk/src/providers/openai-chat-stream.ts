import { appendText } from '../core/append-text.ts'
import { copyData } from '../core/copy-data.ts'
import { asArray, asInteger, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'

type ToolCall = { id: string | undefined; type: string; name: string; arguments: string }

type Choice = {
  role: string
  content: string
  reasoning: string
  refusal: string
  transcript: string
  toolCalls: ToolCall[]
  finishReason: string | undefined
}

// Far more than any provider sends; keeps a broken index from growing an array without end.
const MAX_CHOICES = 128
const MAX_TOOL_CALLS = 128

/**
 * Puts a chat stream's chunks together into what the same call without streaming answers.
 * Keeps no chunk: the application owns them. Texts stop growing at `maxChars` each.
 */
export class ChatStreamAssembler {
  readonly #maxChars: number
  readonly #choices: Choice[] = []
  #id: string | undefined
  #model: string | undefined
  #usage: unknown
  #serviceTier: string | undefined
  #fingerprint: string | undefined
  #error: unknown

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** Takes one chunk; true when it carries content rather than a role, usage or an end. */
  add(value: unknown): boolean {
    const chunk = asRecord(value)
    return chunk !== undefined && (this.#addText(chunk) || this.#addAny(chunk))
  }

  /** What nearly every chunk is: the next piece of the only answer's text. False where there is more to it. */
  #addText(chunk: UnknownRecord): boolean {
    const begun = this.#choices[0]
    if (begun === undefined || chunk['usage'] || !this.#isFramed) return false
    const delta = onlyDelta(chunk['choices'])
    const content = delta?.['content']
    if (delta === undefined || typeof content !== 'string' || content === '') return false
    if (hasMoreThanText(delta, begun.role)) return false
    begun.content = appendText(begun.content, content, this.#maxChars)
    return true
  }

  /** What stands beside the choices is the same in every chunk but the first and the last. */
  get #isFramed(): boolean {
    return this.#id !== undefined && this.#model !== undefined
  }

  #addAny(chunk: UnknownRecord): boolean {
    const choices = asArray(chunk['choices'])
    let hasContent = false
    let isOrdinary = this.#isFramed && choices.length > 0
    for (let position = 0; position < choices.length; position++) {
      const choice = asRecord(choices[position])
      if (choice === undefined) continue
      if (this.#addChoice(choice)) hasContent = true
      if (choice['finish_reason']) isOrdinary = false
    }
    if (!isOrdinary || chunk['usage']) this.#readFrame(chunk)
    return hasContent
  }

  #readFrame(chunk: UnknownRecord): void {
    // Azure's first chunk has an empty id and an empty model.
    this.#id ??= asText(chunk['id'])
    this.#model ??= asText(chunk['model'])
    this.#serviceTier = asString(chunk['service_tier']) ?? this.#serviceTier
    this.#fingerprint = asString(chunk['system_fingerprint']) ?? this.#fingerprint
    const usage = chunk['usage'] ?? asRecord(chunk['x_groq'])?.['usage']
    if (usage !== undefined && usage !== null) this.#usage = copyData(usage)
    this.#error ??= errorOf(chunk)
  }

  /** Everything so far, in the shape of a chat completion. */
  toCompletion(): UnknownRecord {
    return {
      id: this.#id,
      model: this.#model,
      usage: this.#usage,
      service_tier: this.#serviceTier,
      system_fingerprint: this.#fingerprint,
      error: this.#error,
      // filter() also closes the holes that an index out of order leaves.
      choices: this.#choices.filter(Boolean).map((choice) => ({
        finish_reason: choice.finishReason,
        message: toWireMessage(choice),
      })),
    }
  }

  #addChoice(value: UnknownRecord): boolean {
    const index = asInteger(value['index']) ?? 0
    if (index < 0 || index >= MAX_CHOICES) return false
    const choice = (this.#choices[index] ??= emptyChoice())
    choice.finishReason = asString(value['finish_reason']) ?? choice.finishReason
    const delta = asRecord(value['delta'])
    if (delta !== undefined) return this.#addDelta(choice, delta)
    // The completions of before chat.
    choice.content = this.#append(choice.content, value['text'])
    return asText(value['text']) !== undefined
  }

  #addDelta(choice: Choice, delta: UnknownRecord): boolean {
    const { content, refusal, role } = delta
    const reasoning = delta['reasoning_content'] ?? delta['reasoning']
    if (typeof role === 'string') choice.role = role
    choice.content = this.#append(choice.content, content)
    if (refusal) choice.refusal = this.#append(choice.refusal, refusal)
    if (reasoning) choice.reasoning = this.#append(choice.reasoning, reasoning)
    const hasMore = this.#addMore(choice, delta)
    return hasMore || (asText(content) ?? asText(refusal) ?? asText(reasoning)) !== undefined
  }

  #addMore(choice: Choice, delta: UnknownRecord): boolean {
    const { audio, tool_calls: calls } = delta
    if (audio) {
      choice.transcript = this.#append(choice.transcript, asRecord(audio)?.['transcript'])
    }
    if (!Array.isArray(calls)) return Boolean(audio)
    for (const call of calls) this.#addToolCall(choice, asRecord(call) ?? {})
    return calls.length > 0 || Boolean(audio)
  }

  #addToolCall(choice: Choice, value: UnknownRecord): void {
    const index = asInteger(value['index']) ?? choice.toolCalls.length
    if (index < 0 || index >= MAX_TOOL_CALLS) return
    const call = (choice.toolCalls[index] ??= {
      id: undefined,
      type: 'function',
      name: '',
      arguments: '',
    })
    call.id ??= asString(value['id'])
    call.type = asString(value['type']) ?? call.type
    const target = asRecord(value['function']) ?? asRecord(value['custom'])
    call.name = this.#append(call.name, target?.['name'])
    call.arguments = this.#append(call.arguments, target?.['arguments'] ?? target?.['input'])
  }

  #append(text: string, more: unknown): string {
    return typeof more === 'string' ? appendText(text, more, this.#maxChars) : text
  }
}

/** What the only choice adds, unless it ends with it. */
function onlyDelta(choices: unknown): UnknownRecord | undefined {
  if (!Array.isArray(choices) || choices.length !== 1) return undefined
  const choice = asRecord(choices[0])
  if (choice === undefined || choice['index'] !== 0 || choice['finish_reason']) return undefined
  return asRecord(choice['delta'])
}

/** Some say the role in every chunk. */
function hasMoreThanText(delta: UnknownRecord, begunRole: string): boolean {
  const { role, refusal, audio, reasoning } = delta
  if (role && role !== begunRole) return true
  return Boolean(refusal || audio || reasoning || delta['reasoning_content'] || delta['tool_calls'])
}

/** A failure in the place of a chunk, as gateways report it, or as a chunk of its own kind. */
function errorOf(chunk: UnknownRecord): unknown {
  if (chunk['error'] !== undefined) return copyData(chunk['error'])
  const { object, message, code } = chunk
  return object === 'error' ? { message, code } : undefined
}

function emptyChoice(): Choice {
  return {
    role: 'assistant',
    content: '',
    reasoning: '',
    refusal: '',
    transcript: '',
    toolCalls: [],
    finishReason: undefined,
  }
}

function toWireMessage(choice: Choice): UnknownRecord {
  const calls = choice.toolCalls.filter(Boolean)
  return {
    role: choice.role,
    content:
      choice.content === '' && (calls.length > 0 || choice.refusal !== '') ? null : choice.content,
    ...(choice.reasoning === '' ? {} : { reasoning_content: choice.reasoning }),
    ...(choice.refusal === '' ? {} : { refusal: choice.refusal }),
    ...(choice.transcript === '' ? {} : { audio: { transcript: choice.transcript } }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toWireToolCall) }),
  }
}

function toWireToolCall(call: ToolCall): UnknownRecord {
  const { id, type, name, arguments: input } = call
  return type === 'custom'
    ? { id, type, custom: { name, input } }
    : { id, type, function: { name, arguments: input } }
}
