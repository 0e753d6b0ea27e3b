import { expect } from 'vitest'
import { answerOf, asking, behave, GENAI_2, GENAI_3, MODEL, QUESTION } from './google-setting.ts'
import type { GoogleSetting } from './google-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { failureOf } from './snapshot.ts'

/** What a process sees of a failure that nobody handles. */
function nextUnhandledRejection(): Promise<unknown> {
  return new Promise((resolve) => process.once('unhandledRejection', resolve))
}

/** Calls that fail, and those that ask for something else than an answer. */
export const googleOtherCases: readonly MatrixCase<GoogleSetting>[] = [
  {
    name: 'a failure before the answer',
    group: 'more',
    run: async ({ client }) => [
      await failureOf(client.models.generateContent(asking(behave('500')))),
    ],
    expected: { errorType: '500' },
  },
  {
    name: 'a refused request',
    group: 'more',
    run: async ({ client }) => failureOf(client.models.generateContent(asking(behave('429')))),
    expected: { errorType: '429' },
  },
  {
    name: 'a failure that nobody handles reaches the process',
    group: 'more',
    run: async ({ client }) => {
      const rejection = nextUnhandledRejection()
      void client.models.generateContent(asking(behave('429')))
      return await rejection
    },
    expected: { errorType: '429' },
  },
  {
    name: 'nobody listens',
    group: 'more',
    run: async ({ deadClient }) => failureOf(deadClient.models.generateContent(asking())),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'an answer that breaks off',
    group: 'more',
    run: async ({ client }) => failureOf(client.models.generateContent(asking(behave('break')))),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'arguments that the client refuses',
    group: 'more',
    run: async ({ client }) =>
      failureOf(client.models.generateContent({ model: MODEL, contents: [] })),
    expected: { errorType: 'Error' },
  },
  {
    name: 'retry: one span over all attempts',
    group: 'more',
    run: async ({ clientOf }) => {
      const retryOptions = { attempts: 3, initialDelay: 0.001, jitter: 0 }
      return clientOf({ retryOptions }).models.generateContent(asking(behave('500-once')))
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['sightline.retry.count']).toBe(1),
    },
  },
  {
    name: 'timeout',
    group: 'more',
    run: async ({ clientOf }) =>
      failureOf(clientOf({ timeout: 20 }).models.generateContent(asking(behave('timeout')))),
    expected: { errorType: 'AbortError' },
  },
  {
    name: 'aborted before the answer',
    group: 'more',
    run: async ({ client }) => {
      const controller = new AbortController()
      const config = behave('timeout', { abortSignal: controller.signal })
      const promise = client.models.generateContent(asking(config))
      controller.abort()
      return failureOf(promise)
    },
    expected: { errorType: 'AbortError' },
  },
  {
    name: 'a content pushed after the request left is not in its span',
    group: 'more',
    run: async ({ client }) => {
      const contents = [{ role: 'user', parts: [{ text: QUESTION }] }]
      const promise = client.models.generateContent({ model: MODEL, contents })
      // The client itself reads its arguments a turn later.
      await Promise.resolve().then(() => undefined)
      contents.push({ role: 'user', parts: [{ text: 'said afterwards' }] })
      contents[0]?.parts.push({ text: 'added afterwards' })
      return await promise
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.input.messages']).not.toContain('afterwards'),
    },
  },
  {
    name: 'embeddings: how many and how long, never the vectors',
    group: 'more',
    run: async ({ client }) =>
      client.models.embedContent({
        model: 'gemini-embedding-001',
        contents: ['one', 'two'],
        config: { outputDimensionality: 16 },
      }),
    expected: {
      usage: 'provider',
      check: ({ attributes, name }) => {
        expect(name).toBe('embeddings gemini-embedding-001')
        expect(attributes).toMatchObject({
          'sightline.kind': 'embedding',
          'sightline.embeddings.count': 2,
          'gen_ai.embeddings.dimension.count': 16,
        })
        expect(attributes['gen_ai.output.messages']).toBeUndefined()
      },
    },
    reasons: { [GENAI_2]: 'this client drops the token counts; its next case looks at the rest' },
  },
  {
    name: 'embeddings without counts',
    group: 'more',
    run: async ({ client }) =>
      client.models.embedContent({ model: 'gemini-embedding-001', contents: 'one' }),
    expected: {
      usage: 'absent',
      check: ({ attributes }) => {
        expect(attributes['sightline.embeddings.count']).toBe(1)
        expect(attributes['gen_ai.embeddings.dimension.count']).toBe(256)
      },
    },
    reasons: { [GENAI_3]: 'this client passes the token counts on; see the case before' },
  },
  {
    name: 'an embedding refused',
    group: 'more',
    run: async ({ client }) =>
      failureOf(client.models.embedContent({ model: 'gemini-embedding-001', contents: [] })),
    expected: { errorType: '400' },
  },
  {
    name: 'Vertex AI: content and embeddings',
    group: 'more',
    run: async ({ vertex }) => [
      await vertex.models.generateContent(asking()),
      await vertex.models.embedContent({ model: 'text-embedding-005', contents: ['one', 'two'] }),
    ],
    expected: {
      count: 2,
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.provider.name']).toBe('gcp.vertex_ai'),
    },
  },
  {
    name: 'pictures: hashed, never stored',
    group: 'more',
    run: async ({ vertex }) =>
      vertex.models.generateImages({
        model: 'imagen-4.0-generate-001',
        prompt: 'A parcel on a doorstep',
        config: { numberOfImages: 2 },
      }),
    expected: {
      usage: 'absent',
      check: (span) => {
        expect(span.attributes).toMatchObject({
          'gen_ai.output.type': 'image',
          'sightline.task': 'image',
          'gen_ai.request.choice.count': 2,
        })
        const picture = { type: 'blob', modality: 'image', mime_type: 'image/png', bytes: 4_096 }
        expect(answerOf(span)).toMatchObject([{ parts: [picture] }, { parts: [picture] }])
        expect(span.attributes['gen_ai.output.messages']).toMatch(/"sha256":"[0-9a-f]{64}"/)
      },
    },
  },
  {
    name: 'calls that are none to a model',
    group: 'more',
    run: async ({ client }) => client.models.countTokens({ model: MODEL, contents: QUESTION }),
    expected: { count: 0 },
  },
]
