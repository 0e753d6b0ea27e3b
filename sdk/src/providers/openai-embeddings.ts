import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asRecord, asString } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import type { Endpoint } from './openai-endpoint.ts'
import { toUsage } from './openai-usage.ts'

export function toEmbeddingsRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const format = asString(body['encoding_format'])
  const texts = (Array.isArray(body['input']) ? body['input'] : [body['input']]).filter(
    (text) => typeof text === 'string',
  )
  return {
    operation: 'embeddings',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    parameters: {
      [names.ATTR_REQUEST_ENCODING_FORMATS]: format === undefined ? undefined : [format],
      [names.ATTR_EMBEDDING_DIMENSIONS]: asInteger(body['dimensions']),
    },
    // Inputs given as token numbers have no text to show.
    ...(texts.length === 0
      ? {}
      : {
          messages: texts.map((content) => ({ role: 'user', parts: [{ type: 'text', content }] })),
        }),
  }
}

/** Count and length of the vectors; the vectors themselves are never recorded. */
export function toEmbeddingsResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const vectors = asArray(body['data'])
  const first = asRecord(vectors[0])?.['embedding']
  const isVector = Array.isArray(first) || ArrayBuffer.isView(first)
  return {
    model: asString(body['model']),
    finishReasons: [],
    messages: [],
    usage: toUsage(body['usage']),
    parameters: {
      [names.ATTR_EMBEDDING_COUNT]: vectors.length,
      [names.ATTR_EMBEDDING_DIMENSIONS]: isVector
        ? asInteger(asRecord(first)?.['length'])
        : undefined,
    },
  }
}
