import { copyData } from '../core/copy-data.ts'
import type { Message, MessagePart } from '../core/model-call.ts'
import { asArray, asRecord, asString, asText, parseJsonText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toUrlPart } from './openai-messages.ts'

// The items of a Responses conversation, in OpenTelemetry's form. What has a name of its own there gets
// it; whatever else exists, or will exist, keeps its type and its data.

/** An item of the input as a message; undefined for what is none. */
export function toItemMessage(item: UnknownRecord | undefined): Message | undefined {
  if (item === undefined) return undefined
  const type = asString(item['type']) ?? 'message'
  if (type === 'message') {
    return { role: asString(item['role']) ?? 'user', parts: toContentParts(item['content']) }
  }
  const parts = toItemParts(item)
  if (parts.length === 0) return undefined
  return { role: type.endsWith('_output') ? 'tool' : 'assistant', parts }
}

type ItemReader = (item: UnknownRecord) => MessagePart[]

const ITEM_READERS: Readonly<Record<string, ItemReader>> = {
  message: (item) => toContentParts(item['content']),
  function_call: (item) => [toToolCall(item, item['arguments'])],
  custom_tool_call: (item) => [toToolCall(item, item['input'])],
  mcp_call: (item) => [
    toToolCall(item, item['arguments']),
    ...(typeof item['output'] === 'string' ? [toToolResponse(item, item['output'])] : []),
  ],
  function_call_output: (item) => [toToolResponse(item, item['output'])],
  custom_tool_call_output: (item) => [toToolResponse(item, item['output'])],
  reasoning: toReasoning,
  image_generation_call: (item) => {
    const content = asText(item['result'])
    const format = asString(item['output_format']) ?? 'png'
    const id = asString(item['id'])
    return content === undefined
      ? [toServerCall(item)]
      : [{ type: 'blob', modality: 'image', mime_type: `image/${format}`, content, id }]
  },
}

/** What an item of the output, or of the input, says. */
export function toItemParts(item: UnknownRecord | undefined): MessagePart[] {
  if (item === undefined) return []
  const type = asString(item['type']) ?? 'message'
  const read = Object.hasOwn(ITEM_READERS, type) ? ITEM_READERS[type] : undefined
  return read === undefined ? [toServerCall(item)] : read(item)
}

function toContentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [{ type: 'text', content }]
  return asArray(content).map((part) => toContentPart(asRecord(part) ?? {}))
}

type PartReader = (part: UnknownRecord) => MessagePart

const text: PartReader = (part) => ({ type: 'text', content: asString(part['text']) ?? '' })

const PART_READERS: Readonly<Record<string, PartReader>> = {
  input_text: text,
  output_text: text,
  text,
  refusal: (part) => ({ type: 'refusal', content: asString(part['refusal']) ?? '' }),
  reasoning_text: (part) => ({ type: 'reasoning', content: asString(part['text']) ?? '' }),
  summary_text: (part) => ({ type: 'reasoning', content: asString(part['text']) ?? '' }),
  input_image: (part) => toMedia('image', part['image_url'], part['file_id']),
  input_file: (part) => toMedia('document', part['file_data'] ?? part['file_url'], part['file_id']),
  input_audio: (part) => {
    const audio = asRecord(part['input_audio'])
    const mimeType = `audio/${asString(audio?.['format']) ?? 'wav'}`
    const content = asString(audio?.['data']) ?? ''
    return { type: 'blob', modality: 'audio', mime_type: mimeType, content }
  },
}

function toContentPart(part: UnknownRecord): MessagePart {
  const type = asString(part['type']) ?? 'unknown'
  const read = Object.hasOwn(PART_READERS, type) ? PART_READERS[type] : undefined
  return read === undefined ? { type } : read(part)
}

function toMedia(modality: string, url: unknown, fileId: unknown): MessagePart {
  const address = asText(url)
  if (address !== undefined) return toUrlPart(address, modality)
  return { type: 'file', modality, file_id: asString(fileId) ?? '' }
}

function toToolCall(item: UnknownRecord, input: unknown): MessagePart {
  const part: Record<string, unknown> & { type: string } = { type: 'tool_call' }
  // The id that the tool's answer will name; `id` is the item's own.
  const id = asString(item['call_id']) ?? asString(item['id'])
  if (id !== undefined) part['id'] = id
  part['name'] = asString(item['name']) ?? ''
  if (typeof input === 'string') part['arguments'] = parseJsonText(input)
  return part
}

function toToolResponse(item: UnknownRecord, output: unknown): MessagePart {
  const id = asString(item['call_id']) ?? asString(item['id'])
  const response = typeof output === 'string' ? parseJsonText(output) : copyData(output)
  const part = { type: 'tool_call_response', response }
  return id === undefined ? part : { ...part, id }
}

function toReasoning(item: UnknownRecord): MessagePart[] {
  const texts = [...asArray(item['summary']), ...asArray(item['content'])]
    .map((part) => asText(asRecord(part)?.['text']))
    .filter((part) => part !== undefined)
  return texts.map((content) => ({ type: 'reasoning', content }))
}

// Long and of no use to a reader.
const LEFT_OUT = new Set(['encrypted_content', 'screenshot', 'image_url', 'results', 'type', 'id'])

/** A tool that the provider runs itself, as web search or code interpreter. */
function toServerCall(item: UnknownRecord): MessagePart {
  const type = asString(item['type']) ?? 'unknown'
  const name = type.replace(/_call$/, '')
  const data = copyData(item, LEFT_OUT) as UnknownRecord
  return {
    type: 'server_tool_call',
    id: asString(item['id']),
    name,
    server_tool_call: { type, ...data },
  }
}
