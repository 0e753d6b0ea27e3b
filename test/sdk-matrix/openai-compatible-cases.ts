import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, OPENAI_6, plainParams, streamParams } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { readToFailure } from './openai-stream-cases.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

const DEPLOYMENT = { model: 'support-prod' }

/** A stream without `stream_options`, which some gateways reject. */
function plainStream() {
  const { stream_options: _, ...params } = streamParams()
  return params
}

/** Azure, and those who speak OpenAI's format at another address. */
export const compatibleCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'azure-plain',
    group: 'more',
    run: async ({ azure }) => [
      shapeOf(azure),
      await azure.chat.completions.create(plainParams(DEPLOYMENT)),
    ],
    expected: {
      usage: 'provider',
      check: ({ attributes, name }) => {
        expect(name).toBe('chat support-prod')
        expect(attributes).toMatchObject({
          'gen_ai.provider.name': 'azure.ai.openai',
          'gen_ai.request.model': 'support-prod',
          'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
        })
      },
    },
  },
  {
    name: 'azure-stream',
    group: 'more',
    run: async ({ azure }) =>
      await readAll(await azure.chat.completions.create(streamParams(DEPLOYMENT))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        // The first chunk has neither choices nor a model nor an id.
        expect(span.attributes['gen_ai.response.model']).toBe('gpt-4o-mini-2024-07-18')
        expect(span.attributes['gen_ai.response.id']).toMatch(/^chatcmpl-/)
        expect(answerOf(span)).toHaveLength(1)
      },
    },
  },
  {
    name: 'azure-embeddings',
    group: 'more',
    run: async ({ azure }) =>
      await azure.embeddings.create({ model: 'embed-prod', input: 'a lamp' }),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.request.model']).toBe('embed-prod'),
    },
  },
  {
    name: 'azure-responses',
    group: 'more',
    run: async ({ azure }) =>
      await azure.responses.create({ ...DEPLOYMENT, input: 'Where is order 1042?' }),
    expected: { usage: 'provider' },
  },
  {
    name: 'azure-error',
    group: 'more',
    run: async ({ azure }) =>
      await failureOf(azure.chat.completions.create(plainParams(DEPLOYMENT), behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'azure-with-options',
    group: 'more',
    reasons: {
      [OPENAI_6]: 'its withOptions forgets the API version and throws, without us as well',
    },
    run: async ({ azure }) => {
      const clone = azure.withOptions({ maxRetries: 0 })
      return [shapeOf(clone), await clone.chat.completions.create(plainParams(DEPLOYMENT))]
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.provider.name']).toBe('azure.ai.openai'),
    },
  },
  {
    name: 'groq-stream-usage-in-x_groq',
    group: 'more',
    run: async ({ clientOf }) =>
      await readAll(await clientOf({}, '/groq/v1').chat.completions.create(plainStream())),
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'deepseek-plain',
    group: 'more',
    run: async ({ clientOf }) =>
      await clientOf({}, '/deepseek/v1').chat.completions.create(plainParams()),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.usage.cache_read.input_tokens']).toBeGreaterThan(0)
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, { type: 'text' }] }])
      },
    },
  },
  {
    name: 'deepseek-stream',
    group: 'more',
    run: async ({ clientOf }) =>
      await readAll(await clientOf({}, '/deepseek/v1').chat.completions.create(streamParams())),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.usage.cache_read.input_tokens']).toBeGreaterThan(0)
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, { type: 'text' }] }])
      },
    },
  },
  {
    name: 'openrouter-stream-comments-and-cost',
    group: 'more',
    run: async ({ clientOf }) =>
      await readAll(await clientOf({}, '/openrouter/v1').chat.completions.create(streamParams())),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.usage.cost']).toBeGreaterThan(0)
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, { type: 'text' }] }])
      },
    },
  },
  {
    name: 'vllm-stream-without-usage',
    group: 'more',
    run: async ({ clientOf }) =>
      await readAll(await clientOf({}, '/vllm/v1').chat.completions.create(plainStream())),
    expected: { state: 'complete', usage: 'absent' },
  },
  {
    name: 'vllm-error-inside-200',
    group: 'more',
    run: async ({ clientOf }) =>
      await readToFailure(
        await clientOf({}, '/vllm/v1').chat.completions.create(
          streamParams(),
          behave('error-event'),
        ),
      ),
    expected: { state: 'error', errorType: 'APIError' },
  },
  {
    name: 'error-object-inside-200',
    group: 'more',
    run: async ({ clientOf }) => {
      const error = { message: 'upstream failed', code: 502 }
      const answer = async () => Response.json({ error })
      return await clientOf({ fetch: answer }).chat.completions.create(plainParams())
    },
    expected: {
      errorType: '502',
      usage: 'absent',
      check: ({ statusMessage }) => expect(statusMessage).toBe('upstream failed'),
    },
  },
]
