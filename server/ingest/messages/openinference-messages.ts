import type { JsonValue, Message, MessagePart } from '../../contract/index.ts'
import type { FoundMessages } from '../dialects/dialect.ts'
import type { Attribute, OtlpSpan } from '../otlp.ts'
import { type IndexedItem, indexedItems, itemText, nestedItems } from './indexed.ts'
import { imageOf, parsedJson, toolResponse } from './part-json.ts'

/** `llm.input_messages.N.message.*` or `llm.output_messages.…`, prompts of completions, texts. */
export function openinferenceMessages(
  span: OtlpSpan,
  side: 'input' | 'output',
): FoundMessages | null {
  const { attributes } = span
  for (const [prefix, read] of LISTS[side]) {
    const messages = indexedItems(attributes, prefix).flatMap(read)
    if (messages.length > 0) return { messages, from: `${prefix}*` }
  }
  return null
}

type ReadItem = (item: IndexedItem) => Message[]

const LISTS: Readonly<Record<'input' | 'output', readonly (readonly [string, ReadItem])[]>> = {
  input: [
    ['llm.input_messages.', (item) => [toMessage(item)]],
    ['llm.prompts.', (item) => textMessage('user', itemText(item, 'prompt.text'))],
    // The texts to embed have no role.
    ['embedding.embeddings.', (item) => textMessage('', itemText(item, 'embedding.text'))],
  ],
  output: [
    ['llm.output_messages.', (item) => [toMessage(item)]],
    ['llm.choices.', (item) => textMessage('assistant', itemText(item, 'completion.text'))],
  ],
}

function textMessage(role: string, content: string | null): Message[] {
  return content === null ? [] : [{ role, parts: [{ type: 'text', content }] }]
}

export function openinferenceTools(attributes: readonly Attribute[]): JsonValue[] {
  return indexedItems(attributes, 'llm.tools.').flatMap((item) => {
    const schema = item.fields.get('tool.json_schema')
    return typeof schema === 'string' ? [parsedJson(schema)] : []
  })
}

function toMessage(item: IndexedItem): Message {
  const role = itemText(item, 'message.role') ?? ''
  const content = itemText(item, 'message.content')
  const toolCallId = itemText(item, 'message.tool_call_id')
  if (toolCallId !== null) return { role, parts: [toolResponse(toolCallId, content)] }
  const parts: MessagePart[] = content === null ? [] : [{ type: 'text', content }]
  for (const part of nestedItems(item, 'message.contents.')) {
    const read = toPart(part)
    if (read !== null) parts.push(read)
  }
  const calls = nestedItems(item, 'message.tool_calls.')
  for (const call of calls) parts.push(toToolCall(call))
  const name = itemText(item, 'message.function_call_name')
  // LangChain writes Gemini's call in the older form as well.
  if (name !== null && calls.length === 0) {
    const sent = itemText(item, 'message.function_call_arguments_json')
    parts.push({ type: 'tool_call', id: null, name, arguments: parsedJson(sent) })
  }
  return { role, parts }
}

/** null for what says nothing: tool calls stand among the message's `tool_calls` as well. */
function toPart(item: IndexedItem): MessagePart | null {
  const type = itemText(item, 'message_content.type')
  const text = itemText(item, 'message_content.text')
  if (type === 'tool_use') return null
  // Reasoning that the provider keeps to itself has no text.
  if (type === 'reasoning') return text === null ? null : { type: 'reasoning', content: text }
  if (text !== null) return { type: 'text', content: text }
  const url = itemText(item, 'message_content.image.image.url')
  if (url !== null) return imageOf(url)
  const value = Object.fromEntries(
    [...item.fields].filter((field): field is [string, string] => typeof field[1] === 'string'),
  )
  return Object.keys(value).length === 0 ? null : { type: 'other', value }
}

function toToolCall(item: IndexedItem): MessagePart {
  return {
    type: 'tool_call',
    id: itemText(item, 'tool_call.id'),
    name: itemText(item, 'tool_call.function.name') ?? '',
    arguments: parsedJson(itemText(item, 'tool_call.function.arguments')),
  }
}
