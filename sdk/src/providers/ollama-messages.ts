import type { Message, MessagePart } from '../core/model-call.ts'
import { asArray, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toPlain } from '../core/to-plain.ts'

/** Ollama's chat messages, of a request or an answer, in OpenTelemetry's form. */
export function toMessage(value: unknown): Message {
  const message = asRecord(value) ?? {}
  const role = asText(message['role']) ?? 'user'
  return { role, parts: role === 'tool' ? [toToolAnswer(message)] : toParts(message) }
}

function toToolAnswer(message: UnknownRecord): MessagePart {
  const name = asText(message['tool_name']) ?? asText(message['name'])
  const id = asText(message['tool_call_id'])
  return {
    type: 'tool_call_response',
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    response: asString(message['content']) ?? '',
  }
}

function toParts(message: UnknownRecord): MessagePart[] {
  const thinking = asText(message['thinking'])
  const content = asString(message['content'])
  const images = toImages(message['images'])
  const calls = asArray(message['tool_calls']).map(toToolCall)
  const parts: MessagePart[] = []
  if (thinking !== undefined) parts.push({ type: 'reasoning', content: thinking })
  // An empty text beside a tool call or a picture says nothing; a lone one is the message.
  const isAlone = images.length + calls.length === 0
  if (content !== undefined && (content !== '' || isAlone)) parts.push({ type: 'text', content })
  return [...parts, ...images, ...calls]
}

/** Pictures as base64 or as bytes; what is too large is replaced by its hash when the span is serialised. */
export function toImages(images: unknown): MessagePart[] {
  return asArray(images)
    .filter((image) => typeof image === 'string' || image instanceof Uint8Array)
    .map((image) => ({
      type: 'blob',
      modality: 'image',
      mime_type: typeof image === 'string' ? mimeTypeOf(image) : 'image/*',
      content: image,
    }))
}

// How base64 of each format begins.
const MIME_TYPES: ReadonlyArray<readonly [start: string, mimeType: string]> = [
  ['iVBORw', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

function mimeTypeOf(base64: string): string {
  return MIME_TYPES.find(([start]) => base64.startsWith(start))?.[1] ?? 'image/*'
}

export function toToolCall(value: unknown): MessagePart {
  const call = asRecord(value)
  const target = asRecord(call?.['function'])
  const id = asText(call?.['id'])
  return {
    type: 'tool_call',
    ...(id === undefined ? {} : { id }),
    name: asString(target?.['name']) ?? '',
    arguments: toPlain(target?.['arguments'] ?? {}),
  }
}
