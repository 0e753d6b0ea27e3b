import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, OPENAI_6, openHeld, streamParams } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { readToFailure } from './openai-stream-cases.ts'
import { failureOf, readAll } from './snapshot.ts'

/** Streamed chat completions beyond what the rivals were measured by. */
export const moreStreamCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'stream-reader-throws',
    group: 'more',
    run: async (setting) => {
      const stream = await openHeld(setting)
      let seen = 0
      async function read() {
        for await (const _ of stream) {
          seen += 1
          if (seen === 2) throw new RangeError('the reader has had enough')
        }
      }
      return [await failureOf(read()), seen, stream.controller.signal.aborted]
    },
    expected: { state: 'abandoned' },
  },
  {
    name: 'stream-aborted-by-signal',
    group: 'more',
    run: async ({ heldClient }) => {
      const controller = new AbortController()
      const { signal } = controller
      const stream = await heldClient.chat.completions.create(streamParams(), { signal })
      const chunks: unknown[] = []
      const read = async () => {
        for await (const chunk of stream) {
          chunks.push(chunk)
          if (chunks.length === 4) controller.abort()
        }
      }
      return [await failureOf(read()), chunks]
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'stream-timeout-before-headers',
    group: 'more',
    run: async ({ client }) =>
      await failureOf(
        client.chat.completions.create(streamParams(), { ...behave('timeout'), timeout: 40 }),
      ),
    expected: { errorType: 'APIConnectionTimeoutError' },
  },
  {
    name: 'stream-read-by-hand-and-dropped',
    group: 'more',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const iterator = stream[Symbol.asyncIterator]()
      return [await iterator.next(), await iterator.next()]
    },
    expected: { state: 'abandoned' },
  },
  {
    name: 'stream-closed-by-hand',
    group: 'more',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const iterator = stream[Symbol.asyncIterator]()
      return [await iterator.next(), await iterator.return?.(), stream.controller.signal.aborted]
    },
    expected: { state: 'abandoned' },
  },
  {
    name: 'stream-thrown-into',
    group: 'more',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const iterator = stream[Symbol.asyncIterator]()
      const first = await iterator.next()
      const thrown = iterator.throw?.(new RangeError('no more')) ?? Promise.resolve()
      return [first, await failureOf(thrown), await iterator.next()]
    },
    expected: { state: 'abandoned' },
  },
  {
    name: 'stream-asked-ahead',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      const iterator = stream[Symbol.asyncIterator]()
      // Several steps are asked for before the first is answered.
      const first = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
      const rest: unknown[] = []
      for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
        rest.push(step.value)
      }
      return [first, rest]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-read-twice',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      return [await readAll(stream), await failureOf(readAll(stream))]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-awaited-twice',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(streamParams())
      return [(await promise) === (await promise), await readAll(await promise)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'tee-both-branches-dropped',
    group: 'more',
    run: async (setting) => {
      const [left, right] = (await openHeld(setting)).tee()
      return [await readAll(left, 2), await readAll(right, 3)]
    },
    // Whoever drops the last branch aborts the request, which from outside is an abort.
    expected: { state: 'aborted' },
    expectedOn: { [OPENAI_6]: { state: 'abandoned' } },
  },
  {
    name: 'order-of-events',
    group: 'more',
    run: async ({ client }) => {
      const order: string[] = []
      const turns = (async () => {
        for (let turn = 0; turn < 40; turn++) {
          order.push(`turn ${turn}`)
          await Promise.resolve()
        }
      })()
      const promise = client.chat.completions.create(streamParams())
      order.push('called')
      await turns
      const stream = await promise
      order.push('stream')
      for await (const _ of stream) {
        order.push('chunk')
        queueMicrotask(() => order.push('microtask'))
        await Promise.resolve()
      }
      return order
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-length',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.chat.completions.create(streamParams(), behave('length'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['length']),
    },
  },
  {
    name: 'stream-content-filter',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.chat.completions.create(streamParams(), behave('content-filter'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['content_filter']),
    },
  },
  {
    name: 'stream-under-observed-generator',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'agent' }, async function* () {
        for await (const chunk of await client.chat.completions.create(streamParams())) {
          yield chunk.choices[0]?.delta.content ?? ''
        }
      })
      return await readAll(answer())
    },
    expected: {
      others: 1,
      state: 'complete',
      usage: 'provider',
      checkAll: (spans) => {
        const agent = spans.find(({ attributes }) => attributes['sightline.kind'] === 'agent')
        const call = spans.find(({ name }) => name.startsWith('chat'))
        expect(call?.parentSpanId).toBe(agent?.spanId)
      },
    },
  },
  {
    name: 'force-stream-usage',
    group: 'more',
    run: async ({ clientOf, isWrapped, wrapOptions }) => {
      // What the option asks for is what the bare run says itself.
      wrapOptions.current = { forceStreamUsage: true }
      const client = clientOf()
      const { stream_options: _, ...withoutUsage } = streamParams()
      const params = isWrapped ? withoutUsage : streamParams()
      return await readToFailure(await client.chat.completions.create(params))
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'session-and-user-of-the-client',
    group: 'more',
    run: async ({ clientOf, wrapOptions, sdk }) => {
      wrapOptions.current = { session: 'client-session', user: 'client-user', provider: 'vllm' }
      const client = clientOf()
      return await sdk.withContext(
        { user: 'context-user' },
        async () => await readAll(await client.chat.completions.create(streamParams())),
      )
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(answerOf(span)).toHaveLength(1)
        expect(span.attributes).toMatchObject({
          'session.id': 'client-session',
          'user.id': 'context-user',
          'gen_ai.provider.name': 'vllm',
        })
      },
    },
  },
]
