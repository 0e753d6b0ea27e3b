import type { JsonValue, MessagePart } from '../../contract/index.ts'
import { parseJsonText } from '../attribute-text.ts'

// One part of a message as JSON. Told by `type` (OTel, OpenAI, Anthropic, AI SDK) or, where there is
// none, by its one telling key (Bedrock's Converse, Gemini). Unknown parts are kept as `other`.

export type Fields = { readonly [key: string]: unknown }

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  server_tool_call: (part) => toToolCall(serverTool(part, 'arguments', 'server_tool_call')),
  'tool-call': toToolCall,
  function_call: toToolCall,
  tool_call_response: responsePart,
  tool_result: responsePart,
  server_tool_call_response: (part) =>
    responsePart(serverTool(part, 'response', 'server_tool_call_response')),
  function_call_output: responsePart,
  'tool-result': responsePart,
  blob: (part) => mediaPart('blob', part),
  file: filePart,
  uri: (part) => mediaPart('uri', part),
  image_url: (part) => imagePart(part),
  input_image: (part) => imagePart(part),
  image: (part) => imagePart(part),
  input_audio: audioPart,
}

const KEYED_PARTS: readonly [string, (value: unknown, part: Fields) => MessagePart][] = [
  ['toolUse', (value) => toToolCall(value)],
  ['toolResult', (value) => responsePart(isFields(value) ? value : {})],
  ['functionCall', (value) => toToolCall(value)],
  ['function_call', (value) => toToolCall(value)],
  ['functionResponse', (value) => responsePart(isFields(value) ? value : {})],
  ['function_response', (value) => responsePart(isFields(value) ? value : {})],
  ['reasoningContent', (value) => ({ type: 'reasoning', content: bedrockReasoning(value) })],
  ['inlineData', (value) => geminiBlob(value)],
  ['inline_data', (value) => geminiBlob(value)],
  ['fileData', (value) => geminiFile(value)],
  ['file_data', (value) => geminiFile(value)],
  ['image', (value) => bedrockImage(value)],
  [
    'text',
    (value, part) => ({
      type: part['thought'] === true ? 'reasoning' : 'text',
      content: textOf(value),
    }),
  ],
  ['json', (value) => ({ type: 'text', content: textOf(value) })],
]

function toPart(value: unknown): MessagePart {
  if (typeof value === 'string') return { type: 'text', content: value }
  if (!isFields(value)) return { type: 'other', value: toJsonValue(value) }
  const type = value['type']
  if (typeof type === 'string' && Object.hasOwn(PARTS, type)) {
    const part = PARTS[type]?.(value)
    if (part !== undefined) return part
  }
  if (type === undefined) {
    const keyed = KEYED_PARTS.find(([key]) => value[key] !== undefined && value[key] !== null)
    if (keyed !== undefined) return keyed[1](value[keyed[0]], value)
  }
  return { type: 'other', value: toJsonValue(value) }
}

function textPart(part: Fields): MessagePart {
  return { type: 'text', content: textOf(part['content'] ?? part['text']) }
}

/** OpenAI's reasoning item has a `summary` of text parts. */
function reasoningPart(part: Fields): MessagePart {
  const { content, thinking, text, summary } = part as Record<string, unknown>
  const told = content ?? thinking ?? text ?? summary
  return { type: 'reasoning', content: textOf(blocksAsText(told)) }
}

function bedrockReasoning(value: unknown): string {
  const told = isFields(value) ? (value['reasoningText'] ?? value['text']) : value
  return textOf(isFields(told) ? told['text'] : told)
}

export function toToolCall(value: unknown): MessagePart {
  if (!isFields(value)) return { type: 'other', value: toJsonValue(value) }
  const inner = isFields(value['function']) ? value['function'] : value
  const sent = inner['arguments'] ?? inner['input'] ?? inner['args'] ?? null
  return {
    type: 'tool_call',
    id: textOrNull(value['call_id'] ?? value['id'] ?? value['toolCallId'] ?? value['toolUseId']),
    name: textOrNull(inner['name'] ?? inner['toolName']) ?? '',
    arguments: parsedJson(sent),
  }
}

/** What a provider's own tool was given or gave stands under the part's name, beside its type. */
function serverTool(part: Fields, key: 'arguments' | 'response', name: string): Fields {
  const told = part[name]
  if (part[key] !== undefined || !isFields(told)) return part
  const { type: _, ...rest } = told as Record<string, unknown>
  return { ...part, [key]: rest }
}

