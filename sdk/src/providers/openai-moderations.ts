import type { MessagePart, ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asNumber, asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import type { Endpoint } from './openai-endpoint.ts'
import { toUrlPart } from './openai-messages.ts'

export function toModerationRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const inputs = Array.isArray(body['input']) ? body['input'] : [body['input']]
  const parts = inputs.map(toInputPart).filter((part) => part !== undefined)
  return {
    operation: 'moderation',
    kind: 'guardrail',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    parameters: { [names.ATTR_TASK]: 'classification' },
    ...(parts.length === 0 ? {} : { messages: [{ role: 'user', parts }] }),
  }
}

function toInputPart(input: unknown): MessagePart | undefined {
  if (typeof input === 'string') return { type: 'text', content: input }
  const part = asRecord(input)
  const url = asString(asRecord(part?.['image_url'])?.['url'])
  if (url !== undefined) return toUrlPart(url, 'image')
  const text = asString(part?.['text'])
  return text === undefined ? undefined : { type: 'text', content: text }
}

/** One answer for each input: whether it is flagged, for what, and how likely each category is. */
export function toModerationResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const results = asArray(body['results']).map((result) => toVerdict(asRecord(result) ?? {}))
  return {
    id: asString(body['id']),
    model: asString(body['model']),
    finishReasons: [],
    messages: results.map((verdict) => ({
      role: 'assistant',
      parts: [{ type: 'text', content: JSON.stringify(verdict) }],
    })),
    parameters: { 'openai.moderation.flagged': results.some(({ flagged }) => flagged) },
  }
}

function toVerdict(result: UnknownRecord): { flagged: boolean; [more: string]: unknown } {
  const categories = Object.entries(asRecord(result['categories']) ?? {})
  const scores = Object.entries(asRecord(result['category_scores']) ?? {})
  return {
    flagged: result['flagged'] === true,
    categories: categories.filter(([, isFlagged]) => isFlagged === true).map(([name]) => name),
    scores: Object.fromEntries(scores.filter(([, score]) => asNumber(score) !== undefined)),
  }
}
