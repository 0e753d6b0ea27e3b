import { createPartFromUri } from '@google/genai'
import type { FunctionCall } from '@google/genai'
import { expect } from 'vitest'
import {
  answerOf,
  asking,
  behave,
  callableTool,
  DECLARATION,
  MODEL,
  QUESTION,
  questionOf,
} from './google-setting.ts'
import type { GoogleSetting } from './google-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { shapeOf } from './snapshot.ts'

const LARGE_IMAGE = Buffer.alloc(4_096, 7).toString('base64')

export const googlePlainCases: readonly MatrixCase<GoogleSetting>[] = [
  {
    name: 'identity: the same client, classes and own keys',
    group: 'more',
    run: async ({ client, prepare }) => ({
      isSame: prepare(client) === client,
      client: shapeOf(client),
      models: shapeOf(client.models),
      chats: shapeOf(client.chats),
    }),
    expected: { count: 0 },
  },
  {
    name: 'plain',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.models.generateContent(asking())
      const response = await promise
      return { promise: shapeOf(promise), response, text: response.text }
    },
    expected: {
      usage: 'provider',
      check: (span, { response }: { response: { responseId: string } }) => {
        expect(span.name).toBe(`generate_content ${MODEL}`)
        expect(span.attributes).toMatchObject({
          'gen_ai.provider.name': 'gcp.gemini',
          'gen_ai.operation.name': 'generate_content',
          'gen_ai.request.model': MODEL,
          'gen_ai.response.model': `${MODEL}-001`,
          'gen_ai.response.id': response.responseId,
          'gen_ai.response.finish_reasons': ['STOP'],
          'server.address': '127.0.0.1',
        })
        expect(questionOf(span)).toEqual([
          { role: 'user', parts: [{ type: 'text', content: QUESTION }] },
        ])
      },
    },
  },
  {
    name: 'usage: thoughts are inside the output',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent(asking({ thinkingConfig: { includeThoughts: true } })),
    expected: {
      usage: 'provider',
      check: (span, outcome: { usageMetadata: Record<string, number> }) => {
        const { candidatesTokenCount = 0, thoughtsTokenCount = 0 } = outcome.usageMetadata
        expect(thoughtsTokenCount).toBeGreaterThan(0)
        expect(span.attributes).toMatchObject({
          'gen_ai.usage.output_tokens': candidatesTokenCount + thoughtsTokenCount,
          'gen_ai.usage.reasoning.output_tokens': thoughtsTokenCount,
        })
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, { type: 'text' }] }])
      },
    },
  },
  {
    name: 'cached tokens are inside the input',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent(asking({ cachedContent: 'cachedContents/catalogue' })),
    expected: {
      usage: 'provider',
      check: ({ attributes }, outcome: { usageMetadata: Record<string, number> }) => {
        const { promptTokenCount, cachedContentTokenCount = 0 } = outcome.usageMetadata
        expect(cachedContentTokenCount).toBeGreaterThan(0)
        expect(attributes).toMatchObject({
          'gen_ai.usage.input_tokens': promptTokenCount,
          'gen_ai.usage.cache_read.input_tokens': cachedContentTokenCount,
        })
      },
    },
  },
  {
    name: 'temperature 0 and every other parameter',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent(
        asking({
          temperature: 0,
          topP: 0.5,
          topK: 40,
          seed: 0,
          maxOutputTokens: 300,
          stopSequences: ['END'],
          presencePenalty: 0,
          frequencyPenalty: 0.25,
          systemInstruction: 'Answer in one sentence.',
        }),
      ),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes).toMatchObject({
          'gen_ai.request.temperature': 0,
          'gen_ai.request.top_p': 0.5,
          'gen_ai.request.top_k': 40,
          'gen_ai.request.seed': 0,
          'gen_ai.request.max_tokens': 300,
          'gen_ai.request.stop_sequences': ['END'],
          'gen_ai.request.presence_penalty': 0,
          'gen_ai.request.frequency_penalty': 0.25,
          'gen_ai.system_instructions': JSON.stringify([
            { type: 'text', content: 'Answer in one sentence.' },
          ]),
        })
      },
    },
  },
  {
    name: 'n > 1: all candidates',
    group: 'more',
    run: async ({ client }) => client.models.generateContent(asking({ candidateCount: 2 })),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.request.choice.count']).toBe(2)
        expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['STOP', 'STOP'])
        expect(answerOf(span)).toHaveLength(2)
      },
    },
  },
  {
    name: 'structured output',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent(
        asking({
          responseMimeType: 'application/json',
          responseJsonSchema: { type: 'object', properties: { answer: { type: 'string' } } },
        }),
      ),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.output.type']).toBe('json'),
    },
  },
  {
    name: 'a content filter stops the answer',
    group: 'more',
    run: async ({ client }) => client.models.generateContent(asking(behave('content-filter'))),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['SAFETY']),
    },
  },
  {
    name: 'refusal: a blocked prompt has no candidates',
    group: 'more',
    run: async ({ client }) => client.models.generateContent(asking(behave('refusal'))),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['PROHIBITED_CONTENT'])
        expect(attributes['gen_ai.usage.output_tokens']).toBe(0)
        expect(attributes['gen_ai.output.messages']).toBeUndefined()
      },
    },
  },
  {
    name: 'an answer cut off by its limit',
    group: 'more',
    run: async ({ client }) => client.models.generateContent(asking(behave('length'))),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['MAX_TOKENS']),
    },
  },
  {
    name: 'multimodal input: media hashed, files by their address, no signature',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent({
        model: MODEL,
        contents: [
          'What is in the picture?',
          { inlineData: { mimeType: 'image/png', data: LARGE_IMAGE } },
          createPartFromUri('gs://shop/manual.pdf', 'application/pdf'),
        ],
      }),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(questionOf(span)).toEqual([
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'What is in the picture?' },
              expect.objectContaining({
                type: 'blob',
                modality: 'image',
                mime_type: 'image/png',
                bytes: 4_096,
                sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
              }),
              {
                type: 'uri',
                modality: 'document',
                mime_type: 'application/pdf',
                uri: 'gs://shop/manual.pdf',
              },
            ],
          },
        ])
        expect(span.attributes['gen_ai.input.messages']).not.toContain(LARGE_IMAGE.slice(0, 64))
      },
    },
  },
  {
    name: 'tools: parallel calls and their answers',
    group: 'more',
    run: async ({ client }) => {
      const tools = [{ functionDeclarations: [DECLARATION] }]
      const first = await client.models.generateContent(asking(behave('parallel-tools', { tools })))
      const calls = first.functionCalls ?? []
      const second = await client.models.generateContent({
        model: MODEL,
        contents: [
          { role: 'user', parts: [{ text: QUESTION }] },
          first.candidates?.[0]?.content ?? {},
          {
            role: 'user',
            parts: calls.map(({ id = '', name = '' }) => ({
              functionResponse: { id, name, response: { found: true } },
            })),
          },
        ],
        config: behave('text', { tools }),
      })
      return [first, second]
    },
    expected: {
      count: 2,
      usage: 'provider',
      check: ({ attributes }) => {
        const messages = `${String(attributes['gen_ai.input.messages'])}${String(attributes['gen_ai.output.messages'])}`
        expect(messages).toContain('"type":"tool_call"')
        expect(messages).not.toContain('thoughtSignature')
        expect(attributes['gen_ai.tool.definitions']).toBe(
          JSON.stringify([
            {
              type: 'function',
              name: DECLARATION.name,
              description: DECLARATION.description,
              parameters: DECLARATION.parametersJsonSchema,
            },
          ]),
        )
      },
      checkAll: (spans) => {
        const asked = spans.map((span) => questionOf(span) as { role: string; parts: object[] }[])
        const answered = asked.find((messages) => messages.length === 3)
        expect(answered?.[1]).toMatchObject({ role: 'assistant' })
        expect(answered?.[2]).toMatchObject({
          role: 'tool',
          parts: [
            { type: 'tool_call_response', name: DECLARATION.name, response: { found: true } },
            { type: 'tool_call_response', name: DECLARATION.name, response: { found: true } },
          ],
        })
      },
    },
  },
  {
    name: 'automatic function calling: one span for each request, each with its own usage',
    group: 'more',
    run: async ({ client }) => {
      const asked: FunctionCall[] = []
      const response = await client.models.generateContent(asking({ tools: [callableTool(asked)] }))
      return { asked, response }
    },
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: (spans) => {
        const outputs = spans.map((span) => String(span.attributes['gen_ai.output.messages']))
        expect(outputs.filter((output) => output.includes('"tool_call"'))).toHaveLength(1)
        const ids = spans.map(({ attributes }) => attributes['gen_ai.response.id'])
        expect(new Set(ids).size).toBe(2)
      },
    },
  },
  {
    name: 'automatic continuation: one span for each request',
    group: 'more',
    run: async ({ client }) =>
      client.models.generateContent(
        asking({ httpOptions: { headers: { 'x-sim-continue': '1' } } }),
      ),
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: (spans) => {
        const reasons = spans.flatMap(
          ({ attributes }) => attributes['gen_ai.response.finish_reasons'],
        )
        expect(new Set(reasons)).toEqual(new Set(['CONTINUATION', 'STOP']))
      },
    },
  },
  {
    name: 'chat: one span for each message, the history stays',
    group: 'more',
    run: async ({ client }) => {
      const chat = client.chats.create({ model: MODEL, config: { temperature: 0 } })
      const first = await chat.sendMessage({ message: QUESTION })
      const second = await chat.sendMessage({ message: ['And of', 'order 1043?'] })
      return { first, second, history: chat.getHistory(), chat: shapeOf(chat) }
    },
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: (spans) => {
        const counts = spans.map((span) => (questionOf(span) as unknown[]).length)
        expect(new Set(counts)).toEqual(new Set([1, 3]))
      },
    },
  },
  { name: '.withResponse()', group: 'more', reason: 'the client has no such method' },
  { name: '.asResponse()', group: 'more', reason: 'the client has no such method' },
]
