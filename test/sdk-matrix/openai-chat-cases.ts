import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, plainParams, QUESTION, streamParams, TOOLS } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { settle } from './run-case.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

/** A client whose `fetch` tells when an answer has arrived, without anybody having read it. */
export function watchArrival({ client }: OpenAISetting) {
  const arrived = Promise.withResolvers<void>()
  const watched = client.withOptions({
    fetch: async (...args) => {
      const response = await fetch(...args)
      arrived.resolve()
      return response
    },
  })
  return { watched, arrived: arrived.promise }
}

/** Plain chat completions, as the rivals were measured by. */
export const chatCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'identity',
    group: 'measured',
    run: async ({ clientOf, prepare }) => {
      const client = clientOf()
      return {
        isSame: prepare(client) === client,
        client: shapeOf(client),
        completions: shapeOf(client.chat.completions),
        embeddings: shapeOf(client.embeddings),
        responses: shapeOf(client.responses),
        images: shapeOf(client.images),
        speech: shapeOf(client.audio.speech),
        create: [client.chat.completions.create.name, client.chat.completions.create.length],
        withOptions: [client.withOptions.name, client.withOptions.length],
      }
    },
    expected: { count: 0 },
  },
  {
    name: 'plain',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(plainParams())
      const completion = await promise
      return { promise: shapeOf(promise), completion, id: completion._request_id }
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
    name: 'await-twice',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(plainParams())
      return [await promise, (await promise) === (await promise)]
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'await-late',
    group: 'measured',
    run: async (setting) => {
      const { watched, arrived } = watchArrival(setting)
      const promise = watched.chat.completions.create(plainParams())
      await arrived
      await settle()
      return await promise
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'never-awaited',
    group: 'measured',
    run: async (setting) => {
      const { watched, arrived } = watchArrival(setting)
      void watched.chat.completions.create(plainParams())
      await arrived
      await settle()
    },
    expected: { state: 'unread' },
  },
  {
    name: 'abort-before',
    group: 'measured',
    run: async ({ client }) => {
      const controller = new AbortController()
      const promise = client.chat.completions.create(plainParams(), { signal: controller.signal })
      controller.abort()
      return await failureOf(promise)
    },
    expected: { errorType: 'APIUserAbortError' },
  },
  {
    name: 'error-400',
    group: 'measured',
    run: async ({ client }) =>
      await failureOf(client.chat.completions.create(plainParams({ messages: [] }))),
    expected: { errorType: '400' },
  },
  {
    name: 'error-429',
    group: 'measured',
    run: async ({ client }) =>
      await failureOf(client.chat.completions.create(plainParams(), behave('429'))),
    expected: {
      errorType: '429',
      check: ({ statusMessage }) => expect(statusMessage).toMatch(/^429/),
    },
  },
  {
    name: 'error-429-stream',
    group: 'measured',
    run: async ({ client }) =>
      await failureOf(client.chat.completions.create(streamParams(), behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'error-network',
    group: 'measured',
    run: async ({ deadClient }) =>
      await failureOf(deadClient.chat.completions.create(plainParams())),
    expected: { errorType: 'APIConnectionError' },
  },
  {
    name: 'retry-429-200',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(plainParams(), {
        ...behave('429-once'),
        maxRetries: 1,
      }),
    expected: {
      usage: 'provider',
      check: ({ attributes, events }) => {
        expect(attributes['sightline.retry.count']).toBe(1)
        expect(events).toEqual(['retry'])
      },
    },
  },
  {
    name: 'timeout',
    group: 'measured',
    run: async ({ client }) =>
      await failureOf(
        client.chat.completions.create(plainParams(), { ...behave('timeout'), timeout: 40 }),
      ),
    expected: { errorType: 'APIConnectionTimeoutError' },
  },
  {
    name: 'withResponse',
    group: 'measured',
    run: async ({ client }) => await client.chat.completions.create(plainParams()).withResponse(),
    expected: { usage: 'provider' },
  },
  {
    name: 'asResponse',
    group: 'measured',
    run: async ({ client }) => {
      const response = await client.chat.completions.create(plainParams()).asResponse()
      return [response, await response.text()]
    },
    expected: { state: 'unread' },
  },
  {
    name: 'parse',
    group: 'measured',
    run: async ({ client }) => await client.chat.completions.parse(plainParams()),
    expected: { usage: 'provider' },
  },
  {
    name: 'runTools',
    group: 'measured',
    run: async ({ client }) => {
      const asked: unknown[] = []
      const tool = {
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
      } as const
      const runner = client.chat.completions.runTools(
        { ...plainParams(), tools: [tool] },
        { ...behave('tool'), maxChatCompletions: 2 },
      )
      const outcome = await failureOf(runner.done())
      return { asked, outcome, messages: runner.messages }
    },
    expected: { count: 2, usage: 'provider' },
  },
  {
    name: 'n-2',
    group: 'measured',
    run: async ({ client }) => await client.chat.completions.create(plainParams({ n: 2 })),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.request.choice.count']).toBe(2)
        expect(answerOf(span)).toHaveLength(2)
      },
    },
  },
  {
    name: 'temperature-0',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(
        plainParams({ temperature: 0, top_p: 0, seed: 0, max_completion_tokens: 300, stop: 'END' }),
      ),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes).toMatchObject({
          'gen_ai.request.temperature': 0,
          'gen_ai.request.top_p': 0,
          'gen_ai.request.seed': 0,
          'gen_ai.request.max_tokens': 300,
          'gen_ai.request.stop_sequences': ['END'],
        })
      },
    },
  },
  {
    name: 'tools',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(plainParams({ tools: TOOLS }), behave('tool')),
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
    name: 'tools-parallel',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(plainParams({ tools: TOOLS }), behave('parallel-tools')),
    expected: {
      usage: 'provider',
      check: (span) =>
        expect(JSON.stringify(answerOf(span)).match(/"type":"tool_call"/g)).toHaveLength(2),
    },
  },
  {
    name: 'refusal',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(plainParams(), behave('refusal')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.output.messages']).toContain('"type":"refusal"'),
    },
  },
  {
    name: 'content-filter',
    group: 'measured',
    run: async ({ client }) =>
      await client.chat.completions.create(plainParams(), behave('content-filter')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['content_filter']),
    },
  },
  {
    name: 'with-options',
    group: 'measured',
    run: async ({ client }) => {
      const clone = client.withOptions({ maxRetries: 0 })
      const again = clone.withOptions({ defaultHeaders: { 'x-team': 'support' } })
      return [
        shapeOf(clone),
        await clone.chat.completions.create(plainParams()),
        await again.chat.completions.create(plainParams()),
      ]
    },
    expected: { count: 2, usage: 'provider' },
  },
  {
    name: 'embeddings',
    group: 'measured',
    run: async ({ client }) =>
      await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }),
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
    name: 'embeddings-error',
    group: 'measured',
    run: async ({ client }) =>
      await failureOf(
        client.embeddings.create({ model: 'text-embedding-3-small', input: [[1, 2]] }),
      ),
    expected: { errorType: '400' },
  },
  {
    name: 'models-list',
    group: 'measured',
    run: async ({ client }) => {
      const page = client.models.list()
      return [shapeOf(page), await readAll(page)]
    },
    expected: { count: 0 },
  },
  {
    name: 'concurrent',
    group: 'measured',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'agent' }, async (user: string) => {
        const messages = [{ role: 'user' as const, content: `I am ${user}.` }]
        return await client.chat.completions.create(plainParams({ messages }))
      })
      const users = ['ada', 'ben', 'cleo', 'dan']
      return await Promise.all(
        users.map((user) =>
          sdk.withContext({ user, session: `s-${user}`, tags: [user] }, () => answer(user)),
        ),
      )
    },
    expected: {
      count: 4,
      others: 4,
      usage: 'provider',
      checkAll: (spans) => {
        for (const user of ['ada', 'ben', 'cleo', 'dan']) {
          const own = spans.filter(({ attributes }) => attributes['user.id'] === user)
          const agent = own.find(({ attributes }) => attributes['sightline.kind'] === 'agent')
          const call = own.find(({ attributes }) => attributes['sightline.kind'] === 'llm')
          expect(own).toHaveLength(2)
          expect(call?.parentSpanId).toBe(agent?.spanId)
          expect(call?.traceId).toBe(agent?.traceId)
          expect(call?.attributes['gen_ai.input.messages']).toContain(`I am ${user}.`)
          expect(call?.attributes).toMatchObject({
            'session.id': `s-${user}`,
            'gen_ai.conversation.id': `s-${user}`,
            'sightline.tags': [user],
          })
        }
      },
    },
  },
]
