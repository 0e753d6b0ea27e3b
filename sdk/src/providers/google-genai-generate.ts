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
import { toMessages, toParts } from './google-genai-messages.ts'
import type { Endpoint } from './openai-endpoint.ts'

// The name that OpenTelemetry's own instrumentation of this client gives it.
const ATTR_THINKING_BUDGET = 'gcp.gen_ai.operation.config.thinking_config.thinking_budget'

/** A request to generate content, streamed or not. */
export function toGenerateRequest(
  value: unknown,
  endpoint: Endpoint,
  isStream: boolean,
): ModelCallRequest {
  const params = asRecord(value) ?? {}
  const config = asRecord(params['config']) ?? {}
  const model = toModel(params['model'])
  const instructions = toParts(config['systemInstruction'])
  const tools = asArray(config['tools']).flatMap(toToolDefinitions)
  return {
    operation: 'generate_content',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream,
    parameters: toParameters(config),
    messages: toMessages(params['contents']),
    ...(instructions.length === 0 ? {} : { systemInstructions: instructions }),
    ...(tools.length === 0 ? {} : { toolDefinitions: tools }),
  }
}

/** The model's own name, without the resource it stands in; tuned models and endpoints stay whole. */
export function toModel(value: unknown): string | undefined {
  const model = asText(value)
  return model === undefined
    ? undefined
    : (/(?:^|\/)models\/(?<name>[^/]+)$/.exec(model)?.[1] ?? model)
}

function toParameters(config: UnknownRecord): ModelCallRequest['parameters'] {
  const choiceCount = asInteger(config['candidateCount'])
  const thinking = asRecord(config['thinkingConfig'])
  return {
    [names.ATTR_REQUEST_CHOICE_COUNT]: choiceCount === 1 ? undefined : choiceCount,
    [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(config['maxOutputTokens']),
    [names.ATTR_REQUEST_TEMPERATURE]: asNumber(config['temperature']),
    [names.ATTR_REQUEST_TOP_P]: asNumber(config['topP']),
    [names.ATTR_REQUEST_TOP_K]: asInteger(config['topK']),
    [names.ATTR_REQUEST_FREQUENCY_PENALTY]: asNumber(config['frequencyPenalty']),
    [names.ATTR_REQUEST_PRESENCE_PENALTY]: asNumber(config['presencePenalty']),
    [names.ATTR_REQUEST_SEED]: asInteger(config['seed']),
    [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(config['stopSequences']),
    [names.ATTR_REQUEST_REASONING_LEVEL]: asString(thinking?.['thinkingLevel']),
    [ATTR_THINKING_BUDGET]: asInteger(thinking?.['thinkingBudget']),
    [names.ATTR_OUTPUT_TYPE]: outputType(config),
  }
}

function outputType(config: UnknownRecord): string | undefined {
  const modalities = asStrings(config['responseModalities'])?.map((name) => name.toUpperCase())
  if (modalities?.includes('IMAGE') === true) return 'image'
  if (modalities?.includes('AUDIO') === true) return 'speech'
  if (config['responseSchema'] !== undefined || config['responseJsonSchema'] !== undefined) {
    return 'json'
  }
  const mimeType = asString(config['responseMimeType'])
  if (mimeType === undefined) return undefined
  return mimeType === 'application/json' ? 'json' : 'text'
}

/** One entry of `tools` holds many functions, or one tool that the provider runs itself. */
function toToolDefinitions(value: unknown): UnknownRecord[] {
  const tool = asRecord(value) ?? {}
  const definitions: UnknownRecord[] = []
  for (const key of Object.keys(tool)) {
    if (key === 'functionDeclarations') definitions.push(...asArray(tool[key]).map(toFunction))
    else if (asRecord(tool[key]) !== undefined) definitions.push({ type: key, name: key })
  }
  return definitions
}

function toFunction(value: unknown): UnknownRecord {
  const declared = asRecord(value) ?? {}
  const parameters = declared['parameters'] ?? declared['parametersJsonSchema']
  const description = asString(declared['description'])
  return {
    type: 'function',
    name: asString(declared['name']) ?? '',
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters: toPlain(parameters) }),
  }
}

