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
import { toFailure } from './openai-failure.ts'
import { toItemMessage, toItemParts } from './openai-response-items.ts'
import { toToolDefinitions } from './openai-tools.ts'
import { toUsage, usageParameters } from './openai-usage.ts'

const ATTR_PREVIOUS_RESPONSE_ID = 'gen_ai.request.previous_response.id'

export function toResponsesRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const instructions = asText(body['instructions'])
  const tools = toToolDefinitions(body['tools'])
  return {
    operation: 'chat',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream: body['stream'] === true,
    parameters: responsesParameters(body),
    messages: toInputMessages(body['input']),
    ...(instructions === undefined
      ? {}
      : { systemInstructions: [{ type: 'text', content: instructions }] }),
    ...(tools === undefined ? {} : { toolDefinitions: tools }),
  }
}

/** A conversation that the provider keeps, which the call belongs to. */
export function toConversationId(body: unknown): string | undefined {
  const conversation = asRecord(body)?.['conversation']
  return asText(conversation) ?? asText(asRecord(conversation)?.['id'])
}

function responsesParameters(body: UnknownRecord): ModelCallRequest['parameters'] {
  const format = asString(asRecord(asRecord(body['text'])?.['format'])?.['type'])
  return {
    [names.ATTR_OPENAI_API_TYPE]: 'responses',
    [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(body['max_output_tokens']),
    [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
    [names.ATTR_REQUEST_TOP_P]: asNumber(body['top_p']),
    [names.ATTR_REQUEST_REASONING_LEVEL]: asString(asRecord(body['reasoning'])?.['effort']),
    [names.ATTR_OUTPUT_TYPE]:
      format === undefined ? undefined : format.startsWith('json') ? 'json' : 'text',
    [names.ATTR_OPENAI_REQUEST_SERVICE_TIER]: asString(body['service_tier']),
    [ATTR_PREVIOUS_RESPONSE_ID]: asText(body['previous_response_id']),
  }
}

function toInputMessages(input: unknown): Message[] {
  if (typeof input === 'string')
    return [{ role: 'user', parts: [{ type: 'text', content: input }] }]
  return asArray(input)
    .map((item) => toItemMessage(asRecord(item)))
    .filter((message) => message !== undefined)
}

export function toResponsesResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  return describeResponse(
    body,
    asArray(body['output']).flatMap((item) => toItemParts(asRecord(item))),
  )
}

/** A response whose output was read already, as from the events of a stream. */
export function describeResponse(
  body: UnknownRecord,
  parts: readonly MessagePart[],
): ModelCallResponse {
  const reason = finishReason(body, parts)
  const message: Message = { role: 'assistant', parts }
  return {
    id: asString(body['id']),
    model: asString(body['model']),
    finishReasons: reason === undefined ? [] : [reason],
    messages:
      parts.length === 0
        ? []
        : [reason === undefined ? message : { ...message, finish_reason: reason }],
    usage: toUsage(body['usage']),
    parameters: {
      [names.ATTR_OPENAI_RESPONSE_SERVICE_TIER]: asString(body['service_tier']),
      ...usageParameters(body['usage']),
    },
    failure: body['status'] === 'failed' ? failureOf(body) : undefined,
  }
}

function failureOf(body: UnknownRecord): Error {
  return toFailure(body['error']) ?? new Error('the response failed')
}

/** Responses say how they ended by a status; the words are those of chat completions. */
function finishReason(body: UnknownRecord, parts: readonly MessagePart[]): string | undefined {
  const status = asString(body['status'])
  if (status === 'completed') {
    return parts.some(({ type }) => type === 'tool_call') ? 'tool_calls' : 'stop'
  }
  if (status === 'failed') return 'error'
  if (status === 'cancelled') return status
  if (status !== 'incomplete') return undefined
  const reason = asString(asRecord(body['incomplete_details'])?.['reason'])
  return reason === 'max_output_tokens' ? 'length' : reason
}
