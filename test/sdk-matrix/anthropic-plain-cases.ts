import { expect } from 'vitest'
import {
  behave,
  messagesOf,
  plainParams,
  QUESTION,
  streamParams,
  TOOLS,
} from './anthropic-setting.ts'
import type { AnthropicSetting } from './anthropic-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { settle } from './run-case.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

/** A client whose `fetch` tells when an answer has arrived, without anybody having read it. */
function watchArrival({ clientOf }: AnthropicSetting) {
  const arrived = Promise.withResolvers<void>()
  const watched = clientOf({
    fetch: async (...args) => {
      const response = await fetch(...args)
      arrived.resolve()
      return response
    },
  })
  return { watched, arrived: arrived.promise }
}

/** As an application would ask for the client's own spans. */
const OWN_SPANS = { traces: { enabled: true, contentMode: 'content' }, propagation: true } as const

/** The cases of answers that come whole. */
export const plainCases: readonly MatrixCase<AnthropicSetting>[] = [
  {
    name: 'identity',
    group: 'more',
    run: async ({ clientOf, prepare }) => {
      const client = clientOf()
      return {
        isSame: prepare(client) === client,
        client: shapeOf(client),
        messages: shapeOf(client.messages),
        beta: shapeOf(client.beta.messages),
        openTelemetry: client.openTelemetry,
      }
    },
    expected: { count: 0 },
  },
  {
    name: 'plain',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.messages.create(plainParams({ system: 'Be brief.' }))
      const message = await promise
      return { promise: shapeOf(promise), message, id: message._request_id }
    },
    expected: {
      usage: 'provider',
      check: (span, { message, id }: { message: { id: string }; id: string }) => {
        expect(messagesOf(span, 'input')).toEqual([
          { role: 'user', parts: [{ type: 'text', content: QUESTION }] },
        ])
        expect(span.attributes).toMatchObject({
          'gen_ai.provider.name': 'anthropic',
          'gen_ai.response.id': message.id,
          'gen_ai.response.finish_reasons': ['end_turn'],
          'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
          'anthropic.request.id': id,
        })
        expect(span.name).toBe('chat claude-sonnet-5-5')
      },
    },
  },
  {
    name: 'await-twice',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.messages.create(plainParams())
      return [await promise, (await promise) === (await promise)]
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'await-late',
    group: 'more',
    run: async (setting) => {
      const { watched, arrived } = watchArrival(setting)
      const promise = watched.messages.create(plainParams())
      await arrived
      await settle()
      return await promise
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'never-awaited',
    group: 'more',
    run: async (setting) => {
      const { watched, arrived } = watchArrival(setting)
      void watched.messages.create(plainParams())
      await arrived
      await settle()
    },
    expected: { state: 'unread' },
  },
  {
    name: 'withResponse',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.messages.create(plainParams())
      return { answer: await promise.withResponse(), again: await promise }
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'asResponse',
    group: 'measured',
    run: async ({ client }) => {
      const response = await client.messages.create(plainParams()).asResponse()
      return { response, body: await response.json() }
    },
    expected: { state: 'unread' },
  },
  {
    name: 'error-400',
    group: 'measured',
    run: ({ client }) => failureOf(client.messages.create(plainParams({ messages: [] }))),
    expected: { errorType: '400' },
  },
  {
    name: 'error-429',
    group: 'more',
    run: ({ client }) => failureOf(client.messages.create(plainParams(), behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'error-529',
    group: 'measured',
    run: ({ client }) => failureOf(client.messages.create(plainParams(), behave('529'))),
    expected: {
      errorType: '529',
      check: ({ statusMessage }) => expect(statusMessage).toContain('Overloaded'),
    },
  },
  {
    name: 'error-529-unhandled',
    group: 'more',
    run: async ({ client }) => {
      void client.messages.create(plainParams(), behave('529'))
      await settle()
    },
    expected: { errorType: '529' },
  },
  {
    name: 'error-network',
    group: 'more',
    run: ({ deadClient }) => failureOf(deadClient.messages.create(plainParams())),
    expected: { errorType: 'APIConnectionError' },
  },
  {
    name: 'retry-529-200',
    group: 'measured',
    run: ({ clientOf }) =>
      clientOf({ maxRetries: 2 }).messages.create(plainParams(), behave('529-once')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['sightline.retry.count']).toBe(1),
    },
  },
  {
    name: 'timeout',
    group: 'more',
    run: ({ client }) =>
      failureOf(client.messages.create(plainParams(), { ...behave('timeout'), timeout: 50 })),
    expected: { errorType: 'APIConnectionTimeoutError' },
  },
  {
    name: 'abort-before',
    group: 'more',
    run: ({ client }) => {
      const controller = new AbortController()
      controller.abort()
      return failureOf(client.messages.create(plainParams(), { signal: controller.signal }))
    },
    expected: { errorType: 'APIUserAbortError' },
  },
  {
    name: 'invalid-options',
    group: 'more',
    run: ({ client }) => failureOf(client.messages.create(plainParams(), { maxRetries: -1 })),
    expected: { errorType: 'AnthropicError' },
  },
  {
    name: 'with-options',
    group: 'more',
    run: async ({ client }) => {
      const clone = client.withOptions({ timeout: 5_000 })
      const cloneOfClone = clone.withOptions({ maxRetries: 1 })
      return {
        shape: shapeOf(clone),
        timeout: cloneOfClone.timeout,
        message: await cloneOfClone.messages.create(plainParams()),
      }
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'count-tokens',
    group: 'more',
    run: async ({ client }) => {
      const { max_tokens: _, ...params } = plainParams()
      return [
        await client.messages.countTokens(params),
        await client.beta.messages.countTokens(params),
      ]
    },
    expected: { count: 0 },
  },
  {
    name: 'models-list',
    group: 'more',
    run: async ({ client }) => (await client.models.list()).data,
    expected: { count: 0 },
  },
  {
    name: 'embeddings',
    group: 'more',
    reason: 'Anthropic has no embeddings.',
  },
  {
    name: 'concurrent',
    group: 'more',
    run: async ({ client, sdk }) => {
      const ask = (user: string) =>
        sdk.withContext({ user }, () =>
          client.messages.create(plainParams({ messages: [{ role: 'user', content: user }] })),
        )
      return await Promise.all(['ann', 'bob', 'cid'].map(ask))
    },
    expected: {
      count: 3,
      usage: 'provider',
      check: (span) => {
        const asked = messagesOf(span, 'input')[0]?.parts[0]?.['content']
        expect(span.attributes['user.id']).toBe(asked)
      },
    },
  },
  {
    name: 'messages-changed-afterwards',
    group: 'more',
    run: async ({ client }) => {
      const params = plainParams({ tools: TOOLS.map((tool) => ({ ...tool })) })
      const promise = client.messages.create(params, behave('text'))
      // The client reads the body a turn later, so what is asked changes with it, bare as well.
      await settle()
      params.messages.push({ role: 'assistant', content: 'later' })
      return await promise
    },
    expected: {
      usage: 'provider',
      check: (span) => expect(messagesOf(span, 'input')).toHaveLength(1),
    },
  },
  {
    name: 'client-own-spans-on',
    group: 'measured',
    run: async ({ clientOf }) => {
      const client = clientOf({ openTelemetry: OWN_SPANS })
      const { messages, model } = plainParams()
      return [
        await client.messages.create(plainParams()),
        await client.withOptions({ maxRetries: 1 }).messages.create(plainParams()),
        await client.messages.countTokens({ model, messages }),
      ]
    },
    expected: {
      count: 2,
      usage: 'provider',
      check: ({ scope }) => expect(scope.name).toBe('sightline'),
    },
  },
  {
    name: 'client-own-spans-on-stream',
    group: 'more',
    run: async ({ clientOf }) => {
      const client = clientOf({ openTelemetry: OWN_SPANS })
      return [
        await readAll(await client.messages.create(streamParams())),
        await client.messages.stream(plainParams()).finalMessage(),
      ]
    },
    expected: {
      count: 2,
      state: 'complete',
      usage: 'provider',
      check: ({ scope }) => expect(scope.name).toBe('sightline'),
    },
  },
]
