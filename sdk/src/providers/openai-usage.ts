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
  return {
    inputTokens: asInteger(input),
    outputTokens: asInteger(output),
    ...toInputDetails(usage),
    ...toOutputDetails(usage),
  }
}

function toInputDetails(usage: UnknownRecord): TokenUsage {
  const { prompt_tokens_details: prompt, input_tokens_details: input = prompt } = usage
  // Transcriptions call it `input_token_details`.
  const details = asRecord(input ?? usage['input_token_details'])
  const cached = asInteger(details?.['cached_tokens'])
  return {
    cacheReadTokens: cached ?? asInteger(usage['prompt_cache_hit_tokens']),
    cacheWriteTokens: asInteger(details?.['cache_write_tokens']),
    audioInputTokens: asInteger(details?.['audio_tokens']),
    imageInputTokens: asInteger(details?.['image_tokens']),
  }
}

function toOutputDetails(usage: UnknownRecord): TokenUsage {
  const details = outputDetails(usage)
  return {
    reasoningTokens: asInteger(details?.['reasoning_tokens']),
    audioOutputTokens: asInteger(details?.['audio_tokens']),
  }
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
