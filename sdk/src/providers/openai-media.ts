import type {
  Message,
  MessagePart,
  ModelCallRequest,
  ModelCallResponse,
} from '../core/model-call.ts'
import { asArray, asInteger, asNumber, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import type { Endpoint } from './openai-endpoint.ts'
import { toUsage, usageParameters } from './openai-usage.ts'

type ToRequest = (body: unknown, endpoint: Endpoint) => ModelCallRequest

type Kind = { readonly operation: string; readonly task: string; readonly outputType?: string }

export const toImageRequest: ToRequest = mediaRequest({
  operation: 'image_generation',
  task: 'image',
  outputType: 'image',
})

/** Images changed or varied. */
export const toImageEditRequest: ToRequest = mediaRequest({
  operation: 'image_edit',
  task: 'image',
  outputType: 'image',
})

export const toSpeechRequest: ToRequest = mediaRequest({
  operation: 'speech',
  task: 'speech',
  outputType: 'speech',
})

export const toTranscriptionRequest: ToRequest = mediaRequest({
  operation: 'transcription',
  task: 'speech',
  outputType: 'text',
})

export const toTranslationRequest: ToRequest = mediaRequest({
  operation: 'translation',
  task: 'translation',
  outputType: 'text',
})

function mediaRequest({ operation, task, outputType }: Kind): ToRequest {
  return (value, endpoint) => {
    const body = asRecord(value) ?? {}
    const model = asString(body['model'])
    const count = asInteger(body['n'])
    const parts = toInputParts(body)
    return {
      operation,
      kind: 'llm',
      ...endpoint,
      ...(model === undefined ? {} : { model }),
      isStream: body['stream'] === true,
      parameters: {
        [names.ATTR_TASK]: task,
        [names.ATTR_OUTPUT_TYPE]: outputType,
        [names.ATTR_REQUEST_CHOICE_COUNT]: count === 1 ? undefined : count,
        [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
        'openai.request.size': asText(body['size']),
        'openai.request.quality': asText(body['quality']),
        'openai.request.voice': asText(body['voice']),
        'openai.request.language': asText(body['language']),
        'openai.request.format': asText(body['response_format']) ?? asText(body['output_format']),
      },
      ...(parts.length === 0 ? {} : { messages: [{ role: 'user', parts }] }),
      ...(asText(body['instructions']) === undefined
        ? {}
        : { systemInstructions: [{ type: 'text', content: String(body['instructions']) }] }),
    }
  }
}

function toInputParts(body: UnknownRecord): MessagePart[] {
  const text = asText(body['prompt']) ?? asText(body['input'])
  const images = Array.isArray(body['image']) ? body['image'] : [body['image']]
  return [
    ...(text === undefined ? [] : [{ type: 'text', content: text }]),
    ...images.flatMap((image) => toFilePart(image, 'image')),
    ...toFilePart(body['mask'], 'image'),
    ...toFilePart(body['file'], 'audio'),
  ]
}

/** An upload by what it says of itself: reading its bytes would take them from the client. */
function toFilePart(value: unknown, modality: string): MessagePart[] {
  const file = asRecord(value)
  if (file === undefined) return []
  const name = asText(file['name']) ?? asText(file['path'])
  const mimeType = asText(file['type'])
  const size = asInteger(file['size'])
  return [
    {
      type: 'file',
      modality,
      file_id: name ?? 'upload',
      ...(mimeType === undefined ? {} : { mime_type: mimeType }),
      ...(size === undefined ? {} : { bytes: size }),
    },
  ]
}

const NOTHING = { finishReasons: [], messages: [], parameters: {} } as const

export function toImageResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const format = asText(body['output_format']) ?? 'png'
  return {
    ...NOTHING,
    messages: asArray(body['data']).map((image) => toImageMessage(asRecord(image) ?? {}, format)),
    usage: toUsage(body['usage']),
    parameters: usageParameters(body['usage']),
  }
}

function toImageMessage(image: UnknownRecord, format: string): Message {
  const content = asText(image['b64_json'])
  const uri = asText(image['url'])
  const revised = asText(image['revised_prompt'])
  const parts: MessagePart[] = []
  if (content !== undefined) {
    parts.push({ type: 'blob', modality: 'image', mime_type: `image/${format}`, content })
  }
  if (uri !== undefined) parts.push({ type: 'uri', modality: 'image', uri })
  if (revised !== undefined) parts.push({ type: 'text', content: revised })
  return { role: 'assistant', parts }
}

/** The answer is sound, which is the application's to read. */
export function toSpeechResponse(value: unknown): ModelCallResponse {
  const headers = asRecord(value)?.['headers']
  const length = headers instanceof Headers ? headers.get('content-length') : null
  return {
    ...NOTHING,
    parameters: { 'openai.response.bytes': length === null ? undefined : Number(length) },
  }
}

/** JSON with a text, or the text itself, as subtitles are. */
export function toTranscriptionResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value)
  const text = typeof value === 'string' ? value : asString(body?.['text'])
  return {
    ...NOTHING,
    messages: text === undefined ? [] : [toTextMessage(text)],
    usage: toUsage(body?.['usage']),
    parameters: {
      ...usageParameters(body?.['usage']),
      ...(asNumber(body?.['duration']) === undefined
        ? {}
        : { 'gen_ai.usage.audio.seconds': Number(body?.['duration']) }),
    },
  }
}

export function toTextMessage(content: string): Message {
  return { role: 'assistant', parts: [{ type: 'text', content }] }
}
