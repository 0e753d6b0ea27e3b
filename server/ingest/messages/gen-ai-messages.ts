import type { JsonValue, Message, MessagePart } from '../../contract/index.ts'
import { parseJsonText, stepInto, toJson } from '../attribute-text.ts'
import type { FoundMessages } from '../dialects/dialect.ts'
import type { Attribute, AttributeValue, OtlpEvent, OtlpSpan } from '../otlp.ts'
import { type IndexedItem, indexedItems, itemText, nestedItems } from './indexed.ts'
import { toMessages, toPlainMessage } from './message-json.ts'
import { isFields, parsedJson, toolResponse, toParts } from './part-json.ts'

type Side = 'input' | 'output'

/** `gen_ai.prompt.N` / `gen_ai.completion.N` of older senders. */
export function indexedGenAiMessages(span: OtlpSpan, side: Side): FoundMessages | null {
  const prefix = side === 'input' ? 'gen_ai.prompt.' : 'gen_ai.completion.'
  // The texts to embed have no role.
  const isEmbedding = span.attributes.some(
    ({ key, value }) => key === 'llm.request.type' && value === 'embedding',
  )
  const role = isEmbedding ? '' : side === 'output' ? 'assistant' : 'user'
  const messages = indexedItems(span.attributes, prefix).map((item) => toIndexedMessage(item, role))
  return messages.length === 0 ? null : { messages, from: `${prefix}*` }
}

const DETAILS = 'gen_ai.client.inference.operation.details'

/** Messages in events of the span; a single event with all of them stands before the others. */
export function eventMessages(span: OtlpSpan, side: Side): FoundMessages | null {
  const key = `gen_ai.${side}.messages`
  for (const event of span.events) {
    if (event.name !== DETAILS) continue
    const messages = toMessages(attributeJson(event, key)) ?? []
    if (messages.length > 0) return { messages, from: `event ${DETAILS} → ${key}` }
  }
  const found = span.events.map((event) => ({ event, messages: eventMessage(event, side) }))
  const messages = found.flatMap((one) => one.messages)
  if (messages.length === 0) return null
  const names = found.flatMap((one) => (one.messages.length > 0 ? [one.event.name] : []))
  return { messages, from: `event ${[...new Set(names)].join(', ')}` }
}

/** What the event with all of a call says beside its messages. */
export function eventDetail(span: OtlpSpan, key: string): unknown {
  const details = span.events.filter(({ name }) => name === DETAILS)
  return details.map((event) => attributeJson(event, key)).find((value) => value !== undefined)
}

function toIndexedMessage(item: IndexedItem, defaultRole: string): Message {
  const role = itemText(item, 'role') ?? defaultRole
  const content = itemText(item, 'content')
  // An assistant turn that only calls tools comes as the text "null".
  const parsed = content === null ? null : parseJsonText(content)
  const toolCallId = itemText(item, 'tool_call_id')
  const parts: MessagePart[] =
    role === 'tool' || toolCallId !== null
      ? [toolResponse(toolCallId, content)]
      : toParts(parsed === null || isBlockList(parsed) ? parsed : content)
  for (const call of nestedItems(item, 'tool_calls.')) parts.push(toToolCall(call))
  const functionName = itemText(item, 'function_call.name')
  if (functionName !== null) {
    const sent = parsedJson(itemText(item, 'function_call.arguments'))
    parts.push({ type: 'tool_call', id: null, name: functionName, arguments: sent })
  }
  const finishReason = itemText(item, 'finish_reason')
  return { role, parts, ...(finishReason === null ? {} : { finishReason }) }
}

function isBlockList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((block: unknown) => typeof block === 'object' && block !== null && 'type' in block)
  )
}

function toToolCall(item: IndexedItem): MessagePart {
  return {
    type: 'tool_call',
    id: itemText(item, 'id'),
    name: itemText(item, 'name') ?? '',
    arguments: parsedJson(itemText(item, 'arguments')),
  }
}

const INPUT_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/
/** One event for all messages, conventions 1.27. */
const CONTENT_EVENT = { input: 'gen_ai.content.prompt', output: 'gen_ai.content.completion' }
const CONTENT_KEY = { input: 'gen_ai.prompt', output: 'gen_ai.completion' }

