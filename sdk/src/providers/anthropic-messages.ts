import { copyData } from '../core/copy-data.ts'
import type {
  MessagePart,
  ModelCallRequest,
  ModelCallResponse,
  Parameter,
  TokenUsage,
} from '../core/model-call.ts'
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
import { toMessages, toParts } from './anthropic-blocks.ts'
import * as anthropic from './anthropic-names.ts'
import type { Endpoint } from './openai-endpoint.ts'

/** A request of `messages.create`, of any version and of `beta`. */
export function toMessagesRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const system = toParts(body['system'])
  const tools = asArray(body['tools'])
  return {
    operation: 'chat',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream: body['stream'] === true,
    parameters: toParameters(body),
    messages: toMessages(body['messages']),
    ...(system.length === 0 ? {} : { systemInstructions: system }),
    ...(tools.length === 0 ? {} : { toolDefinitions: tools.map(toToolDefinition) }),
  }
}

function toParameters(body: UnknownRecord): ModelCallRequest['parameters'] {
  const thinking = asRecord(body['thinking'])
  const output = asRecord(body['output_config'])
  const format = asRecord(output?.['format']) ?? asRecord(body['output_format'])
  return {
    [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(body['max_tokens']),
    [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
    [names.ATTR_REQUEST_TOP_P]: asNumber(body['top_p']),
    [anthropic.ATTR_REQUEST_TOP_K]: asNumber(body['top_k']),
    [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(body['stop_sequences']),
    [names.ATTR_REQUEST_REASONING_LEVEL]: asString(output?.['effort']),
    [names.ATTR_OUTPUT_TYPE]: format === undefined ? undefined : 'json',
    [anthropic.ATTR_THINKING_TYPE]: asString(thinking?.['type']),
    [anthropic.ATTR_THINKING_BUDGET]: asInteger(thinking?.['budget_tokens']),
    [anthropic.ATTR_REQUEST_SERVICE_TIER]: asString(body['service_tier']),
    [anthropic.ATTR_PREVIOUS_MESSAGE_ID]: asText(asRecord(body['thread'])?.['previous_message_id']),
  }
}

/** A function of the application, or by its type one that Anthropic brings along. */
function toToolDefinition(value: unknown): UnknownRecord {
  const tool = asRecord(value) ?? {}
  const type = asString(tool['type']) ?? 'custom'
  const definition: Record<string, unknown> = {
    type: type === 'custom' ? 'function' : type,
    name: asString(tool['name']) ?? '',
  }
  if (typeof tool['description'] === 'string') definition['description'] = tool['description']
  const schema = tool['input_schema']
  if (schema !== undefined) definition['parameters'] = copyData(schema)
  return definition
}

/** An answer whose blocks have been read, plain or as far as it was streamed. */
export type Answer = {
  readonly id: string | undefined
  readonly model: string | undefined
  readonly role?: string | undefined
  readonly parts: readonly MessagePart[]
  readonly stopReason: string | undefined
  /** Why the model refused. */
  readonly explanation?: string | undefined
  readonly usage: unknown
  readonly requestId?: string | undefined
}

export function toMessagesResponse(value: unknown): ModelCallResponse {
  const message = asRecord(value) ?? {}
  return toResponse({
    id: asString(message['id']),
    model: asString(message['model']),
    role: asString(message['role']),
    parts: toParts(message['content']),
    stopReason: asString(message['stop_reason']),
    explanation: toExplanation(message['stop_details']),
    usage: message['usage'],
    requestId: asText(message['_request_id']),
  })
}

export function toResponse(answer: Answer): ModelCallResponse {
  const { id, model, role = 'assistant', stopReason, explanation, requestId } = answer
  const usage = asRecord(answer.usage)
  const parts: readonly MessagePart[] =
    explanation === undefined
      ? answer.parts
      : [...answer.parts, { type: 'refusal', content: explanation }]
  const hasSaid = parts.length > 0 || stopReason !== undefined
  const ending = stopReason === undefined ? {} : { finish_reason: stopReason }
  return {
    id,
    model,
    finishReasons: stopReason === undefined ? [] : [stopReason],
    messages: hasSaid ? [{ role, parts, ...ending }] : [],
    usage: usage === undefined ? undefined : toUsage(usage),
    parameters: { ...usageParameters(usage), [anthropic.ATTR_REQUEST_ID]: requestId },
  }
}

export function toExplanation(stopDetails: unknown): string | undefined {
  return asText(asRecord(stopDetails)?.['explanation'])
}

/** Anthropic counts what was read from and written to its cache beside the input, not inside. */
function toUsage(usage: UnknownRecord): TokenUsage {
  const input = asInteger(usage['input_tokens'])
  const cacheRead = asInteger(usage['cache_read_input_tokens'])
  const cacheWrite = asInteger(usage['cache_creation_input_tokens'])
  const details = asRecord(usage['output_tokens_details'])
  return {
    inputTokens: input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0),
    outputTokens: asInteger(usage['output_tokens']),
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: asInteger(details?.['thinking_tokens']),
  }
}

function usageParameters(usage: UnknownRecord | undefined): Record<string, Parameter> {
  const written = asRecord(usage?.['cache_creation'])
  const tools = asRecord(usage?.['server_tool_use'])
  return {
    [anthropic.ATTR_CACHE_WRITE_5M]: toCount(written?.['ephemeral_5m_input_tokens']),
    [anthropic.ATTR_CACHE_WRITE_1H]: toCount(written?.['ephemeral_1h_input_tokens']),
    [anthropic.ATTR_WEB_SEARCHES]: toCount(tools?.['web_search_requests']),
    [anthropic.ATTR_RESPONSE_SERVICE_TIER]: asString(usage?.['service_tier']),
  }
}

/** A count where there is one: the parts of a total of zero tell nothing. */
function toCount(value: unknown): number | undefined {
  const count = asInteger(value)
  return count === 0 ? undefined : count
}
