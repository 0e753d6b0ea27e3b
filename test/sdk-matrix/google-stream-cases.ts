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
} from './google-setting.ts'
import type { GoogleSetting } from './google-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

export const googleStreamCases: readonly MatrixCase<GoogleSetting>[] = [
  {
    name: 'streamed to the end',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.models.generateContentStream(asking())
      const isItself = stream[Symbol.asyncIterator]() === stream
      return { stream: shapeOf(stream), isItself, chunks: await readAll(stream) }
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span, { chunks }: { chunks: { text?: string; usageMetadata: object }[] }) => {
        const text = chunks.map((chunk) => chunk.text ?? '').join('')
        expect(answerOf(span)).toEqual([
          { role: 'assistant', parts: [{ type: 'text', content: text }], finish_reason: 'STOP' },
        ])
        const last = chunks.at(-1)?.usageMetadata as Record<string, number>
        expect(span.attributes['gen_ai.usage.output_tokens']).toBe(
          (last['candidatesTokenCount'] ?? 0) + (last['thoughtsTokenCount'] ?? 0),
        )
        expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
      },
    },
  },
  {
    name: 'broken off by the application',
    group: 'more',
    run: async ({ client }) => readAll(await client.models.generateContentStream(asking()), 2),
    expected: {
      state: 'abandoned',
      usage: 'provider',
      check: (span, chunks: { text: string }[]) =>
        expect(answerOf(span)).toEqual([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: chunks.map(({ text }) => text).join('') }],
          },
        ]),
    },
  },
  {
    name: 'return() and throw() on the generator',
    group: 'more',
    run: async ({ client }) => {
      const returned = await client.models.generateContentStream(asking())
      const first = await returned.next()
      const closed = await returned.return('closed')
      const thrown = await client.models.generateContentStream(asking())
      await thrown.next()
      const raised = await failureOf(thrown.throw(new RangeError('enough')))
      return [first, closed, await returned.next(), raised, await thrown.next()]
    },
    expected: { count: 2, state: 'abandoned', usage: 'provider' },
  },
  {
    name: 'never read',
    group: 'more',
    run: async ({ client }) => shapeOf(await client.models.generateContentStream(asking())),
    expected: { state: 'unread' },
  },
  {
    name: 'aborted in mid-stream',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const controller = new AbortController()
      const config = { abortSignal: controller.signal }
      const stream = await heldClient.models.generateContentStream(asking(config))
      const chunks = [await stream.next(), await stream.next()]
      const next = stream.next().then(
        async () => stream.next(),
        (error: unknown) => error,
      )
      controller.abort()
      const end = await failureOf(next)
      await held.closed()
      return { chunks, end }
    },
    expected: { state: 'aborted', errorType: 'AbortError', usage: 'absent' },
  },
  {
    name: 'timeout in mid-stream is no abort',
    group: 'more',
    run: async ({ clientOf, held }) => {
      const client = clientOf({ timeout: 100 }, held.url)
      const stream = await client.models.generateContentStream(asking())
      const outcome = await failureOf(readAll(stream))
      await held.closed()
      return outcome
    },
    expected: { state: 'error', errorType: 'AbortError', usage: 'absent' },
  },
  {
    name: 'an error event in mid-stream',
    group: 'more',
    run: async ({ client }) => {
      const chunks: unknown[] = []
      const stream = await client.models.generateContentStream(asking(behave('error-event')))
      const outcome = await failureOf(
        (async () => {
          for await (const chunk of stream) chunks.push(chunk)
        })(),
      )
      return { chunks, outcome }
    },
    expected: { state: 'error', errorType: '503', usage: 'provider' },
  },
  {
    name: 'the connection breaks in mid-stream',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.models.generateContentStream(asking(behave('break')))
      return failureOf(readAll(stream))
    },
    expected: { state: 'error', errorType: 'TypeError', usage: 'provider' },
  },
  {
    name: 'a stream refused',
    group: 'more',
    run: async ({ client }) =>
      failureOf(client.models.generateContentStream(asking(behave('429')))),
    expected: { errorType: '429' },
  },
  {
    name: 'a stream that nobody listens to',
    group: 'more',
    run: async ({ deadClient }) => failureOf(deadClient.models.generateContentStream(asking())),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'retry before a stream: one span',
    group: 'more',
    run: async ({ clientOf }) => {
      const retryOptions = { attempts: 2, initialDelay: 0.001, jitter: 0 }
      const client = clientOf({ retryOptions })
      return readAll(await client.models.generateContentStream(asking(behave('500-once'))))
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'streamed tool calls and thoughts',
    group: 'more',
    run: async ({ client }) => {
      const config = behave('parallel-tools', {
        tools: [{ functionDeclarations: [DECLARATION] }],
        thinkingConfig: { includeThoughts: true },
      })
      return readAll(await client.models.generateContentStream(asking(config)))
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        const [answer] = answerOf(span) as { parts: { type: string }[] }[]
        const types = answer?.parts.map(({ type }) => type)
        expect(types?.[0]).toBe('reasoning')
        expect(types?.filter((type) => type === 'tool_call')).toHaveLength(2)
        expect(span.attributes['gen_ai.output.messages']).not.toContain('thoughtSignature')
      },
    },
  },
  {
    name: 'streamed arguments of tools',
    group: 'more',
    reason: 'the Gemini API sends the arguments of a call whole',
  },
  {
    name: 'n > 1, streamed',
    group: 'more',
    run: async ({ client }) =>
      readAll(await client.models.generateContentStream(asking({ candidateCount: 2 }))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => expect(answerOf(span)).toHaveLength(2),
    },
  },
  {
    name: 'a blocked prompt, streamed',
    group: 'more',
    run: async ({ client }) =>
      readAll(await client.models.generateContentStream(asking(behave('refusal')))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['PROHIBITED_CONTENT']),
    },
  },
  {
    name: 'automatic function calling, streamed: one span for each request',
    group: 'more',
    run: async ({ client }) => {
      const asked: FunctionCall[] = []
      const config = { tools: [callableTool(asked)] }
      const chunks = await readAll(await client.models.generateContentStream(asking(config)))
      return { asked, chunks }
    },
    expected: { count: 2, state: 'complete', usage: 'provider' },
  },
  {
    name: 'automatic continuation, streamed: one span for each request',
    group: 'more',
    run: async ({ client }) => {
      const config = { httpOptions: { headers: { 'x-sim-continue': '1' } } }
      return readAll(await client.models.generateContentStream(asking(config)))
    },
    expected: {
      count: 2,
      state: 'complete',
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
    name: 'chat, streamed: one span, the history stays',
    group: 'more',
    run: async ({ client }) => {
      const chat = client.chats.create({ model: MODEL })
      const chunks = await readAll(await chat.sendMessageStream({ message: QUESTION }))
      return { chunks, history: chat.getHistory() }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'chat, streamed and broken off',
    group: 'more',
    run: async ({ client }) => {
      const chat = client.chats.create({ model: MODEL })
      const chunks = await readAll(await chat.sendMessageStream({ message: QUESTION }), 1)
      return { chunks, history: chat.getHistory() }
    },
    expected: { state: 'abandoned', usage: 'provider' },
  },
  { name: '.stream() events', group: 'more', reason: 'the client has no such helper' },
  { name: 'tee()', group: 'more', reason: 'the stream is a generator, which has no such method' },
  {
    name: 'concurrent calls keep their contexts',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'agent' }, async (user: string) => {
        const contents = [`${user} asks`, `${user} asks again`]
        const streams = await Promise.all(
          contents.map(async (text) =>
            client.models.generateContentStream({ model: MODEL, contents: text }),
          ),
        )
        return await Promise.all(streams.map(async (stream) => readAll(stream)))
      })
      const users = ['ada', 'ben', 'cleo', 'dan']
      return await Promise.all(
        users.map((user) =>
          sdk.withContext({ user, session: `s-${user}` }, async () => answer(user)),
        ),
      )
    },
    expected: {
      count: 8,
      others: 4,
      state: 'complete',
      usage: 'provider',
      checkAll: (spans) => {
        for (const user of ['ada', 'ben', 'cleo', 'dan']) {
          const own = spans.filter(({ attributes }) => attributes['user.id'] === user)
          const agent = own.find(({ attributes }) => attributes['sightline.kind'] === 'agent')
          const calls = own.filter(({ attributes }) => attributes['sightline.kind'] === 'llm')
          expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([
            agent?.spanId,
            agent?.spanId,
          ])
          for (const { attributes } of calls) {
            expect(attributes['session.id']).toBe(`s-${user}`)
            expect(attributes['gen_ai.input.messages']).toContain(`${user} asks`)
          }
        }
      },
    },
  },
  {
    name: 'requests sent while a stream is read belong where the call was made',
    group: 'more',
    run: async ({ client, sdk }) => {
      const asked: FunctionCall[] = []
      const open = sdk.observe({ name: 'open', kind: 'agent' }, async () =>
        sdk.withContext({ session: 's-1' }, async () =>
          client.models.generateContentStream(asking({ tools: [callableTool(asked)] })),
        ),
      )
      const stream = await open()
      return { asked, chunks: await readAll(stream) }
    },
    expected: {
      count: 2,
      others: 1,
      state: 'complete',
      usage: 'provider',
      checkAll: (spans) => {
        const agent = spans.find(({ attributes }) => attributes['sightline.kind'] === 'agent')
        const calls = spans.filter(({ attributes }) => attributes['sightline.kind'] === 'llm')
        for (const { attributes, parentSpanId } of calls) {
          expect(parentSpanId).toBe(agent?.spanId)
          expect(attributes['session.id']).toBe('s-1')
        }
      },
    },
  },
  {
    name: 'an async generator keeps the parent',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'chain' }, async function* texts() {
        const asked: FunctionCall[] = []
        const config = { tools: [callableTool(asked)] }
        for await (const chunk of await client.models.generateContentStream(asking(config))) {
          yield chunk.text
        }
      })
      return readAll(answer())
    },
    expected: {
      count: 2,
      others: 1,
      state: 'complete',
      usage: 'provider',
      checkAll: (spans) => {
        const chain = spans.find(({ attributes }) => attributes['sightline.kind'] === 'chain')
        const calls = spans.filter(({ attributes }) => attributes['sightline.kind'] === 'llm')
        for (const { parentSpanId } of calls) expect(parentSpanId).toBe(chain?.spanId)
      },
    },
  },
]
