import type { Message, MessagePart } from '../../contract/index.ts'
import { parseJsonText } from '../attribute-text.ts'
import { parsePythonText } from '../python-text.ts'
import {
  type Fields,
  isFields,
  textOf,
  textOrNull,
  toJsonValue,
  toolResponse,
  toParts,
  toToolCall,
} from './part-json.ts'

// Chat messages as JSON, in the shapes senders use: OTel's parts, OpenAI's content and tool_calls,
// Anthropic's and Bedrock's blocks, Gemini's contents, items of the Responses API, LangChain's
// serialised messages.

/** JSON text (or a value) as a list of messages; undefined where it holds none. */
export function toMessages(source: unknown): Message[] | undefined {
  const value = unwrapped(parsedText(source))
  if (Array.isArray(value)) {
    const fields = value.map((item: unknown) => messageFields(parsedText(item)))
    if (fields.length === 0) return undefined
    return fields.every((found) => found !== undefined) ? fields.map(toMessage) : undefined
  }
  const fields = messageFields(value)
  if (fields !== undefined) return [toMessage(fields)]
  if (!isFields(value) || !Array.isArray(value['messages'])) return undefined
  return toMessages(unwrapped(value['messages']))
}

/** LangChain writes a list of messages for each prompt: that of the only one. */
function unwrapped(value: unknown): unknown {
  const [only, ...others] = Array.isArray(value) ? (value as unknown[]) : []
  return Array.isArray(only) && others.length === 0 ? only : value
}

function parsedText(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const parsed = parseJsonText(value)
  if (parsed !== undefined) return parsed
  return /^\s*[[{]/.test(value) ? (parsePythonText(value) ?? value) : value
}

/** Any value as one message of that role: what an observed function took or gave. */
export function toPlainMessage(role: string, value: unknown): Message | undefined {
  const parsed = parsedText(value)
  if (parsed === undefined || parsed === null || parsed === '') return undefined
  if (typeof parsed === 'string') return { role, parts: [{ type: 'text', content: parsed }] }
  // What a failed run gave: `{"output":null}`.
  if (isFields(parsed) && Object.values(parsed).every((one) => one === null)) return undefined
  return { role, parts: [{ type: 'text', content: textOf(parsed) }] }
}

/** The message that an item is, with a role and content; undefined where it is none. */
function messageFields(item: unknown): Fields | undefined {
  if (!isFields(item)) return undefined
  const inner = item['role'] === undefined ? item['message'] : undefined
  const value = isFields(inner) ? { ...item, ...inner } : item
  if (typeof value['role'] === 'string') {
    return MESSAGE_KEYS.some((key) => key in value) ? value : undefined
  }
  return responsesItem(value) ?? langChainMessage(value)
}

const MESSAGE_KEYS = ['parts', 'content', 'tool_calls', 'refusal', 'function_call']

const ITEM_ROLES = new Map<unknown, string>([
  ['function_call', 'assistant'],
  ['custom_tool_call', 'assistant'],
  ['reasoning', 'assistant'],
  ['function_call_output', 'tool'],
])

/** An item of OpenAI's Responses API that is no message of its own. */
function responsesItem(item: Fields): Fields | undefined {
  const role = ITEM_ROLES.get(item['type'])
  return role === undefined ? undefined : { role, parts: [item] }
}

const LANGCHAIN_ROLES = new Map<unknown, string>([
  ['human', 'user'],
  ['ai', 'assistant'],
  ['system', 'system'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['HumanMessage', 'user'],
  ['AIMessage', 'assistant'],
  ['AIMessageChunk', 'assistant'],
  ['SystemMessage', 'system'],
  ['ToolMessage', 'tool'],
])

/** `{ type: 'human', content }`, with its fields under `data` or, serialised, under `kwargs`. */
function langChainMessage(value: Fields): Fields | undefined {
  const { type, id, kwargs, data } = value as Record<string, unknown>
  const className = Array.isArray(id) ? (id.at(-1) as unknown) : undefined
  const role = LANGCHAIN_ROLES.get(type === 'constructor' ? className : type)
  const inner = isFields(kwargs) ? kwargs : isFields(data) ? data : value
  return role === undefined || !('content' in inner) ? undefined : { ...inner, role }
}

/** Gemini's model and Anthropic's or Bedrock's assistant are one. */
function roleOf(fields: Fields): string {
  const role = String(fields['role'])
  return role === 'model' ? 'assistant' : role
}

function toMessage(fields: Fields): Message {
  const role = roleOf(fields)
  const content = fields['parts'] ?? contentOf(fields['content']) ?? fields['refusal']
  const toolCallId = textOrNull(fields['tool_call_id'])
  const isToolAnswer = role === 'tool' && toolCallId !== null && fields['parts'] === undefined
  const parts = isToolAnswer ? [toolResponse(toolCallId, content)] : toParts(content)
  const sentIds = new Set(parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : [])))
  for (const part of calledTools(fields)) {
    // LangChain writes a call among the blocks and beside them.
    if (part.type !== 'tool_call' || part.id === null || !sentIds.has(part.id)) parts.push(part)
  }
  const finishReason = textOrNull(fields['finish_reason'])
  return { role, parts, ...(finishReason === null ? {} : { finishReason }) }
}

/** Gemini's Content stands where other senders have its parts. */
function contentOf(content: unknown): unknown {
  return isFields(content) && Array.isArray(content['parts']) ? content['parts'] : content
}

/** Calls beside the content; where `parts` are the whole message, what stands beside is no part. */
function calledTools(fields: Fields): MessagePart[] {
  const calls = fields['tool_calls']
  if (Array.isArray(fields['parts'])) {
    return Array.isArray(calls)
      ? [{ type: 'other', value: toJsonValue({ tool_calls: calls }) }]
      : []
  }
  if (Array.isArray(calls)) return calls.map(toToolCall)
  return isFields(fields['function_call']) ? [toToolCall(fields['function_call'])] : []
}
