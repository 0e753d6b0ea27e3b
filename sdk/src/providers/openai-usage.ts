import type { Parameter, TokenUsage } from '../core/model-call.ts'
import { asInteger, asNumber, asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { ATTR_USAGE_IMAGE_OUTPUT } from '../core/semconv.ts'

/** Usage of OpenAI's endpoints and of those who speak their format; undefined where none was reported. */
export function toUsage(value: unknown): TokenUsage | undefined {
  const usage = asRecord(value)
  if (usage === undefined) return undefined
  const { prompt_tokens: prompt, input_tokens: input = prompt } = usage
  const { completion_tokens: completion, output_tokens: output = completion } = usage
  // Transcriptions may be billed by seconds: that is no count of tokens.
  if (asInteger(input) === undefined && asInteger(output) === undefined) return undefined
  const taken = inputDetails(usage)
  const given = outputDetails(usage)
  return {
    inputTokens: asInteger(input),
    outputTokens: asInteger(output),
    cacheReadTokens: cachedTokens(usage, taken),
    cacheWriteTokens: asInteger(taken?.['cache_write_tokens']),
    reasoningTokens: asInteger(given?.['reasoning_tokens']),
    audioInputTokens: asInteger(taken?.['audio_tokens']),
    audioOutputTokens: asInteger(given?.['audio_tokens']),
    imageInputTokens: asInteger(taken?.['image_tokens']),
  }
}

/** DeepSeek counts them beside the details. */
function cachedTokens(usage: UnknownRecord, details: UnknownRecord | undefined) {
  return asInteger(details?.['cached_tokens']) ?? asInteger(usage['prompt_cache_hit_tokens'])
}

function inputDetails(usage: UnknownRecord): UnknownRecord | undefined {
  const { prompt_tokens_details: prompt, input_tokens_details: input = prompt } = usage
  // Transcriptions call it `input_token_details`.
  return asRecord(input ?? usage['input_token_details'])
}

function outputDetails(usage: UnknownRecord | undefined): UnknownRecord | undefined {
  return asRecord(usage?.['completion_tokens_details'] ?? usage?.['output_tokens_details'])
}

/** What usage says beyond the counts that every provider has. */
export function usageParameters(value: unknown): Readonly<Record<string, Parameter>> {
  const usage = asRecord(value)
  const output = outputDetails(usage)
  return {
    // OpenRouter says in dollars what a call cost.
    'gen_ai.usage.cost': asNumber(usage?.['cost']),
    [ATTR_USAGE_IMAGE_OUTPUT]: asInteger(output?.['image_tokens']),
    'gen_ai.usage.audio.seconds':
      usage?.['type'] === 'duration' ? asNumber(usage['seconds']) : undefined,
  }
}
