import type { JsonValue, Message, MessagePart } from '../../contract/index.ts'
import { parseJsonText } from '../attribute-text.ts'

// Chat messages as JSON, in the shapes senders use: OTel parts, OpenAI's content and tool_calls,
// Anthropic's content blocks. Unknown parts are kept as `other`.

type Fields = { readonly [key: string]: unknown }

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON text (or a value) as a list of messages; undefined where it holds none. */
export function toMessages(source: unknown): Message[] | undefined {
  const value = typeof source === 'string' ? (parseJsonText(source) ?? source) : source
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item: unknown) =>
      typeof item === 'string' ? (parseJsonText(item) ?? item) : item,
    )
    if (items.length === 0 || !items.every(isMessage)) return undefined
    return items.map(toMessage)
  }
  if (isMessage(value)) return [toMessage(value)]
  if (isFields(value) && Array.isArray(value['messages'])) return toMessages(value['messages'])
  return undefined
}

/** Any value as one message of that role: what an observed function took or gave. */
export function toPlainMessage(role: string, value: unknown): Message | undefined {
  const parsed = typeof value === 'string' ? (parseJsonText(value) ?? value) : value
  if (parsed === undefined || parsed === null || parsed === '') return undefined
  if (typeof parsed === 'string') return { role, parts: [{ type: 'text', content: parsed }] }
  return { role, parts: [{ type: 'text', content: textOf(parsed) }] }
}

function isMessage(value: unknown): value is Fields {
  return (
    isFields(value) && typeof value['role'] === 'string' && MESSAGE_KEYS.some((key) => key in value)
  )
}

const MESSAGE_KEYS = ['parts', 'content', 'tool_calls', 'refusal']

function toMessage(fields: Fields): Message {
  const role = String(fields['role'])
  const content = fields['parts'] ?? fields['content'] ?? fields['refusal']
  const toolCallId = textOrNull(fields['tool_call_id'])
  const parts =
    role === 'tool' && toolCallId !== null && fields['parts'] === undefined
      ? [toolResponse(toolCallId, content)]
      : toParts(content)
  if (Array.isArray(fields['tool_calls'])) parts.push(...fields['tool_calls'].map(toToolCall))
  const finishReason = textOrNull(fields['finish_reason'])
  return { role, parts, ...(finishReason === null ? {} : { finishReason }) }
}

/** The content of a message: text, or a list of parts. */
export function toParts(content: unknown): MessagePart[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [{ type: 'text', content }]
  if (Array.isArray(content)) return content.map(toPart).filter(isFilled)
  return [toPart(content)]
}

function isFilled(part: MessagePart): boolean {
  return part.type !== 'text' || part.content !== ''
}

const PARTS: Readonly<Record<string, (part: Fields) => MessagePart>> = {
  text: textPart,
  input_text: textPart,
  output_text: textPart,
  refusal: (part) => ({ type: 'text', content: textOf(part['refusal'] ?? part['content']) }),
  reasoning: reasoningPart,
  thinking: reasoningPart,
  tool_call: toToolCall,
  tool_use: toToolCall,
  server_tool_call: toToolCall,
  'tool-call': toToolCall,
  function_call: toToolCall,
  tool_call_response: responsePart,
  tool_result: responsePart,
  server_tool_call_response: responsePart,
  'tool-result': responsePart,
  blob: (part) => mediaPart('blob', part),
  file: (part) => mediaPart('file', part),
  uri: (part) => mediaPart('uri', part),
  image_url: (part) => imagePart(part),
  input_image: (part) => imagePart(part),
  image: (part) => imagePart(part),
}

function toPart(value: unknown): MessagePart {
  if (typeof value === 'string') return { type: 'text', content: value }
  if (!isFields(value)) return { type: 'other', value: toJsonValue(value) }
  const type = value['type']
  if (typeof type === 'string' && Object.hasOwn(PARTS, type)) {
    const part = PARTS[type]?.(value)
    if (part !== undefined) return part
  }
  return { type: 'other', value: toJsonValue(value) }
}

