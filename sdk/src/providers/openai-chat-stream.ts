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

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** Takes one chunk; true when it carries content rather than a role, usage or an end. */
  add(value: unknown): boolean {
    const chunk = asRecord(value)
    if (chunk === undefined) return false
    this.#id ??= asString(chunk['id'])
    // Azure sends an empty model in its first chunk.
    if (!this.#model) this.#model = asString(chunk['model'])
    this.#usage = chunk['usage'] ?? asRecord(chunk['x_groq'])?.['usage'] ?? this.#usage
    this.#serviceTier = asString(chunk['service_tier']) ?? this.#serviceTier
    this.#fingerprint = asString(chunk['system_fingerprint']) ?? this.#fingerprint
    let hasContent = false
    for (const item of asArray(chunk['choices'])) {
      const choice = asRecord(item)
      if (choice !== undefined && this.#addChoice(choice)) hasContent = true
    }
    return hasContent
  }

  /** Everything so far, in the shape of a chat completion. */
  toCompletion(): UnknownRecord {
    return {
      id: this.#id,
      model: this.#model,
      usage: this.#usage,
      service_tier: this.#serviceTier,
      system_fingerprint: this.#fingerprint,
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
    return delta !== undefined && this.#addDelta(choice, delta)
  }

  #addDelta(choice: Choice, delta: UnknownRecord): boolean {
    const reasoning = delta['reasoning_content'] ?? delta['reasoning']
    const audio = asRecord(delta['audio'])
    const calls = asArray(delta['tool_calls'])
    choice.role = asString(delta['role']) ?? choice.role
    choice.content = this.#append(choice.content, delta['content'])
    choice.refusal = this.#append(choice.refusal, delta['refusal'])
    choice.reasoning = this.#append(choice.reasoning, reasoning)
    choice.transcript = this.#append(choice.transcript, audio?.['transcript'])
    for (const call of calls) this.#addToolCall(choice, asRecord(call) ?? {})
    return calls.length > 0 || audio !== undefined || hasText(delta)
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
    return typeof more === 'string' && text.length <= this.#maxChars ? text + more : text
  }
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

function hasText(delta: UnknownRecord): boolean {
  const text = asText(delta['content']) ?? asText(delta['refusal'])
  return (text ?? asText(delta['reasoning_content']) ?? asText(delta['reasoning'])) !== undefined
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
