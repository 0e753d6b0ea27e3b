import type { JsonValue, Message, MessagePart } from '../../contract/index.ts'
import { parseJsonText, stepInto, toJson } from '../attribute-text.ts'
import type { Attribute, AttributeValue, OtlpEvent, OtlpSpan } from '../otlp.ts'
import { type IndexedItem, indexedItems, itemText, nestedItems } from './indexed.ts'
import { parsedJson, toMessages, toolResponse, toParts } from './message-json.ts'

type Side = 'input' | 'output'

/**
 * Messages where no `gen_ai.*.messages` attribute has them: `gen_ai.prompt.N` / `gen_ai.completion.N`
 * of older senders, then span events. Copies are never put together.
 */
export function olderGenAiMessages(span: OtlpSpan, side: Side): Message[] {
  const prefix = side === 'input' ? 'gen_ai.prompt.' : 'gen_ai.completion.'
  const indexed = indexedItems(span.attributes, prefix).map((item) => toIndexedMessage(item, side))
  if (indexed.length > 0) return indexed
  const details = span.events.find(
    (event) => event.name === 'gen_ai.client.inference.operation.details',
  )
  if (details !== undefined) {
    return toMessages(attributeJson(details, `gen_ai.${side}.messages`)) ?? []
  }
  return span.events.flatMap((event) => eventMessage(event, side))
}

function toIndexedMessage(item: IndexedItem, side: Side): Message {
  const role = itemText(item, 'role') ?? (side === 'output' ? 'assistant' : 'user')
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

/** One message an event, the names of conventions 1.28 to 1.36. */
function eventMessage(event: OtlpEvent, side: Side): Message[] {
  const input = INPUT_EVENT.exec(event.name)
  if (side === 'input' ? input === null : event.name !== 'gen_ai.choice') return []
  const fields: Record<string, unknown> = Object.fromEntries(
    event.attributes.map(({ key, value }) => [key, parsedText(value)]),
  )
  const body = fields['message'] ?? fields
  const role = input?.[1] ?? 'assistant'
  if (typeof body !== 'object' || body === null) {
    return [{ role, parts: toParts(body) }]
  }
  return toMessages([{ role, ...body }]) ?? []
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
  const texts = toParts(parsed).flatMap((part) => (part.type === 'text' ? [part.content] : []))
  return texts.length === 0 ? null : texts.join('\n')
}

/** Tool definitions as a list, each one JSON; Gemini's lists of declarations are opened up. */
export function toolDefinitionList(value: unknown): JsonValue[] {
  const parsed = parsedJson(value)
  const list = Array.isArray(parsed) ? parsed : parsed === null ? [] : [parsed]
  return list.flatMap((item) => {
    const definition = parsedJson(item)
    const declarations = stepInto(definition, 'functionDeclarations')
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
