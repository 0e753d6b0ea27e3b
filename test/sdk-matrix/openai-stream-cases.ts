import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, helperParams, openHeld, streamParams, TOOLS } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

const ONE_TWO = [{ role: 'assistant', parts: [{ type: 'text', content: 'one two' }] }]

/** Reads a stream to the end or to its failure; what came before it is the application's either way. */
export async function readToFailure(stream: AsyncIterable<unknown>): Promise<unknown> {
  const items: unknown[] = []
  const outcome = await failureOf(
    (async () => {
      for await (const item of stream) items.push(item)
    })(),
  )
  return { items, outcome }
}

/** Streamed chat completions, as the rivals were measured by. */
export const streamCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'stream',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.chat.completions.create(streamParams())
      const stream = await promise
      return [shapeOf(promise), shapeOf(stream), await readAll(stream)]
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.request.stream']).toBe(true)
        expect(attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['stop'])
      },
    },
  },
  {
    name: 'stream-no-usage',
    group: 'measured',
    run: async ({ client }) => {
      const { stream_options: _, ...params } = streamParams()
      return await readAll(await client.chat.completions.create(params))
    },
    expected: { state: 'complete', usage: 'absent' },
  },
  {
    name: 'stream-broken-off',
    group: 'measured',
    run: async (setting) => {
      const chunks = await readAll(await openHeld(setting), 3)
      await setting.held.closed()
      return chunks
    },
    expected: { state: 'abandoned', check: (span) => expect(answerOf(span)).toEqual(ONE_TWO) },
  },
  {
    name: 'stream-aborted',
    group: 'measured',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const chunks: unknown[] = []
      for await (const chunk of stream) {
        chunks.push(chunk)
        if (chunks.length === 4) stream.controller.abort()
      }
      await setting.held.closed()
      return chunks
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'stream-never-read',
    group: 'measured',
    run: async (setting) => shapeOf(await openHeld(setting)),
    expected: { state: 'unread' },
  },
  {
    name: 'error-mid-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readToFailure(
        await client.chat.completions.create(streamParams(), behave('error-event')),
      ),
    expected: {
      state: 'error',
      errorType: 'APIError',
      check: (span) => expect(span.attributes['gen_ai.output.messages']).toContain('"type":"text"'),
    },
  },
  {
    name: 'socket-cut-mid-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readToFailure(await client.chat.completions.create(streamParams(), behave('break'))),
    expected: {
      state: 'error',
      errorType: 'TypeError',
      check: (span) => expect(span.attributes['gen_ai.output.messages']).toContain('"type":"text"'),
    },
  },
  {
    name: 'withResponse-stream',
    group: 'measured',
    run: async ({ client }) => {
      const { data, response } = await client.chat.completions.create(streamParams()).withResponse()
      return [response, shapeOf(data), await readAll(data)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'asResponse-stream',
    group: 'measured',
    run: async ({ client }) => {
      const response = await client.chat.completions.create(streamParams()).asResponse()
      return [response, await response.text()]
    },
    expected: { state: 'unread' },
  },
  {
    name: 'stream-helper',
    group: 'measured',
    run: async ({ client }) => {
      const runner = client.chat.completions.stream(helperParams())
      const events: unknown[] = []
      runner.on('connect', () => events.push('connect'))
      runner.on('content', (delta, text) => events.push([delta, text.length]))
      runner.on('finalContent', (content) => events.push(content))
      runner.on('end', () => events.push('end'))
      const completion = await runner.finalChatCompletion()
      return { runner: shapeOf(runner), events, completion, usage: await runner.totalUsage() }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-helper-iterate',
    group: 'measured',
    run: async ({ client }) => {
      const runner = client.chat.completions.stream(helperParams())
      return [await readAll(runner), await runner.finalChatCompletion()]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'stream-helper-abort',
    group: 'measured',
    run: async ({ heldClient, held }) => {
      const runner = heldClient.chat.completions.stream(helperParams())
      const seen: string[] = []
      runner.on('content', (delta) => {
        seen.push(delta)
        if (seen.length === 3) runner.abort()
      })
      const outcome = await failureOf(runner.done())
      await held.closed()
      return [outcome, seen, runner.aborted]
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'tee',
    group: 'measured',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      const [left, right] = stream.tee()
      return [shapeOf(left), await readAll(left, 2), await readAll(right)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'toReadableStream',
    group: 'measured',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      return await new Response(stream.toReadableStream() as ReadableStream<Uint8Array>).text()
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'n-2-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(await client.chat.completions.create(streamParams({ n: 2 }))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => expect(answerOf(span)).toHaveLength(2),
    },
  },
  {
    name: 'tools-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(
        await client.chat.completions.create(streamParams({ tools: TOOLS }), behave('tool')),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.output.messages']).toContain('"name":"look_up_order"')
        expect(JSON.stringify(answerOf(span))).toMatch(/"arguments":\{"id":"[^"]+"\}/)
      },
    },
  },
  {
    name: 'tools-parallel-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(
        await client.chat.completions.create(
          streamParams({ tools: TOOLS }),
          behave('parallel-tools'),
        ),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(JSON.stringify(answerOf(span)).match(/"arguments":\{/g)).toHaveLength(2),
    },
  },
  {
    name: 'refusal-stream',
    group: 'measured',
    run: async ({ client }) =>
      await readAll(await client.chat.completions.create(streamParams(), behave('refusal'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(span.attributes['gen_ai.output.messages']).toContain('"type":"refusal"'),
    },
  },
  {
    name: 'concurrent-streams',
    group: 'measured',
    run: async ({ client, sdk }) => {
      const read = async (content: string) => {
        const messages = [{ role: 'user' as const, content }]
        return await readAll(await client.chat.completions.create(streamParams({ messages })))
      }
      const words = ['one', 'two', 'three']
      return await Promise.all(
        words.map((word) => sdk.withContext({ user: word }, () => read(word))),
      )
    },
    expected: {
      count: 3,
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.input.messages']).toContain(String(attributes['user.id'])),
    },
  },
]
