import type { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import { expect } from 'vitest'
import {
  behave,
  messagesOf,
  partsOf,
  plainParams,
  SCHEMA,
  streamParams,
  textIn,
  TOOLS,
} from './anthropic-setting.ts'
import type { AnthropicSetting } from './anthropic-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { settle } from './run-case.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

const HELD_DELTAS = 5

/** Everything a stream gives, and the error that reading it ends in. */
async function readToFailure(stream: AsyncIterable<unknown>): Promise<unknown> {
  const events: unknown[] = []
  try {
    for await (const event of stream) events.push(event)
    return { events }
  } catch (error) {
    return { events, error }
  }
}

/** The order in which a helper's events come, with what they bring. */
function watchEvents(helper: MessageStream<unknown>): unknown[] {
  const seen: unknown[] = []
  helper.on('connect', () => seen.push('connect'))
  helper.on('streamEvent', ({ type }) => seen.push(['streamEvent', type]))
  helper.on('text', (text) => seen.push(['text', text]))
  helper.on('inputJson', (json) => seen.push(['inputJson', json]))
  helper.on('contentBlock', ({ type }) => seen.push(['contentBlock', type]))
  helper.on('message', ({ id }) => seen.push(['message', id]))
  helper.on('finalMessage', ({ id }) => seen.push(['finalMessage', id]))
  helper.on('error', (error) => seen.push(['error', error]))
  helper.on('abort', (error) => seen.push(['abort', error]))
  helper.on('end', () => seen.push('end'))
  return seen
}

/** The cases of answers that are streamed, and of the helpers that stream. */
export const streamCases: readonly MatrixCase<AnthropicSetting>[] = [
  {
    name: 'stream',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.messages.create(streamParams())
      const stream = await promise
      return { promise: shapeOf(promise), stream: shapeOf(stream), events: await readAll(stream) }
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (
        span,
        { events }: { events: { type: string; usage?: { output_tokens: number } }[] },
      ) => {
        const told = events.find(({ type }) => type === 'message_delta')?.usage?.output_tokens
        expect(span.attributes['gen_ai.usage.output_tokens']).toBe(told)
        expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['end_turn'])
        expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
        expect(textIn(span)).not.toBe('')
      },
    },
  },
  {
    name: 'stream-broken-off',
    group: 'measured',
    run: async ({ heldClient, held }) => {
      const stream = await heldClient.messages.create(streamParams())
      const events = await readAll(stream, HELD_DELTAS)
      await held.closed()
      return events
    },
    expected: {
      state: 'abandoned',
      usage: 'provider',
      check: (span) => {
        expect(textIn(span)).toBe('one two three')
        expect(span.attributes['gen_ai.usage.output_tokens']).toBeUndefined()
      },
    },
  },
  {
    name: 'stream-aborted',
    group: 'measured',
    run: async ({ heldClient, held }) => {
      const stream = await heldClient.messages.create(streamParams())
      const events: unknown[] = []
      for await (const event of stream) {
        events.push(event)
        if (events.length === HELD_DELTAS) stream.controller.abort()
      }
      await held.closed()
      return events
    },
    expected: {
      state: 'aborted',
      usage: 'provider',
      check: (span) => expect(textIn(span)).toBe('one two three'),
    },
  },
  {
    name: 'stream-never-read',
    group: 'measured',
    run: async ({ heldClient }) => {
      const stream = await heldClient.messages.create(streamParams())
      await settle()
      return shapeOf(stream)
    },
    expected: { state: 'unread' },
  },
  {
    name: 'error-429-stream',
    group: 'more',
    run: ({ client }) => failureOf(client.messages.create(streamParams(), behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'error-mid-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readToFailure(await client.messages.create(streamParams(), behave('error-event'))),
    expected: {
      state: 'error',
      errorType: 'APIError',
      usage: 'provider',
      check: (span) => {
        expect(textIn(span)).not.toBe('')
        expect(span.statusMessage).toContain('overloaded_error')
      },
    },
  },
  {
    name: 'socket-cut-mid-stream',
    group: 'more',
    run: async ({ client }) =>
      await readToFailure(await client.messages.create(streamParams(), behave('break'))),
    expected: {
      state: 'error',
      errorType: 'TypeError',
      usage: 'provider',
      check: (span) => expect(textIn(span)).not.toBe(''),
    },
  },
  {
    name: 'withResponse-stream',
    group: 'more',
    run: async ({ client }) => {
      const {
        data,
        response,
        request_id: id,
      } = await client.messages.create(streamParams()).withResponse()
      return { stream: shapeOf(data), response, id, events: await readAll(data) }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'asResponse-stream',
    group: 'more',
    run: async ({ client }) => {
      const response = await client.messages.create(streamParams()).asResponse()
      return { response, body: await response.text() }
    },
    expected: { state: 'unread' },
  },
  {
    name: 'tee',
    group: 'more',
    run: async ({ client }) => {
      const [left, right] = (await client.messages.create(streamParams())).tee()
      return {
        shapes: [left, right].map(shapeOf),
        left: await readAll(left),
        right: await readAll(right),
      }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'toReadableStream',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.messages.create(streamParams())
      return await new Response(stream.toReadableStream()).text()
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'read-twice',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.messages.create(streamParams())
      return [await readAll(stream), await readToFailure(stream)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'tools-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(await client.messages.create(streamParams({ tools: TOOLS }), behave('tool'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        const call = partsOf(span).at(-1)
        expect(call).toMatchObject({ type: 'tool_call', name: 'look_up_order' })
        expect(call?.['arguments']).toBeTypeOf('object')
      },
    },
  },
  {
    name: 'tools-parallel-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(
        await client.messages.create(streamParams({ tools: TOOLS }), behave('parallel-tools')),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(partsOf(span).filter(({ type }) => type === 'tool_call')).toHaveLength(2),
    },
  },
  {
    name: 'server-tools-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(
        await client.messages.create(
          streamParams({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
        ),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(partsOf(span)).toMatchObject([
          {
            type: 'server_tool_call',
            server_tool_call: { type: 'web_search', query: 'shipping times' },
          },
          { type: 'server_tool_call_response', server_tool_call_response: { type: 'web_search' } },
          { type: 'text' },
        ]),
    },
  },
  {
    name: 'thinking-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(
        await client.messages.create(
          streamParams({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
        ),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(partsOf(span).map(({ type }) => type)).toEqual(['reasoning', 'text'])
        expect(String(partsOf(span)[0]?.['content'])).toContain('The customer asks')
        expect(span.attributes['gen_ai.usage.reasoning.output_tokens']).toBeGreaterThan(0)
      },
    },
  },
  {
    name: 'refusal-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.messages.create(streamParams(), behave('refusal'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['refusal'])
        expect(partsOf(span)).toMatchObject([{ type: 'refusal' }])
      },
    },
  },
  {
    name: 'beta-messages-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.beta.messages.create({ ...plainParams(), stream: true })),
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'concurrent-streams',
    group: 'more',
    run: async ({ client, sdk }) => {
      const ask = (user: string) =>
        sdk.withContext({ user }, async () =>
          readAll(
            await client.messages.create(
              streamParams({ messages: [{ role: 'user', content: user }] }),
            ),
          ),
        )
      return await Promise.all(['ann', 'bob', 'cid'].map(ask))
    },
    expected: {
      count: 3,
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        const asked = messagesOf(span, 'input')[0]?.parts[0]?.['content']
        expect(span.attributes['user.id']).toBe(asked)
      },
    },
  },
  {
    name: 'async-generator-keeps-parent',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'agent' }, async function* () {
        yield* await client.messages.create(streamParams())
        yield await client.messages.stream(plainParams()).finalText()
      })
      return await readAll(answer())
    },
    expected: {
      count: 2,
      others: 1,
      state: 'complete',
      usage: 'provider',
      checkAll: (spans) => {
        const agent = spans.find(({ name }) => name.includes('answer'))
        const calls = spans.filter((span) => span !== agent)
        expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual(
          calls.map(() => agent?.spanId),
        )
      },
    },
  },
  {
    name: 'stream-helper',
    group: 'measured',
    run: async ({ client }) => {
      const helper = client.messages.stream(plainParams())
      const events = watchEvents(helper)
      const message = await helper.finalMessage()
      return { helper: shapeOf(helper), events, message, id: helper.request_id }
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span, { message }: { message: { content: { text: string }[] } }) =>
        expect(textIn(span)).toBe(message.content[0]?.text),
    },
  },
  {
    name: 'stream-helper-iterate',
    group: 'measured',
    run: async ({ client }) => {
      const helper = client.messages.stream(plainParams({ tools: TOOLS }), behave('tool'))
      return { events: await readAll(helper), message: await helper.finalMessage() }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-helper-abort',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const helper = heldClient.messages.stream(plainParams())
      const events = watchEvents(helper)
      helper.on('text', (_, soFar) => {
        if (soFar.endsWith('three')) helper.abort()
      })
      const failure = await failureOf(helper.done())
      await held.closed()
      return { events, failure }
    },
    expected: {
      state: 'aborted',
      usage: 'provider',
      check: (span) => expect(textIn(span)).toBe('one two three'),
    },
  },
  {
    name: 'stream-helper-break',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const events = await readAll(heldClient.messages.stream(plainParams()), HELD_DELTAS)
      await held.closed()
      return events
    },
    expected: { state: 'aborted', usage: 'provider' },
  },
  {
    name: 'stream-helper-withResponse',
    group: 'more',
    run: async ({ client }) => {
      const {
        data,
        response,
        request_id: id,
      } = await client.messages.stream(plainParams()).withResponse()
      return { response, id, text: await data.finalText() }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-helper-toReadableStream',
    group: 'more',
    run: async ({ client }) =>
      await new Response(client.messages.stream(plainParams()).toReadableStream()).text(),
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-helper-parse',
    group: 'more',
    run: async ({ client }) => {
      const helper = client.messages.stream(
        plainParams({ output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
      )
      return (await helper.finalMessage()).parsed_output
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'error-mid-stream-helper',
    group: 'measured',
    run: async ({ client }) => {
      const helper = client.messages.stream(plainParams(), behave('error-event'))
      const events = watchEvents(helper)
      return { failure: await failureOf(helper.finalMessage()), events }
    },
    expected: { state: 'error', errorType: 'APIError', usage: 'provider' },
  },
  {
    name: 'error-529-helper',
    group: 'more',
    run: async ({ client }) => {
      const helper = client.messages.stream(plainParams(), behave('529'))
      const events = watchEvents(helper)
      return { failure: await failureOf(helper.finalMessage()), events }
    },
    expected: { errorType: '529' },
  },
]
