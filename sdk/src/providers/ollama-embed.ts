import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asRecord, asString, asStrings, asText } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import { durations, toUsage } from './ollama-chat.ts'
import type { Endpoint } from './openai-endpoint.ts'

/** `embed`, and `embeddings` before it, which took one text as its prompt. */
export function toEmbedRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asText(body['model'])
  const texts = asStrings(body['input'] ?? body['prompt']) ?? []
  return {
    operation: 'embeddings',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    parameters: { [names.ATTR_EMBEDDING_DIMENSIONS]: asInteger(body['dimensions']) },
    messages: texts.map((content) => ({ role: 'user', parts: [{ type: 'text', content }] })),
  }
}

/** Count and length of the vectors; the vectors themselves are never recorded. */
export function toEmbedResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const single = body['embedding']
  const vectors = single === undefined ? asArray(body['embeddings']) : [single]
  return {
    model: asString(body['model']),
    finishReasons: [],
    messages: [],
    usage: toUsage(body),
    parameters: {
      ...durations(body),
      [names.ATTR_EMBEDDING_COUNT]: vectors.length,
      [names.ATTR_EMBEDDING_DIMENSIONS]: asArray(vectors[0]).length || undefined,
    },
  }
}