function textPart(part: Fields): MessagePart {
  return { type: 'text', content: textOf(part['content'] ?? part['text']) }
}

function reasoningPart(part: Fields): MessagePart {
  return { type: 'reasoning', content: textOf(part['content'] ?? part['thinking'] ?? part['text']) }
}

function toToolCall(value: unknown): MessagePart {
  if (!isFields(value)) return { type: 'other', value: toJsonValue(value) }
  const inner = isFields(value['function']) ? value['function'] : value
  const sent = inner['arguments'] ?? inner['input'] ?? inner['args'] ?? null
  return {
    type: 'tool_call',
    id: textOrNull(value['id'] ?? value['call_id'] ?? value['toolCallId']),
    name: textOrNull(inner['name'] ?? inner['toolName']) ?? '',
    arguments: parsedJson(sent),
  }
}

function responsePart(part: Fields): MessagePart {
  const id = textOrNull(part['id'] ?? part['tool_use_id'] ?? part['toolCallId'])
  return toolResponse(id, part['response'] ?? part['result'] ?? part['content'] ?? part['output'])
}

/** A tool's answer; JSON text as its value, text blocks joined. */
export function toolResponse(id: string | null, content: unknown): MessagePart {
  return { type: 'tool_call_response', id, response: parsedJson(blocksAsText(content)) }
}

function blocksAsText(content: unknown): unknown {
  if (!Array.isArray(content) || content.length === 0) return content
  const items: unknown[] = content
  const texts = items.map((item) =>
    isFields(item) && item['type'] === 'text' ? item['text'] : null,
  )
  return texts.every((text) => typeof text === 'string') ? texts.join('') : content
}

function mediaPart(type: 'blob' | 'file' | 'uri', part: Fields): MessagePart {
  return {
    type,
    modality: textOrNull(part['modality']),
    ...optional('mimeType', part['mime_type'] ?? part['mimeType']),
    ...optional('uri', part['uri']),
    ...optional('fileId', part['file_id'] ?? part['fileId']),
    ...optional('content', part['content']),
  }
}

const DATA_URI = /^data:([^;,]*)(?:;base64)?,/

/** OpenAI's image_url and Anthropic's image with a source. */
function imagePart(part: Fields): MessagePart {
  const source = part['source']
  if (isFields(source) && source['type'] === 'base64') {
    return {
      type: 'blob',
      modality: 'image',
      ...optional('mimeType', source['media_type']),
      ...optional('content', source['data']),
    }
  }
  const image = part['image_url'] ?? part['image'] ?? (isFields(source) ? source['url'] : undefined)
  return imageOf(isFields(image) ? image['url'] : image)
}

/** An image by its URL; a data URL carries the image itself. */
export function imageOf(url: unknown): MessagePart {
  const uri = textOrNull(url)
  const data = uri === null ? null : DATA_URI.exec(uri)
  if (uri === null || data === null) return { type: 'uri', modality: 'image', uri }
  return {
    type: 'blob',
    modality: 'image',
    mimeType: data[1] === '' ? null : (data[1] ?? null),
    content: uri.slice(data[0].length),
  }
}

function optional<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  const text = textOrNull(value)
  return text === null ? {} : ({ [key]: text } as { [P in K]?: string })
}

export function textOrNull(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** JSON text as its value where it parses to an object, list or the like; else the text. */
export function parsedJson(value: unknown): JsonValue {
  if (typeof value !== 'string') return toJsonValue(value)
  const parsed = parseJsonText(value)
  return parsed === undefined ? value : toJsonValue(parsed)
}

/** What JSON.parse or the attribute reader gave is JSON already. */
export function toJsonValue(value: unknown): JsonValue {
  return (value ?? null) as JsonValue
}
