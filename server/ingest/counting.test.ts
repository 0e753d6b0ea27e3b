import { describe, expect, it } from 'vitest'
import type { TokenUsage } from '../spans/span.ts'
import { decodeTracesJson } from './decode-json.ts'
import { normaliseTraces } from './normalise.ts'
import { sampleBody, type SampleSpan } from './sample-otlp.ts'

function usageOf(sample: SampleSpan): TokenUsage {
  const traces = decodeTracesJson(sampleBody(sample))
  const [record] = normaliseTraces(traces, { nowUs: 0 }).records
  if (record === undefined) throw new Error('no record')
  return record.usage
}

const langfuse = (usage: object): SampleSpan => ({
  scope: { name: 'langfuse-sdk' },
  attributes: {
    'langfuse.observation.type': 'generation',
    'langfuse.observation.usage_details': JSON.stringify(usage),
  },
})

describe('Langfuse', () => {
  it.each([
    [
      'buckets that do not overlap',
      { input: 33, output: 19, cache_read_input_tokens: 64 },
      { input: 97, output: 19 },
    ],
    [
      'a total that adds them',
      { input: 10, output: 12, total: 59, input_cached_tokens: 32, output_reasoning_tokens: 5 },
      { input: 42, output: 17 },
    ],
    [
      'a total of input and output alone',
      { input: 12, output: 1, total: 13, cache_read_input_tokens: 4 },
      { input: 12, output: 1 },
    ],
    [
      'OpenAI’s own usage',
      { prompt_tokens: 42, completion_tokens: 17, prompt_tokens_details: { cached_tokens: 32 } },
      { input: 42, output: 17 },
    ],
    [
      'the Responses API’s',
      { input_tokens: 51, output_tokens: 23, input_tokens_details: { cached_tokens: 16 } },
      { input: 51, output: 23 },
    ],
    [
      'writes in two lengths beside their sum',
      {
        input: 33,
        output: 19,
        cache_creation_input_tokens: 12,
        cache_creation_ephemeral_5m_input_tokens: 5,
        cache_creation_ephemeral_1h_input_tokens: 7,
      },
      { input: 45, output: 19 },
    ],
    [
      'writes in two lengths alone',
      { input: 33, output: 19, input_cache_creation_5m: 5, input_cache_creation_1h: 7 },
      { input: 45, output: 19 },
    ],
    [
      'a bucket of a name not known',
      { input: 33, output: 19, input_image: 7 },
      { input: 40, output: 19 },
    ],
  ])('counts %s', (_, usage, expected) => {
    expect(usageOf(langfuse(usage))).toMatchObject(expected)
  })

  it('tells the hour-long writes apart', () => {
    const usage = usageOf(
      langfuse({ input: 33, output: 1, input_cache_creation_5m: 5, input_cache_creation_1h: 7 }),
    )

    expect(usage).toMatchObject({ cacheWrite: 12, cacheWrite1h: 7 })
  })
})

describe('the AI SDK', () => {
  const call = (attributes: Record<string, string | number>): SampleSpan => ({
    scope: { name: 'ai' },
    attributes: {
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': 'anthropic.messages',
      ...attributes,
    },
  })
  const metadata = JSON.stringify({
    anthropic: { cacheReadInputTokens: 10, cacheCreationInputTokens: 2 },
  })

  it('up to 5 leaves Anthropic’s cache out', () => {
    const sent = { 'ai.usage.promptTokens': 100, 'ai.response.providerMetadata': metadata }

    expect(usageOf(call(sent))).toMatchObject({ input: 112, cacheRead: 10, cacheWrite: 2 })
  })

  it('up to 5 includes OpenAI’s', () => {
    const sent = {
      'ai.model.provider': 'openai.chat',
      'ai.usage.inputTokens': 100,
      'ai.usage.cachedInputTokens': 10,
    }

    expect(usageOf(call(sent)).input).toBe(100)
  })

  it('from 6 on includes it', () => {
    const sent = {
      'ai.usage.inputTokens': 100,
      'ai.usage.inputTokenDetails.noCacheTokens': 88,
      'ai.usage.inputTokenDetails.cacheReadTokens': 10,
      'ai.usage.inputTokenDetails.cacheWriteTokens': 2,
    }

    expect(usageOf(call(sent))).toMatchObject({ input: 100, cacheRead: 10, cacheWrite: 2 })
  })
})

describe('Gemini’s thoughts in ADK', () => {
  const call = (output: number): SampleSpan => ({
    scope: { name: 'gcp.vertex.agent' },
    attributes: {
      'gen_ai.usage.input_tokens': 28,
      'gen_ai.usage.output_tokens': output,
      'gcp.vertex.agent.llm_response': JSON.stringify({
        usageMetadata: { candidatesTokenCount: 14, thoughtsTokenCount: 6 },
      }),
    },
    fields: { name: 'call_llm' },
  })

  it.each([
    ['are added where the output is the candidates alone', 14],
    ['are not added twice', 20],
  ])('%s', (_, output) => {
    expect(usageOf(call(output))).toMatchObject({ output: 20, reasoning: 6 })
  })
})
