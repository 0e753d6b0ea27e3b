import type { Message, MessagePart } from '../core/model-call.ts'
import { asArray, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toPlain } from '../core/to-plain.ts'

/** Gemini's contents, however loosely the application gave them, in OpenTelemetry's form. */
export function toMessages(contents: unknown): Message[] {
  if (contents === undefined || contents === null) return []
  const items = Array.isArray(contents) ? (contents as readonly unknown[]) : [contents]
  if (items.some(isContent)) return items.map((item) => toMessage(isContent(item) ? item : [item]))
  return [toMessage(items)]
}

/** One content, or the parts of one. */
function toMessage(content: unknown): Message {
  const record = isContent(content) ? content : undefined
  const parts = toParts(record === undefined ? content : record['parts'])
  const isToolAnswer = parts.length > 0 && parts.every(({ type }) => type === 'tool_call_response')
  if (isToolAnswer) return { role: 'tool', parts }
  return { role: record === undefined ? 'user' : toRole(record['role']), parts }
}

/** Parts as one value or many, as texts or objects. */
export function toParts(value: unknown): MessagePart[] {
  if (value === undefined || value === null) return []
  const record = asRecord(value)
  if (isContent(record)) return toParts(record['parts'])
  const parts = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(toPart)
  // An empty text carries a signature at most; a lone one is the content.
  return parts.length === 1 ? parts : parts.filter(isFilled)
}

function isFilled({ type, content }: MessagePart): boolean {
  return (type !== 'text' && type !== 'reasoning') || content !== ''
}

function isContent(value: unknown): value is UnknownRecord {
  return Array.isArray(asRecord(value)?.['parts'])
}

function toRole(role: unknown): string {
  if (role === 'model') return 'assistant'
  if (role === 'function') return 'tool'
  return asText(role) ?? 'user'
}

type PartReader = (value: UnknownRecord) => MessagePart

const PART_READERS: ReadonlyArray<readonly [key: string, read: PartReader]> = [
  ['inlineData', toBlob],
  ['fileData', toUri],
  ['functionCall', toToolCall],
  ['functionResponse', toToolAnswer],
  ['executableCode', (code) => toServerCall(code, 'code_execution')],
  ['codeExecutionResult', (result) => toServerAnswer(result, 'code_execution')],
  ['toolCall', (call) => toServerCall(call, asString(call['toolType']) ?? 'tool')],
  ['toolResponse', (answer) => toServerAnswer(answer, asString(answer['toolType']) ?? 'tool')],
]

/** One part; its signature, which nobody can read, is left out. */
export function toPart(value: unknown): MessagePart {
  if (typeof value === 'string') return { type: 'text', content: value }
  const part = asRecord(value) ?? {}
  const text = asString(part['text'])
  if (text !== undefined)
    return { type: part['thought'] === true ? 'reasoning' : 'text', content: text }
  for (const [key, read] of PART_READERS) {
    const inner = asRecord(part[key])
    if (inner !== undefined) return read(inner)
  }
  return { type: Object.keys(part).find((key) => key !== 'thoughtSignature') ?? 'unknown' }
}

function toBlob(data: UnknownRecord): MessagePart {
  const mimeType = asString(data['mimeType']) ?? ''
  return toMedia(data['data'], mimeType)
}

/** Media as it came; what is too large is replaced by its hash when the span is serialised. */
export function toMedia(content: unknown, mimeType: string): MessagePart {
  return {
    type: 'blob',
    modality: toModality(mimeType),
    mime_type: mimeType,
    ...(typeof content === 'string' || content instanceof Uint8Array ? { content } : {}),
  }
}

function toUri(file: UnknownRecord): MessagePart {
  const mimeType = asString(file['mimeType']) ?? ''
  return {
    type: 'uri',
    modality: toModality(mimeType),
    ...(mimeType === '' ? {} : { mime_type: mimeType }),
    uri: asString(file['fileUri']) ?? '',
  }
}

function toModality(mimeType: string): string {
  const kind = mimeType.split('/', 1)[0] ?? ''
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}

function toToolCall(call: UnknownRecord): MessagePart {
  return {
    type: 'tool_call',
    ...idOf(call),
    name: asString(call['name']) ?? '',
    arguments: toPlain(call['args'] ?? {}),
  }
}

function toToolAnswer(answer: UnknownRecord): MessagePart {
  const name = asText(answer['name'])
  const media = asArray(answer['parts']).map(toPart)
  return {
    type: 'tool_call_response',
    ...idOf(answer),
    ...(name === undefined ? {} : { name }),
    response: toPlain(answer['response']),
    ...(media.length === 0 ? {} : { parts: media }),
  }
}

/** A tool that the provider itself runs. */
function toServerCall(call: UnknownRecord, name: string): MessagePart {
  return { type: 'server_tool_call', ...idOf(call), name, server_tool_call: details(call, name) }
}

function toServerAnswer(answer: UnknownRecord, name: string): MessagePart {
  return {
    type: 'server_tool_call_response',
    ...idOf(answer),
    server_tool_call_response: details(answer, name),
  }
}

function details(value: UnknownRecord, type: string): unknown {
  const { id: _, ...told } = value
  return { type, ...asRecord(toPlain(told)) }
}

function idOf(value: UnknownRecord): { id?: string } {
  const id = asText(value['id'])
  return id === undefined ? {} : { id }
}
