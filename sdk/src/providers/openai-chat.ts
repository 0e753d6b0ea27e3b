import type { Attributes } from '@opentelemetry/api'
import type { ContentPolicy } from '../core/content.ts'
import { DEFAULT_CONTENT, toAttributes } from '../core/content.ts'
import { requestFields, responseFields, startFields } from '../core/model-call.ts'
import type { Message, ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import {
  asArray,
  asInteger,
  asNumber,
  asRecord,
  asString,
  asStrings,
  asText,
} from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'
import { toFailure } from './openai-failure.ts'
import { toMessage, toMessages } from './openai-messages.ts'
import { toToolDefinitions } from './openai-tools.ts'
import { toUsage, usageParameters } from './openai-usage.ts'

/**
 * Who answers, where the attributes of a chat are made without a client.
 *
 * @example
 * chatRequestAttributes(body, { provider: 'openai' } satisfies ChatAttributeOptions)
 */
export type ChatAttributeOptions = {
  /** Where the call goes; names the provider and gives `server.address` and `server.port`. */
  readonly baseURL?: string
  /** OpenTelemetry's provider name, where the address does not say it. */
  readonly provider?: string
  readonly content?: ContentPolicy
}

/**
 * The attributes that a chat completion request gives its span; pure.
 *
 * @example
 * chatRequestAttributes({ model: 'gpt-4o-mini', messages }, { baseURL: 'https://api.openai.com/v1' })
 */
export function chatRequestAttributes(
  request: unknown,
  { baseURL, provider, content = DEFAULT_CONTENT }: ChatAttributeOptions = {},
): Attributes {
  const call = toChatRequest(request, toEndpoint(baseURL, provider))
  return toAttributes(Object.assign(startFields(call), ...requestFields(call)), content)
}

/**
 * The attributes that a chat completion, plain or put together from a stream, gives its span; pure.
 *
 * @example
 * chatResponseAttributes(completion)['gen_ai.usage.input_tokens']
 */
export function chatResponseAttributes(
  response: unknown,
  { baseURL, provider, content = DEFAULT_CONTENT }: ChatAttributeOptions = {},
): Attributes {
  const endpoint = toEndpoint(baseURL, provider)
  const fields = responseFields(toChatResponse(response), endpoint.provider)
  return toAttributes(Object.assign({}, ...fields), content)
}

export function toChatRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  return {
    operation: 'chat',
    provider: endpoint.provider,
    serverAddress: endpoint.serverAddress,
    serverPort: endpoint.serverPort,
    model: asString(body['model']),
    isStream: body['stream'] === true,
    parameters: chatParameters(body),
    messages: toMessages(body['messages']),
    toolDefinitions: toToolDefinitions(body['tools'], body['functions']),
  }
}

function chatParameters(body: UnknownRecord): ModelCallRequest['parameters'] {
  const choiceCount = asInteger(body['n'])
  return {
    [names.ATTR_OPENAI_API_TYPE]: 'chat_completions',
    [names.ATTR_REQUEST_CHOICE_COUNT]: choiceCount === 1 ? undefined : choiceCount,
    [names.ATTR_REQUEST_MAX_TOKENS]:
      asInteger(body['max_completion_tokens']) ?? asInteger(body['max_tokens']),
    [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
    [names.ATTR_REQUEST_TOP_P]: asNumber(body['top_p']),
    [names.ATTR_REQUEST_FREQUENCY_PENALTY]: asNumber(body['frequency_penalty']),
    [names.ATTR_REQUEST_PRESENCE_PENALTY]: asNumber(body['presence_penalty']),
    [names.ATTR_REQUEST_SEED]: asInteger(body['seed']),
    [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(body['stop']),
    [names.ATTR_REQUEST_REASONING_LEVEL]: asString(body['reasoning_effort']),
    [names.ATTR_OUTPUT_TYPE]: outputType(body),
    [names.ATTR_OPENAI_REQUEST_SERVICE_TIER]: asString(body['service_tier']),
  }
}

function outputType(body: UnknownRecord): string | undefined {
  const format = asString(asRecord(body['response_format'])?.['type'])
  if (format !== undefined) return format.startsWith('json') ? 'json' : 'text'
  return asStrings(body['modalities'])?.includes('audio') === true ? 'speech' : undefined
}

export function toChatResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const choices = asArray(body['choices'])
  const usage = body['usage'] ?? asRecord(body['x_groq'])?.['usage']
  return {
    id: asString(body['id']),
    model: asString(body['model']),
    finishReasons: finishReasonsOf(choices),
    messages: choices.map(toOutputMessage),
    usage: toUsage(usage),
    parameters: {
      [names.ATTR_OPENAI_RESPONSE_SERVICE_TIER]: asString(body['service_tier']),
      [names.ATTR_OPENAI_SYSTEM_FINGERPRINT]: asString(body['system_fingerprint']),
      ...usageParameters(usage),
    },
    failure: failureOf(body, choices),
  }
}

/** Gateways report an upstream's failure in the body, or in a choice, of an answer of status 200. */
function failureOf(body: UnknownRecord, choices: readonly unknown[]): Error | undefined {
  const own = toFailure(body['error']) ?? (body['object'] === 'error' ? toFailure(body) : undefined)
  if (own !== undefined) return own
  for (const choice of choices) {
    const error = asRecord(choice)?.['error']
    if (asRecord(error) !== undefined) return toFailure(error)
  }
  return undefined
}

/** One reason per choice, by position; none at all where no choice came to an end. */
function finishReasonsOf(choices: readonly unknown[]): string[] {
  const reasons: string[] = []
  let hasReason = false
  for (const choice of choices) {
    const reason = asText(asRecord(choice)?.['finish_reason'])
    if (reason !== undefined) hasReason = true
    reasons.push(reason ?? 'error')
  }
  return hasReason ? reasons : []
}

function toOutputMessage(value: unknown): Message {
  const choice = asRecord(value)
  const message = asRecord(choice?.['message']) ?? {}
  return toMessage(message, 'assistant', asString(choice?.['finish_reason']))
}
