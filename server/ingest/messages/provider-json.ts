import type { JsonValue, Message, MessagePart, SpanType } from '../../contract/index.ts'
import { parseJsonText, stepInto } from '../attribute-text.ts'
import { toMessages } from './message-json.ts'
import {
  type Fields,
  isFields,
  textOf,
  textOrNull,
  toJsonValue,
  toParts,
  toToolCall,
} from './part-json.ts'

// Requests and answers of the providers' own APIs, as senders record them in one JSON text: OpenAI's
// chat, completions and responses, Anthropic's messages, Gemini's contents, Bedrock's Converse,
// Ollama's chat and generate, LangChain's generations.

/** The messages of a request; undefined where it is none that is known. */
export function requestMessages(request: unknown): Message[] | undefined {
  const value = parsed(request)
  if (!isFields(value)) return toMessages(value)
  const { messages, input, contents, prompt } = value as Record<string, unknown>
  const listed = toMessages(messages) ?? textsAs('user', input) ?? geminiMessages(contents)
  return listed ?? textsAs('user', prompt) ?? toMessages(value)
}

/** What a model span was given: messages, or the texts to embed. */
export function askedMessages(type: SpanType, request: unknown): Message[] | undefined {
  const texts = type === 'embedding' ? embeddedTexts(request) : []
  return texts.length > 0 ? texts : requestMessages(request)
}

/** What a request carries beside its messages. */
export function requestSystem(request: unknown): unknown {
  const value = parsed(request)
  if (!isFields(value)) return undefined
  const system =
    value['system'] ??
    value['instructions'] ??
    value['systemInstruction'] ??
    value['system_instruction'] ??
    stepInto(value['config'], 'system_instruction') ??
    stepInto(value['config'], 'systemInstruction')
  return isFields(system) && 'parts' in system ? system['parts'] : system
}

export function requestTools(request: unknown): JsonValue | undefined {
  const value = parsed(request)
  if (!isFields(value)) return undefined
  const tools =
    value['tools'] ?? stepInto(value['config'], 'tools') ?? stepInto(value['toolConfig'], 'tools')
  return Array.isArray(tools) && tools.length > 0 ? toJsonValue(tools) : undefined
}

/** The messages of an answer; undefined where it is none that is known. */
export function responseMessages(response: unknown): Message[] | undefined {
  const value = parsed(response)
  if (!isFields(value)) return oneAnswer(toMessages(value))
  for (const read of ANSWERS) {
    const messages = read(value)
    if (messages !== undefined) return messages
  }
  return toMessages(value)
}

export function responseFinishReasons(response: unknown): string[] {
  const value = parsed(response)
  if (!isFields(value)) return []
  const choices = listOf(value['choices']).map((choice) => stepInto(choice, 'finish_reason'))
  const candidates = listOf(value['candidates']).map(
    (one) => stepInto(one, 'finishReason') ?? stepInto(one, 'finish_reason'),
  )
  const generations = listOf(value['generations'])
    .flat()
    .map((generation) => stepInto(stepInto(generation, 'generation_info'), 'finish_reason'))
  const single =
    value['stop_reason'] ?? value['stopReason'] ?? value['finish_reason'] ?? value['finishReason']
  return [...choices, ...candidates, ...generations, single ?? value['done_reason']].flatMap(
    (reason) => (typeof reason === 'string' && reason !== '' ? [reason] : []),
  )
}

const ANSWERS: readonly ((value: Fields) => Message[] | undefined)[] = [
  ({ choices }) => (Array.isArray(choices) ? choices.flatMap(choiceMessage) : undefined),
  ({ candidates }) =>
    Array.isArray(candidates) ? candidates.flatMap(candidateMessage) : undefined,
  ({ generations }) => (Array.isArray(generations) ? generationMessages(generations) : undefined),
  ({ output }) => {
    if (isFields(output)) return toMessages(output['message'])
    return Array.isArray(output) ? oneAnswer(toMessages(output)) : textsAs('assistant', output)
  },
  ({ message }) => toMessages(message),
  ({ response }) => textsAs('assistant', response),
]

/** The items of one answer (reasoning, calls, text) are one message. */
function oneAnswer(messages: Message[] | undefined): Message[] | undefined {
  const [first, ...others] = messages ?? []
  const isOne = others.length > 0 && messages?.every(({ role }) => role === 'assistant') === true
  if (first === undefined || !isOne) return messages
  return [{ ...first, parts: [first, ...others].flatMap(({ parts }) => parts) }]
}

function choiceMessage(choice: unknown): Message[] {
  const message = stepInto(choice, 'message') ?? stepInto(choice, 'delta')
  const finish_reason = stepInto(choice, 'finish_reason')
  if (isFields(message))
    return toMessages({ role: 'assistant', content: null, ...message, finish_reason }) ?? []
  const text = stepInto(choice, 'text')
  return typeof text === 'string' ? [{ role: 'assistant', parts: toParts(text) }] : []
}

function candidateMessage(candidate: unknown): Message[] {
  const content = stepInto(candidate, 'content')
  if (!isFields(content)) return []
  return toMessages({ role: 'model', parts: [], ...content }) ?? []
}

function geminiMessages(contents: unknown): Message[] | undefined {
  if (typeof contents === 'string') return textsAs('user', contents)
  return toMessages(contents)
}

/** LangChain: a list of generations per prompt. */
function generationMessages(generations: readonly unknown[]): Message[] {
  return generations.flat().flatMap((generation) => {
    const message = toMessages(stepInto(generation, 'message'))
    if (message !== undefined) return message
    const text = stepInto(generation, 'text')
    return typeof text === 'string' ? [{ role: 'assistant', parts: toParts(text) }] : []
  })
}

/** One text, texts, or messages. */
function textsAs(role: string, value: unknown): Message[] | undefined {
  if (typeof value === 'string') {
    return value === '' ? undefined : [{ role, parts: [{ type: 'text', content: value }] }]
  }
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')) {
    return (value as string[]).map((content) => ({ role, parts: [{ type: 'text', content }] }))
  }
  return toMessages(value)
}

/** An answer that is spread over several attributes. */
export type AnswerPieces = {
  text?: unknown
  reasoning?: unknown
  toolCalls?: unknown
  object?: unknown
}

export function answerMessage(pieces: AnswerPieces): Message[] | undefined {
  const parts: MessagePart[] = []
  const reasoning = textOrNull(pieces.reasoning)
  if (reasoning !== null) parts.push({ type: 'reasoning', content: reasoning })
  const text =
    textOrNull(pieces.text) ?? (pieces.object === undefined ? null : textOf(pieces.object))
  if (text !== null) parts.push({ type: 'text', content: text })
  const calls = parsed(pieces.toolCalls)
  for (const call of listOf(calls)) parts.push(toToolCall(parsed(call)))
  return parts.length === 0 ? undefined : [{ role: 'assistant', parts }]
}

/** Texts to embed: they have no role. */
export function embeddedTexts(sent: unknown): Message[] {
  const value = parsed(sent)
  const inner = isFields(value) ? (value['input'] ?? value['texts'] ?? value['value']) : value
  return (Array.isArray(inner) ? inner : [inner]).flatMap((item) => {
    const content = parsed(item)
    return typeof content === 'string'
      ? [{ role: '', parts: [{ type: 'text' as const, content }] }]
      : []
  })
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? (parseJsonText(value) ?? value) : value
}
