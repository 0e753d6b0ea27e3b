import { copyData } from '../core/copy-data.ts'
import type { Message, MessagePart } from '../core/model-call.ts'
import { asArray, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'

/** Anthropic's messages in OpenTelemetry's form; arrays and objects are copies. */
export function toMessages(value: unknown): Message[] {
  const messages: Message[] = []
  for (const item of asArray(value)) {
    const message = asRecord(item)
    if (message === undefined) continue
    const role = asString(message['role']) ?? 'user'
    messages.push({ role, parts: toParts(message['content']) })
  }
  return messages
}

/** What a message or the system prompt holds: a text, or blocks. */
export function toParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [{ type: 'text', content }]
  const parts: MessagePart[] = []
  for (const block of asArray(content)) {
    const record = asRecord(block)
    if (record !== undefined) parts.push(toPart(record))
  }
  return parts
}

type BlockReader = (block: UnknownRecord) => MessagePart

const READERS: Readonly<Record<string, BlockReader>> = {
  text: (block) => ({ type: 'text', content: asString(block['text']) ?? '' }),
  thinking: (block) => ({ type: 'reasoning', content: asString(block['thinking']) ?? '' }),
  // Encrypted by Anthropic: nobody can read it, so only that it was there is told.
  redacted_thinking: () => ({ type: 'reasoning', content: '[redacted]' }),
  tool_use: toToolCall,
  server_tool_use: toServerToolCall,
  mcp_tool_use: toServerToolCall,
  tool_result: toToolAnswer,
  image: (block) => toMedia(block, 'image'),
  document: (block) => toMedia(block, 'document'),
}

/** One block of a request or an answer. */
export function toPart(block: UnknownRecord): MessagePart {
  const type = asString(block['type']) ?? 'unknown'
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined
  if (read !== undefined) return read(block)
  if (type.endsWith('_tool_result')) return toServerToolAnswer(block, type)
  return { ...(copyData(block, OPAQUE) as UnknownRecord), type }
}

// Ciphertext and signatures, which are long and tell nothing, and hints for the cache.
const OPAQUE: ReadonlySet<string> = new Set([
  'encrypted_content',
  'encrypted_index',
  'encrypted_stdout',
  'signature',
  'cache_control',
])

function toToolCall(block: UnknownRecord): MessagePart {
  return {
    type: 'tool_call',
    ...idOf(block['id']),
    name: asString(block['name']) ?? '',
    arguments: copyData(block['input']),
  }
}

/** A tool that Anthropic runs itself, such as web search or an MCP server's. */
function toServerToolCall(block: UnknownRecord): MessagePart {
  const name = asString(block['name']) ?? ''
  const input = asRecord(copyData(block['input'])) ?? {}
  return {
    type: 'server_tool_call',
    ...idOf(block['id']),
    name,
    server_tool_call: { ...input, type: name },
  }
}

function toServerToolAnswer(block: UnknownRecord, type: string): MessagePart {
  const isError = block['is_error'] === true ? { is_error: true } : {}
  return {
    type: 'server_tool_call_response',
    ...idOf(block['tool_use_id']),
    server_tool_call_response: {
      type: type.slice(0, -'_tool_result'.length),
      content: copyData(block['content'], OPAQUE),
      ...isError,
    },
  }
}

function toToolAnswer(block: UnknownRecord): MessagePart {
  const isError = block['is_error'] === true ? { is_error: true } : {}
  return {
    type: 'tool_call_response',
    ...idOf(block['tool_use_id']),
    response: toAnswer(block['content']),
    ...isError,
  }
}

/** Text as text; with images or documents beside it, parts. */
function toAnswer(content: unknown): unknown {
  if (typeof content === 'string' || content === undefined) return content ?? ''
  const parts = toParts(content)
  const texts = parts.map((part) => (part.type === 'text' ? asString(part['content']) : undefined))
  return texts.every((text) => text !== undefined) ? texts.join('') : parts
}

function toMedia(block: UnknownRecord, modality: 'image' | 'document'): MessagePart {
  const source = asRecord(block['source']) ?? {}
  const uri = asText(source['url'])
  const data = asText(source['data'])
  const fileId = asText(source['file_id'])
  if (uri !== undefined) return { type: 'uri', modality, uri }
  if (fileId !== undefined) return { type: 'file', modality, file_id: fileId }
  if (source['type'] === 'text') return { type: 'text', content: data ?? '' }
  if (data !== undefined) {
    const mimeType = asString(source['media_type']) ?? ''
    return { type: 'blob', modality, mime_type: mimeType, content: data }
  }
  const nested = toParts(source['content'])
  return nested.length === 1 && nested[0] !== undefined
    ? nested[0]
    : { type: 'document', content: nested }
}

function idOf(value: unknown): { readonly id?: string } {
  const id = asText(value)
  return id === undefined ? {} : { id }
}
