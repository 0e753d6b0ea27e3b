import type { MessagePart, ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asRecord, asString, asText } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import { sum, toModel, toUsage } from './google-genai-generate.ts'
import { toMedia, toMessages } from './google-genai-messages.ts'
import type { Endpoint } from './openai-endpoint.ts'

export function toEmbedRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const params = asRecord(value) ?? {}
  const model = toModel(params['model'])
  // Each item is embedded by itself, so each is a message.
  const contents = params['contents'] ?? params['content']
  const items = Array.isArray(contents) ? (contents as readonly unknown[]) : [contents]
  return {
    operation: 'embeddings',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    parameters: {
      [names.ATTR_EMBEDDING_DIMENSIONS]: asInteger(
        asRecord(params['config'])?.['outputDimensionality'],
      ),
    },
    messages: items.flatMap(toMessages),
  }
}

/** Count and length of the vectors; the vectors themselves are never recorded. */
export function toEmbedResponse(value: unknown): ModelCallResponse {
  const response = asRecord(value) ?? {}
  const embeddings = asArray(response['embeddings']).map((item) => asRecord(item))
  const inputTokens =
    toUsage(response['usageMetadata'])?.inputTokens ??
    // Vertex AI counts text by text.
    sum(...embeddings.map((embedding) => asRecord(embedding?.['statistics'])?.['tokenCount']))
  return {
    finishReasons: [],
    messages: [],
    usage: inputTokens === undefined ? undefined : { inputTokens },
    parameters: {
      [names.ATTR_EMBEDDING_COUNT]: embeddings.length,
      [names.ATTR_EMBEDDING_DIMENSIONS]: asArray(embeddings[0]?.['values']).length || undefined,
    },
  }
}

/** Making, changing or enlarging a picture with an image model. */
export function toImageRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const params = asRecord(value) ?? {}
  const config = asRecord(params['config'])
  const model = toModel(params['model'])
  const prompt = asText(params['prompt'])
  const parts: MessagePart[] = []
  if (prompt !== undefined) parts.push({ type: 'text', content: prompt })
  parts.push(...toImageParts(params['image']))
  for (const reference of asArray(params['referenceImages'])) {
    parts.push(...toImageParts(asRecord(reference)?.['referenceImage']))
  }
  const count = asInteger(config?.['numberOfImages'])
  return {
    operation: 'generate_content',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    parameters: {
      [names.ATTR_OUTPUT_TYPE]: 'image',
      [names.ATTR_TASK]: 'image',
      [names.ATTR_REQUEST_CHOICE_COUNT]: count === 1 ? undefined : count,
      [names.ATTR_REQUEST_SEED]: asInteger(config?.['seed']),
    },
    messages: [{ role: 'user', parts }],
  }
}

export function toImageResponse(value: unknown): ModelCallResponse {
  const images = asArray(asRecord(value)?.['generatedImages']).map((item) => asRecord(item) ?? {})
  const filtered = images.map((image) => asText(image['raiFilteredReason']))
  return {
    finishReasons: filtered.some((reason) => reason !== undefined)
      ? filtered.map((reason) => (reason === undefined ? 'stop' : 'content_filter'))
      : [],
    messages: images.map((image) => ({ role: 'assistant', parts: toImageParts(image['image']) })),
    parameters: {},
  }
}

function toImageParts(value: unknown): MessagePart[] {
  const image = asRecord(value)
  if (image === undefined) return []
  const mimeType = asString(image['mimeType']) ?? 'image/png'
  const uri = asText(image['gcsUri'])
  if (uri !== undefined) return [{ type: 'uri', modality: 'image', mime_type: mimeType, uri }]
  return [toMedia(image['imageBytes'], mimeType)]
}