/** An answer's parts in OpenTelemetry's form, the rest as it was sent. */
export type GeneratedAnswer = {
  readonly id: string | undefined
  readonly model: string | undefined
  readonly usage: unknown
  readonly promptFeedback: unknown
  readonly candidates: readonly GeneratedCandidate[]
}

export type GeneratedCandidate = {
  readonly parts: readonly MessagePart[]
  readonly finishReason: string | undefined
}

/** A whole answer. */
export function toGenerateResponse(value: unknown): ModelCallResponse {
  const response = asRecord(value) ?? {}
  return describeAnswer({
    id: asString(response['responseId']),
    model: asString(response['modelVersion']),
    usage: response['usageMetadata'],
    promptFeedback: response['promptFeedback'],
    candidates: asArray(response['candidates']).map((candidate) => ({
      parts: toParts(asRecord(candidate)?.['content']),
      finishReason: asText(asRecord(candidate)?.['finishReason']),
    })),
  })
}

/** An answer, whole or put together from a stream. */
export function describeAnswer(answer: GeneratedAnswer): ModelCallResponse {
  const { id, model, usage, candidates } = answer
  return {
    id,
    model,
    finishReasons: finishReasonsOf(answer),
    messages: candidates.map(toOutputMessage).filter((message) => message !== undefined),
    usage: toUsage(usage),
    parameters: {
      [names.ATTR_USAGE_IMAGE_OUTPUT]: modalityTokens(usage, {
        of: ['candidatesTokensDetails'],
        modality: 'IMAGE',
      }),
    },
  }
}

/** One reason per candidate, by position; a blocked prompt has no candidate but a reason of its own. */
function finishReasonsOf({ candidates, promptFeedback }: GeneratedAnswer): string[] {
  if (candidates.some(({ finishReason }) => finishReason !== undefined)) {
    return candidates.map(({ finishReason }) => finishReason ?? 'error')
  }
  const blockReason = asText(asRecord(promptFeedback)?.['blockReason'])
  return blockReason === undefined ? [] : [blockReason]
}

function toOutputMessage({ parts, finishReason }: GeneratedCandidate): Message | undefined {
  if (finishReason !== undefined) return { role: 'assistant', parts, finish_reason: finishReason }
  return parts.length === 0 ? undefined : { role: 'assistant', parts }
}

/**
 * Gemini counts thoughts beside the answer and what its own tools read beside the prompt; in
 * OpenTelemetry's counts both are inside.
 */
export function toUsage(value: unknown): TokenUsage | undefined {
  const usage = asRecord(value)
  if (usage === undefined) return undefined
  const inputTokens = sum(usage['promptTokenCount'], usage['toolUsePromptTokenCount'])
  const inputDetails = ['promptTokensDetails', 'toolUsePromptTokensDetails']
  return {
    inputTokens,
    outputTokens:
      sum(usage['candidatesTokenCount'], usage['thoughtsTokenCount']) ??
      restOf(usage['totalTokenCount'], inputTokens),
    cacheReadTokens: asInteger(usage['cachedContentTokenCount']),
    reasoningTokens: asInteger(usage['thoughtsTokenCount']),
    audioInputTokens: modalityTokens(usage, { of: inputDetails, modality: 'AUDIO' }),
    audioOutputTokens: modalityTokens(usage, {
      of: ['candidatesTokensDetails'],
      modality: 'AUDIO',
    }),
    imageInputTokens: modalityTokens(usage, { of: inputDetails, modality: 'IMAGE' }),
  }
}

/** What the given counts add up to; undefined where none is one. */
export function sum(...counts: readonly unknown[]): number | undefined {
  const told = counts.map(asInteger).filter((count) => count !== undefined)
  return told.length === 0 ? undefined : told.reduce((total, count) => total + count, 0)
}

/** Where nothing was generated only the total tells that. */
function restOf(total: unknown, input: number | undefined): number | undefined {
  const all = asInteger(total)
  return all === undefined || input === undefined || all < input ? undefined : all - input
}

function modalityTokens(
  usage: unknown,
  { of, modality }: { of: readonly string[]; modality: string },
): number | undefined {
  const details = of.flatMap((key) => asArray(asRecord(usage)?.[key]))
  return sum(
    ...details
      .map((detail) => asRecord(detail))
      .filter((detail) => detail?.['modality'] === modality)
      .map((detail) => detail?.['tokenCount']),
  )
}
