import type { Message, MessagePart } from '../core/model-call.ts'
import { asArray, asRecord, asString, asText, parseJsonText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'

/** OpenAI's chat messages, of a request or an answer, in OpenTelemetry's form. */
export function toMessage(
  message: UnknownRecord,
  roleIfNone: string = 'user',
  finishReason?: string,
): Message {
  const role = asString(message['role']) ?? roleIfNone
  const parts = role === 'tool' || role === 'function' ? toolAnswer(message) : toParts(message)
  const said: { role: string; parts: MessagePart[]; name?: string; finish_reason?: string } = {
    role,
    parts,
  }
  const name = asText(message['name'])
  if (name !== undefined) said.name = name
  if (finishReason !== undefined) said.finish_reason = finishReason
  return said
}

export function toMessages(value: unknown): Message[] {
  const messages: Message[] = []
  for (const item of asArray(value)) {
    const message = asRecord(item)
    if (message !== undefined) messages.push(toMessage(message))
  }
  return messages
}

function toolAnswer(message: UnknownRecord): MessagePart[] {
  const id = asString(message['tool_call_id'])
  const response = contentText(message['content'])
  const answer = { type: 'tool_call_response', response: parseJsonText(response) }
  return [id === undefined ? answer : { ...answer, id }]
}

function toParts(message: UnknownRecord): MessagePart[] {
  const parts: MessagePart[] = []
  const reasoning = asText(message['reasoning_content']) ?? asText(message['reasoning'])
  if (reasoning !== undefined) parts.push({ type: 'reasoning', content: reasoning })
  const content = message['content']
  if (typeof content === 'string') {
    // An empty answer beside a tool call or refusal says nothing; a lone one is the answer.
    if (content !== '' || !hasOtherParts(message)) parts.push({ type: 'text', content })
  } else {
    for (const item of asArray(content)) parts.push(toContentPart(asRecord(item)))
  }
  const refusal = asText(message['refusal'])
  if (refusal !== undefined) parts.push({ type: 'refusal', content: refusal })
  const audio = asRecord(message['audio'])
  if (audio !== undefined) parts.push(...toAudioParts(audio))
  for (const call of asArray(message['tool_calls'])) parts.push(toToolCall(asRecord(call) ?? {}))
  const legacyCall = asRecord(message['function_call'])
  if (legacyCall !== undefined) parts.push(toToolCall({ function: legacyCall }))
  return parts
}

function hasOtherParts(message: UnknownRecord): boolean {
  return (
    asArray(message['tool_calls']).length > 0 ||
    asText(message['refusal']) !== undefined ||
    asRecord(message['function_call']) !== undefined ||
    asRecord(message['audio']) !== undefined
  )
}

function toToolCall(call: UnknownRecord): MessagePart {
  const target = asRecord(call['function']) ?? asRecord(call['custom']) ?? {}
  const input = asString(target['arguments']) ?? asString(target['input'])
  const part: Record<string, unknown> & { type: string } = { type: 'tool_call' }
  const id = asString(call['id'])
  if (id !== undefined) part['id'] = id
  part['name'] = asString(target['name']) ?? ''
  if (input !== undefined) part['arguments'] = parseJsonText(input)
  return part
}

function toAudioParts(audio: UnknownRecord): MessagePart[] {
  const id = asText(audio['id'])
  const transcript = asText(audio['transcript'])
  const parts: MessagePart[] = []
  if (id !== undefined) parts.push({ type: 'file', modality: 'audio', file_id: id })
  if (transcript !== undefined) parts.push({ type: 'text', content: transcript })
  return parts
}

type PartReader = (item: UnknownRecord) => MessagePart

const PART_READERS: Readonly<Record<string, PartReader>> = {
  text: (item) => ({ type: 'text', content: asString(item['text']) ?? '' }),
  refusal: (item) => ({ type: 'refusal', content: asString(item['refusal']) ?? '' }),
  image_url: (item) => toUrlPart(asString(asRecord(item['image_url'])?.['url']) ?? '', 'image'),
  input_audio: (item) => toAudioBlob(asRecord(item['input_audio']) ?? {}),
  file: (item) => toFilePart(asRecord(item['file']) ?? {}),
}

function toContentPart(item: UnknownRecord | undefined): MessagePart {
  const type = asString(item?.['type']) ?? 'unknown'
  const read = Object.hasOwn(PART_READERS, type) ? PART_READERS[type] : undefined
  return read === undefined || item === undefined ? { type } : read(item)
}

function toAudioBlob(audio: UnknownRecord): MessagePart {
  const mimeType = `audio/${asString(audio['format']) ?? 'wav'}`
  return toBlob(asString(audio['data']) ?? '', { modality: 'audio', mimeType })
}

function toFilePart(file: UnknownRecord): MessagePart {
  const data = asText(file['file_data'])
  if (data !== undefined) return toUrlPart(data, 'document')
  return { type: 'file', modality: 'document', file_id: asString(file['file_id']) ?? '' }
}

/** What lies at an address; a data URL carries it itself. */
export function toUrlPart(url: string, modality: string): MessagePart {
  const data = /^data:(?<mimeType>[^;,]*)[^,]*,/.exec(url)
  if (data === null) return { type: 'uri', modality, uri: url }
  const mimeType = data.groups?.['mimeType'] ?? ''
  const isImage = mimeType.split('/')[0] === 'image'
  const own = isImage ? 'image' : 'document'
  return toBlob(url.slice(data[0].length), { modality: own, mimeType })
}

type Media = { readonly modality: string; readonly mimeType: string }

/** Media as it came; what is too large is replaced by its hash when the span is serialised. */
function toBlob(base64: string, { modality, mimeType }: Media): MessagePart {
  return { type: 'blob', modality, mime_type: mimeType, content: base64 }
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map((item) => asString(asRecord(item)?.['text']) ?? '')
    .join('')
}