function responsePart(part: Fields): MessagePart {
  const id = textOrNull(
    part['id'] ??
      part['tool_use_id'] ??
      part['tool_call_id'] ??
      part['toolCallId'] ??
      part['toolUseId'] ??
      part['call_id'],
  )
  const sent = part['response'] ?? part['result'] ?? part['content'] ?? part['output']
  return toolResponse(id, part['type'] === 'tool-result' ? unwrapOutput(sent) : sent)
}

/** The AI SDK's tool output: `{ type: 'json' | 'text' | 'content' | 'error-…', value }`. */
function unwrapOutput(output: unknown): unknown {
  return isFields(output) && typeof output['type'] === 'string' && 'value' in output
    ? output['value']
    : output
}

/** A tool's answer; JSON text as its value, text blocks joined. */
export function toolResponse(id: string | null, content: unknown): MessagePart {
  return { type: 'tool_call_response', id, response: parsedJson(blocksAsText(content)) }
}

/** A list of text blocks as one text; Bedrock's blocks have no `type`, its `json` is the value. */
function blocksAsText(content: unknown): unknown {
  if (!Array.isArray(content) || content.length === 0) return content
  const items: unknown[] = content
  const [first] = items
  if (items.length === 1 && isFields(first) && isFields(first['json'])) return first['json']
  const texts = items.map((item) => {
    if (!isFields(item)) return null
    const { type = 'text' } = item as Record<string, unknown>
    return type === 'text' || type === 'output_text' || type === 'summary_text'
      ? item['text']
      : null
  })
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
    ...optional('sha256', part['sha256']),
    ...(typeof part['bytes'] === 'number' ? { bytes: part['bytes'] } : {}),
  }
}

/** OTel's file has an id; the AI SDK's carries its data. */
function filePart(part: Fields): MessagePart {
  const data = part['data'] ?? part['file']
  if (typeof data !== 'string') return mediaPart('file', part)
  const mimeType = textOrNull(part['mediaType'] ?? part['mimeType'])
  const modality = mimeType === null ? null : (mimeType.split('/')[0] ?? null)
  if (/^(https?|data):/.test(data)) return { ...imageOf(data), modality } as MessagePart
  return { type: 'blob', modality, mimeType, content: data }
}

const DATA_URI = /^data:([^;,]*)(?:;base64)?,/

/** OpenAI's image_url, Anthropic's image with a source, the AI SDK's image. */
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
  const url = isFields(image) ? image['url'] : image
  if (typeof url === 'string' && url.length > 0 && !/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    const mimeType = textOrNull(part['mediaType'] ?? part['mimeType'])
    return { type: 'blob', modality: 'image', mimeType, content: url }
  }
  return imageOf(url)
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

function audioPart(part: Fields): MessagePart {
  const audio = isFields(part['input_audio']) ? part['input_audio'] : {}
  const format = textOrNull(audio['format'])
  return {
    type: 'blob',
    modality: 'audio',
    mimeType: format === null ? null : `audio/${format}`,
    ...optional('content', audio['data']),
  }
}

function bedrockImage(value: unknown): MessagePart {
  const image = isFields(value) ? value : {}
  const source = isFields(image['source']) ? image['source'] : {}
  const format = textOrNull(image['format'])
  return {
    type: 'blob',
    modality: 'image',
    mimeType: format === null ? null : `image/${format}`,
    ...optional('content', source['bytes']),
  }
}

function geminiBlob(value: unknown): MessagePart {
  const data = isFields(value) ? value : {}
  const mimeType = textOrNull(data['mimeType'] ?? data['mime_type'])
  const modality = mimeType === null ? null : (mimeType.split('/')[0] ?? null)
  return { type: 'blob', modality, mimeType, ...optional('content', data['data']) }
}

function geminiFile(value: unknown): MessagePart {
  const data = isFields(value) ? value : {}
  const mimeType = textOrNull(data['mimeType'] ?? data['mime_type'])
  const modality = mimeType === null ? null : (mimeType.split('/')[0] ?? null)
  return { type: 'uri', modality, mimeType, uri: textOrNull(data['fileUri'] ?? data['file_uri']) }
}

function optional<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  const text = textOrNull(value)
  return text === null ? {} : ({ [key]: text } as { [P in K]?: string })
}

export function textOrNull(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** JSON text as its value where it parses to an object, list or the like; else the text. */
export function parsedJson(value: unknown): JsonValue {
  if (typeof value !== 'string') return toJsonValue(value)
  const parsed = parseJsonText(value)
  // `1e999` parses to what JSON has no number for.
  return parsed === undefined || parsed === Infinity || parsed === -Infinity
    ? value
    : toJsonValue(parsed)
}

/** What JSON.parse or the attribute reader gave is JSON already. */
export function toJsonValue(value: unknown): JsonValue {
  return (value ?? null) as JsonValue
}
