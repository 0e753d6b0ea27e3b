import { expect } from 'vitest'
import {
  behave,
  describeError,
  failureOf,
  plainParams,
  QUESTION,
  settle,
  shapeOf,
  streamParams,
  TOOLS,
} from './sdk-cases.ts'
import type { SdkCase } from './sdk-cases.ts'

const jsonFormat = {
  type: 'json_schema',
  json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
} as const

export const plainCases: SdkCase[] = [
  {
    name: 'a plain call',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(plainParams())
      const completion = await promise
      return { promise: promise.constructor.name, completion, id: completion._request_id }
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.input.messages']).toBe(
          JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: QUESTION }] }]),
        )
        expect(attributes['gen_ai.output.messages']).toContain('"finish_reason":"stop"')
      },
    },
  },
  {
    name: 'a call awaited twice',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(plainParams())
      return [await promise, (await promise) === (await promise)]
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'a call awaited long after its answer',
    run: async ({ client }) => {
      const arrived = Promise.withResolvers<void>()
      const slow = client.withOptions({
        fetch: async (...args) => {
          const response = await fetch(...args)
          arrived.resolve()
          return response
        },
      })
      const promise = slow.chat.completions.create(plainParams())
      await arrived.promise
      await settle()
      return promise
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'a call nobody awaits',
    run: async ({ client }) => {
      const arrived = Promise.withResolvers<void>()
      void client
        .withOptions({
          fetch: async (...args) => {
            const response = await fetch(...args)
            arrived.resolve()
            return response
          },
        })
        .chat.completions.create(plainParams())
      await arrived.promise
      await settle()
    },
    expected: { state: 'unread' },
  },
  {
    name: 'an error 400',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(plainParams({ messages: [] }))),
    expected: { errorType: '400' },
  },
  {
    name: 'an error 429',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(plainParams(), behave('429'))),
    expected: {
      errorType: '429',
      check: ({ statusMessage }) => expect(statusMessage).toMatch(/^429/),
    },
  },
  {
    name: 'an error 500',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(plainParams(), behave('500'))),
    expected: { errorType: '500' },
  },
  {
    name: 'an error caught by catch and finally',
    run: async ({ client }) => {
      const order: unknown[] = []
      await client.chat.completions
        .create(plainParams(), behave('429'))
        .finally(() => order.push('finally'))
        .catch((error: unknown) => order.push(describeError(error)))
      return order
    },
    expected: { errorType: '429' },
  },
  {
    name: 'a retry that succeeds',
    run: async ({ client }) =>
      client.chat.completions.create(plainParams(), { ...behave('429-once'), maxRetries: 1 }),
    expected: { usage: 'provider' },
  },
  {
    name: 'a port where nobody listens',
    run: async ({ deadClient }) => failureOf(deadClient.chat.completions.create(plainParams())),
    expected: { errorType: 'APIConnectionError' },
  },
  {
    name: 'a timeout',
    run: async ({ client }) =>
      failureOf(
        client.chat.completions.create(plainParams(), { ...behave('timeout'), timeout: 40 }),
      ),
    expected: { errorType: 'APIConnectionTimeoutError' },
  },
  {
    name: 'a call aborted before its answer',
    run: async ({ client }) => {
      const controller = new AbortController()
      const promise = client.chat.completions.create(plainParams(), { signal: controller.signal })
      controller.abort()
      return failureOf(promise)
    },
    expected: { errorType: 'APIUserAbortError' },
  },
  {
    name: 'a body cut off',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(plainParams(), behave('break'))),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'withResponse',
    run: async ({ client }) => {
      const { data, response, request_id } = await client.chat.completions
        .create(plainParams())
        .withResponse()
      return {
        data,
        status: response.status,
        headers: Object.fromEntries(response.headers),
        request_id,
      }
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'withResponse of an error',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(plainParams(), behave('429')).withResponse()),
    expected: { errorType: '429' },
  },
  {
    name: 'asResponse',
    run: async ({ client }) => {
      const response = await client.chat.completions.create(plainParams()).asResponse()
      return { status: response.status, body: await response.text() }
    },
    expected: { state: 'unread' },
  },
  {
    name: 'asResponse of a stream',
    run: async ({ client }) => {
      const response = await client.chat.completions.create(streamParams()).asResponse()
      return response.text()
    },
    expected: { state: 'unread' },
  },
  {
    name: 'parse',
    run: async ({ client }) => client.chat.completions.parse(plainParams()),
    expected: { usage: 'provider' },
  },
  {
    name: 'parse that the SDK refuses',
    run: async ({ client }) =>
      failureOf(
        client.chat.completions.parse(
          plainParams({ response_format: jsonFormat }),
          behave('length'),
        ),
      ),
    // The provider has answered; that the helper does not like it is the application's matter.
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['length'])
        expect(attributes['gen_ai.output.type']).toBe('json')
      },
    },
  },
  {
    name: 'parse of a body cut off',
    run: async ({ client }) =>
      failureOf(client.chat.completions.parse(plainParams(), behave('break'))),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'tools',
    run: async ({ client }) =>
      client.chat.completions.create(plainParams({ tools: TOOLS }), behave('tool')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.output.messages']).toContain('"type":"tool_call"')
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['tool_calls'])
        expect(attributes['gen_ai.tool.definitions']).toBe(
          JSON.stringify(TOOLS.map(({ type, function: tool }) => ({ type, ...tool }))),
        )
      },
    },
  },
  {
    name: 'parallel tools',
    run: async ({ client }) =>
      client.chat.completions.create(plainParams({ tools: TOOLS }), behave('parallel-tools')),
    expected: { usage: 'provider' },
  },
  {
    name: 'runTools',
    run: async ({ client }) => {
      const asked: unknown[] = []
      const runner = client.chat.completions.runTools(
        {
          ...plainParams(),
          tools: [
            {
              type: 'function',
              function: {
                name: 'look_up_order',
                description: 'Finds an order',
                parameters: { type: 'object', properties: { id: { type: 'string' } } },
                parse: JSON.parse,
                function: (args: object) => {
                  asked.push(args)
                  return { found: true }
                },
              },
            },
          ],
        },
        { ...behave('tool'), maxChatCompletions: 2 },
      )
      const outcome = await failureOf(runner.done())
      return { asked, outcome, messages: runner.messages }
    },
    expected: { count: 2, usage: 'provider' },
  },
  {
    name: 'two choices',
    run: async ({ client }) => client.chat.completions.create(plainParams({ n: 2 })),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.request.choice.count']).toBe(2)
        expect(JSON.parse(String(attributes['gen_ai.output.messages']))).toHaveLength(2)
      },
    },
  },
  {
    name: 'temperature 0 and other parameters',
    run: async ({ client }) =>
      client.chat.completions.create(
        plainParams({
          temperature: 0,
          top_p: 0.5,
          seed: 0,
          max_completion_tokens: 300,
          stop: 'END',
        }),
      ),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes).toMatchObject({
          'gen_ai.request.temperature': 0,
          'gen_ai.request.top_p': 0.5,
          'gen_ai.request.seed': 0,
          'gen_ai.request.max_tokens': 300,
          'gen_ai.request.stop_sequences': ['END'],
        })
      },
    },
  },
  {
    name: 'a refusal',
    run: async ({ client }) => client.chat.completions.create(plainParams(), behave('refusal')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.output.messages']).toContain('"type":"refusal"'),
    },
  },
  {
    name: 'a content filter',
    run: async ({ client }) =>
      client.chat.completions.create(plainParams(), behave('content-filter')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['content_filter']),
    },
  },
  {
    name: 'a client made by withOptions',
    run: async ({ client }) => {
      const clone = client.withOptions({ maxRetries: 0 })
      return [shapeOf(clone), await clone.chat.completions.create(plainParams())]
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'embeddings',
    run: async ({ client }) =>
      client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }),
    expected: {
      usage: 'provider',
      check: ({ attributes, name }) => {
        expect(name).toBe('embeddings text-embedding-3-small')
        expect(attributes['sightline.kind']).toBe('embedding')
        expect(attributes['sightline.embeddings.count']).toBe(2)
        expect(attributes['gen_ai.embeddings.dimension.count']).toBeGreaterThan(1)
        expect(attributes['gen_ai.output.messages']).toBeUndefined()
      },
    },
  },
  {
    name: 'an embedding refused',
    run: async ({ client }) =>
      failureOf(client.embeddings.create({ model: 'text-embedding-3-small', input: [[1, 2]] })),
    expected: { errorType: '400' },
  },
  {
    name: 'a call that is none to a model',
    run: async ({ client }) => {
      const ids: string[] = []
      for await (const model of client.models.list()) ids.push(model.id)
      return ids
    },
    expected: { count: 0 },
  },
]
