import { expect } from 'vitest'
import { behave, failureOf, readAll, shapeOf, streamParams, TOOLS } from './sdk-cases.ts'
import type { SdkCase, Setting } from './sdk-cases.ts'
import type { ReceivedSpan } from './otlp-receiver.ts'

async function openHeld({ heldClient }: Setting) {
  return heldClient.chat.completions.create(streamParams())
}

function answerOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.output.messages']))
}

const oneTwo = [{ role: 'assistant', parts: [{ type: 'text', content: 'one two' }] }]

export const streamCases: SdkCase[] = [
  {
    name: 'a stream',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      return [shapeOf(stream), await readAll(stream)]
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
    name: 'a stream without usage',
    run: async ({ client }) => {
      const { stream_options: _, ...params } = streamParams()
      return readAll(await client.chat.completions.create(params))
    },
    expected: { state: 'complete', usage: 'absent' },
  },
  {
    name: 'a stream broken off',
    run: async (setting) => {
      const chunks = await readAll(await openHeld(setting), 3)
      await setting.held.closed()
      return chunks
    },
    expected: { state: 'abandoned', check: (span) => expect(answerOf(span)).toEqual(oneTwo) },
  },
  {
    name: 'a stream whose reader throws',
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
    name: 'a stream aborted by its controller',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const chunks: unknown[] = []
      for await (const chunk of stream) {
        chunks.push(chunk)
        if (chunks.length === 4) stream.controller.abort()
      }
      return chunks
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'a stream aborted by the signal passed',
    run: async ({ heldClient }) => {
      const controller = new AbortController()
      const stream = await heldClient.chat.completions.create(streamParams(), {
        signal: controller.signal,
      })
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
    name: 'a stream never read',
    run: async (setting) => shapeOf(await openHeld(setting)),
    expected: { state: 'unread' },
  },
  {
    name: 'a stream read by hand and dropped',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const iterator = stream[Symbol.asyncIterator]()
      return [await iterator.next(), await iterator.next()]
    },
    expected: { state: 'abandoned' },
  },
  {
    name: 'a stream read a second time',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      return [await readAll(stream), await failureOf(readAll(stream))]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'an error 429 of a stream',
    run: async ({ client }) =>
      failureOf(client.chat.completions.create(streamParams(), behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'an error in mid-stream',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams(), behave('error-event'))
      const chunks: unknown[] = []
      const read = async () => {
        for await (const chunk of stream) chunks.push(chunk)
      }
      return [await failureOf(read()), chunks]
    },
    expected: {
      state: 'error',
      errorType: 'APIError',
      check: (span) => expect(span.attributes['gen_ai.output.messages']).toContain('"type":"text"'),
    },
  },
  {
    name: 'a socket cut in mid-stream',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams(), behave('break'))
      const chunks: unknown[] = []
      const read = async () => {
        for await (const chunk of stream) chunks.push(chunk)
      }
      return [await failureOf(read()), chunks]
    },
    expected: { state: 'error', errorType: 'TypeError' },
  },
  {
    name: 'withResponse of a stream',
    run: async ({ client }) => {
      const { data, response } = await client.chat.completions.create(streamParams()).withResponse()
      return [await readAll(data), response.status, Object.fromEntries(response.headers)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'the stream helper and its events',
    run: async ({ client }) => {
      const { stream: _, ...params } = streamParams()
      const runner = client.chat.completions.stream(params)
      const events: unknown[] = []
      runner.on('connect', () => events.push('connect'))
      runner.on('content', (delta, snapshot) => events.push([delta, snapshot.length]))
      runner.on('finalContent', (content) => events.push(content))
      runner.on('end', () => events.push('end'))
      const completion = await runner.finalChatCompletion()
      return { events, completion, usage: await runner.totalUsage() }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'the stream helper iterated',
    run: async ({ client }) => {
      const { stream: _, ...params } = streamParams()
      return readAll(client.chat.completions.stream(params))
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'the stream helper aborted',
    run: async ({ heldClient }) => {
      const { stream: _, ...params } = streamParams()
      const runner = heldClient.chat.completions.stream(params)
      const seen: string[] = []
      runner.on('content', (delta) => {
        seen.push(delta)
        if (seen.length === 3) runner.abort()
      })
      return [await failureOf(runner.done()), seen, runner.aborted]
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'a stream teed',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      const [left, right] = stream.tee()
      return [await readAll(left, 2), await readAll(right)]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'a stream as a readable stream',
    run: async ({ client }) => {
      const stream = await client.chat.completions.create(streamParams())
      return new Response(stream.toReadableStream() as ReadableStream<Uint8Array>).text()
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'two choices streamed',
    run: async ({ client }) =>
      readAll(await client.chat.completions.create(streamParams({ n: 2 }))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => expect(answerOf(span)).toHaveLength(2),
    },
  },
  {
    name: 'tools streamed',
    run: async ({ client }) =>
      readAll(await client.chat.completions.create(streamParams({ tools: TOOLS }), behave('tool'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(span.attributes['gen_ai.output.messages']).toContain('"name":"look_up_order"'),
    },
  },
  {
    name: 'parallel tools streamed',
    run: async ({ client }) =>
      readAll(
        await client.chat.completions.create(
          streamParams({ tools: TOOLS }),
          behave('parallel-tools'),
        ),
      ),
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'a refusal streamed',
    run: async ({ client }) =>
      readAll(await client.chat.completions.create(streamParams(), behave('refusal'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(span.attributes['gen_ai.output.messages']).toContain('"type":"refusal"'),
    },
  },
  {
    name: 'streams side by side',
    run: async ({ client }) => {
      const read = async (content: string) =>
        readAll(
          await client.chat.completions.create(
            streamParams({ messages: [{ role: 'user', content }] }),
          ),
        )
      return Promise.all(['one', 'two', 'three'].map(read))
    },
    expected: { count: 3, state: 'complete', usage: 'provider' },
  },
  {
    name: 'a stream closed by hand after its first chunk',
    run: async (setting) => {
      const stream = await openHeld(setting)
      const iterator = stream[Symbol.asyncIterator]()
      return [await iterator.next(), await iterator.return?.(), stream.controller.signal.aborted]
    },
    expected: { state: 'abandoned' },
  },
]
