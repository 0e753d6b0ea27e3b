import { expect, test } from 'vitest'
import { toFailure } from './openai-failure.ts'
import { toUsage, usageParameters } from './openai-usage.ts'

test('usage is read in the words of every endpoint, zeros among them', () => {
  expect(
    toUsage({
      prompt_tokens: 10,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 2 },
    }),
  ).toMatchObject({
    inputTokens: 10,
    outputTokens: 0,
    cacheReadTokens: 0,
    reasoningTokens: 0,
    audioInputTokens: 3,
    audioOutputTokens: 2,
  })
  expect(
    toUsage({ input_tokens: 7, output_tokens: 5, input_tokens_details: { image_tokens: 4 } }),
  ).toMatchObject({ inputTokens: 7, outputTokens: 5, imageInputTokens: 4 })
  expect(toUsage({ prompt_tokens: 7, prompt_cache_hit_tokens: 6 })).toMatchObject({
    cacheReadTokens: 6,
  })
})

test('what is no count of tokens is no usage', () => {
  for (const value of [undefined, null, 3, 'ten', {}, { prompt_tokens: '10' }]) {
    expect(toUsage(value)).toBeUndefined()
  }
  expect(toUsage({ type: 'duration', seconds: 4 })).toBeUndefined()
  expect(usageParameters({ type: 'duration', seconds: 4 })['gen_ai.usage.audio.seconds']).toBe(4)
})

test('a failure has the provider’s code, status and message, as far as it says them', () => {
  expect(toFailure({ message: 'No.', code: 502 })).toMatchObject({ message: 'No.', status: 502 })
  expect(toFailure({ message: 'No.', type: 'overloaded' })).toMatchObject({ name: 'overloaded' })
  expect(toFailure({})).toMatchObject({ message: 'the provider reported a failure' })
  expect(toFailure('out of memory')).toMatchObject({ message: 'out of memory' })
  for (const value of [undefined, null, '', 0]) expect(toFailure(value)).toBeUndefined()
})
