import type {
  Message,
  MessagePart,
  ModelCallRequest,
  ModelCallResponse,
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
import { toPlain } from '../core/to-plain.ts'
import { toImages, toMessage } from './ollama-messages.ts'
import type { Endpoint } from './openai-endpoint.ts'

export function toChatRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const tools = asArray(body['tools']).map(toToolDefinition)
  return {
    ...toRequest(body, endpoint),
    operation: 'chat',
    messages: asArray(body['messages']).map(toMessage),
    ...(tools.length === 0 ? {} : { toolDefinitions: tools }),
  }
}

export function toGenerateRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const system = asText(body['system'])
  const suffix = asText(body['suffix'])
  return {
    ...toRequest(body, endpoint),
    operation: 'text_completion',
    messages: [
      {
        role: 'user',
        parts: [
          { type: 'text', content: asString(body['prompt']) ?? '' },
          ...(suffix === undefined ? [] : [{ type: 'text', content: suffix }]),
          ...toImages(body['images']),
        ],
      },
    ],
    ...(system === undefined ? {} : { systemInstructions: [{ type: 'text', content: system }] }),
  }
}

type CommonRequest = Omit<ModelCallRequest, 'operation'>

function toRequest(body: UnknownRecord, endpoint: Endpoint): CommonRequest {
  const model = asText(body['model'])
  return {
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream: body['stream'] === true,
    parameters: toParameters(body),
  }
}

function toParameters(body: UnknownRecord): ModelCallRequest['parameters'] {
  const options = asRecord(body['options']) ?? {}
  return {
    [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(options['num_predict']),
    [names.ATTR_REQUEST_TEMPERATURE]: asNumber(options['temperature']),
    [names.ATTR_REQUEST_TOP_P]: asNumber(options['top_p']),
    [names.ATTR_REQUEST_TOP_K]: asInteger(options['top_k']),
    [names.ATTR_REQUEST_FREQUENCY_PENALTY]: asNumber(options['frequency_penalty']),
    [names.ATTR_REQUEST_PRESENCE_PENALTY]: asNumber(options['presence_penalty']),
    [names.ATTR_REQUEST_SEED]: asInteger(options['seed']),
    [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(options['stop']),
    // True and false switch thinking on and off; only the others are levels.
    [names.ATTR_REQUEST_REASONING_LEVEL]: asString(body['think']),
    [names.ATTR_OUTPUT_TYPE]: toOutputType(body['format']),
  }
}

function toOutputType(format: unknown): string | undefined {
  return format === 'json' || asRecord(format) !== undefined ? 'json' : undefined
}

function toToolDefinition(value: unknown): UnknownRecord {
  const tool = asRecord(value) ?? {}
  const { name, description, parameters } = asRecord(tool['function']) ?? {}
  return {
    type: asString(tool['type']) ?? 'function',
    name: asString(name) ?? '',
    ...(typeof description === 'string' ? { description } : {}),
    ...(parameters === undefined ? {} : { parameters: toPlain(parameters) }),
  }
}

/** A whole answer to either way of asking. */
export function toResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const { parts } = toMessage(body['message'] ?? toWireMessage(body))
  return describeAnswer({ parts, end: body })
}

function toWireMessage(body: UnknownRecord): UnknownRecord {
  const image = asText(body['image'])
  return {
    role: 'assistant',
    content: body['response'],
    thinking: body['thinking'],
    ...(image === undefined ? {} : { images: [image] }),
  }
}

/** An answer's parts, and what its last line says of it all. */
export type OllamaAnswer = { readonly parts: readonly MessagePart[]; readonly end: UnknownRecord }

/** An answer, whole or put together from a stream. */
export function describeAnswer({ parts, end }: OllamaAnswer): ModelCallResponse {
  const reason = asText(end['done_reason'])
  const message: Message = {
    role: 'assistant',
    parts,
    ...(reason === undefined ? {} : { finish_reason: reason }),
  }
  return {
    model: asString(end['model']),
    finishReasons: reason === undefined ? [] : [reason],
    messages: parts.length === 0 && reason === undefined ? [] : [message],
    usage: toUsage(end),
    parameters: durations(end),
  }
}

/** The prompt is not counted where the server still had it from the call before. */
export function toUsage(end: UnknownRecord): TokenUsage | undefined {
  const inputTokens = asInteger(end['prompt_eval_count'])
  const outputTokens = asInteger(end['eval_count'])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return { inputTokens, outputTokens }
}

/** What the server measured; OpenTelemetry has no names for it, but its unit: seconds. */
export function durations(end: UnknownRecord): ModelCallResponse['parameters'] {
  return {
    'ollama.response.total_duration': seconds(end['total_duration']),
    'ollama.response.load_duration': seconds(end['load_duration']),
    'ollama.response.prompt_eval_duration': seconds(end['prompt_eval_duration']),
    'ollama.response.eval_duration': seconds(end['eval_duration']),
  }
}

function seconds(nanoseconds: unknown): number | undefined {
  const value = asNumber(nanoseconds)
  return value === undefined ? undefined : value / 1_000_000_000
}