/** One message an event (1.28 to 1.36), or all of a side in one (1.27). */
function eventMessage(event: OtlpEvent, side: Side): Message[] {
  if (event.name === CONTENT_EVENT[side]) return contentMessages(event, side)
  const input = INPUT_EVENT.exec(event.name)
  if (side === 'input' ? input === null : event.name !== 'gen_ai.choice') return []
  const role = input?.[1] ?? 'assistant'
  const fields: Record<string, unknown> = Object.fromEntries(
    event.attributes.map(({ key, value }) => [key, parsedText(value)]),
  )
  const content = fields['gen_ai.event.content']
  const body = fields['message'] ?? stepInto(content, 'message') ?? content ?? fields
  // Strands: the blocks of the message themselves.
  if (!isFields(body)) return [{ role, parts: toParts(body), ...finishOf(fields) }]
  const id = role === 'tool' ? fields['id'] : undefined
  return toMessages([{ role, tool_call_id: id, ...body }]) ?? []
}

function contentMessages(event: OtlpEvent, side: Side): Message[] {
  const sent = attributeJson(event, CONTENT_KEY[side])
  const plain = toPlainMessage(side === 'input' ? 'user' : 'assistant', sent)
  return toMessages(sent) ?? (plain === undefined ? [] : [plain])
}

/** `[{ "event.name": "gen_ai.user.message", content, role }, …]` in one attribute. */
export function eventListMessages(events: unknown, side: Side): Message[] | undefined {
  if (!Array.isArray(events)) return undefined
  const isAnswer = (event: unknown): boolean => stepInto(event, 'event.name') === 'gen_ai.choice'
  const messages = events
    .filter((event) => isAnswer(event) === (side === 'output'))
    .map((event: unknown) => {
      const message = isAnswer(event) ? stepInto(event, 'message') : event
      const id = stepInto(message, 'role') === 'tool' ? stepInto(message, 'id') : undefined
      return isFields(message) ? { tool_call_id: id, ...message } : event
    })
  return messages.length === 0 ? undefined : toMessages(messages)
}

function finishOf(fields: Record<string, unknown>): Pick<Message, 'finishReason'> {
  const reason = fields['finish_reason']
  return typeof reason === 'string' && reason !== '' ? { finishReason: reason } : {}
}

function parsedText(value: AttributeValue): unknown {
  return typeof value === 'string' ? (parseJsonText(value) ?? value) : toJson(value)
}

function attributeJson(event: { attributes: readonly Attribute[] }, key: string): unknown {
  const found = event.attributes.find((attribute) => attribute.key === key)
  return found === undefined ? undefined : toJson(found.value)
}

/** Text parts of `gen_ai.system_instructions`, or the text it is. */
export function systemText(value: unknown): string | null {
  const parsed = typeof value === 'string' ? (parseJsonText(value) ?? value) : value
  if (typeof parsed === 'string') return parsed === '' ? null : parsed
  const texts = toParts(stepInto(parsed, 'parts') ?? parsed).flatMap((part) =>
    part.type === 'text' ? [part.content] : [],
  )
  return texts.length === 0 ? null : texts.join('\n')
}

/** Tool definitions as a list, each one JSON; Gemini's lists of declarations are opened up. */
export function toolDefinitionList(value: unknown): JsonValue[] {
  const parsed = parsedJson(value)
  const list = Array.isArray(parsed) ? parsed : parsed === null ? [] : [parsed]
  return list.flatMap((item) => {
    const definition = parsedJson(item)
    const declarations =
      stepInto(definition, 'functionDeclarations') ?? stepInto(definition, 'function_declarations')
    return Array.isArray(declarations) ? (declarations as JsonValue[]) : [definition]
  })
}

/** `llm.request.functions.N` of older senders. */
export function olderToolDefinitions(attributes: readonly Attribute[]): JsonValue[] {
  return indexedItems(attributes, 'llm.request.functions.').map((item) => ({
    type: 'function',
    name: itemText(item, 'name'),
    description: itemText(item, 'description'),
    parameters: parsedJson(itemText(item, 'parameters') ?? itemText(item, 'arguments')),
  }))
}
