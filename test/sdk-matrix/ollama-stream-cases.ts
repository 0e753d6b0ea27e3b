import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, asking, MODEL, QUESTION, TOOLS } from './ollama-setting.ts'
import type { OllamaSetting } from './ollama-setting.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

type Line = { message: { content: string; thinking?: string } }

export const ollamaStreamCases: readonly MatrixCase<OllamaSetting>[] = [
  {
    name: 'streamed to the end',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.chat({ ...asking(), stream: true })
      const shape = shapeOf(stream)
      const iterator = stream[Symbol.asyncIterator]()
      const lines: unknown[] = []
      for await (const line of iterator) lines.push(line)
      return { shape, iterator: shapeOf(iterator), lines }
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span, { lines }: { lines: Line[] }) => {
        const content = lines.map(({ message }) => message.content).join('')
        expect(answerOf(span)).toEqual([
          { role: 'assistant', parts: [{ type: 'text', content }], finish_reason: 'stop' },
        ])
        expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
        expect(span.attributes['ollama.response.total_duration']).toBeGreaterThan(0)
      },
    },
  },
  {
    name: 'generate, streamed',
    group: 'more',
    run: async ({ client }) =>
      readAll(await client.generate({ model: MODEL, prompt: QUESTION, think: true, stream: true })),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span, lines: { response: string; thinking?: string }[]) =>
        expect(answerOf(span)).toMatchObject([
          {
            parts: [
              { type: 'reasoning', content: lines.map(({ thinking }) => thinking ?? '').join('') },
              { type: 'text', content: lines.map(({ response }) => response).join('') },
            ],
          },
        ]),
    },
  },
  {
    name: 'broken off by the application',
    group: 'more',
    run: async ({ client }) => readAll(await client.chat({ ...asking(), stream: true }), 2),
    expected: {
      state: 'abandoned',
      usage: 'absent',
      check: (span, lines: Line[]) =>
        expect(answerOf(span)).toEqual([
          {
            role: 'assistant',
            parts: [
              { type: 'text', content: lines.map(({ message }) => message.content).join('') },
            ],
          },
        ]),
    },
  },
  {
    name: 'closed after the last line: nothing was dropped',
    group: 'more',
    run: async ({ client }) => {
      const lines: unknown[] = []
      for await (const line of await client.chat({ ...asking(), stream: true })) {
        lines.push(line)
        if (line.done) break
      }
      return lines
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'read twice: the second reader finds nothing',
    group: 'more',
    run: async ({ client }) => {
      const stream = await client.chat({ ...asking(), stream: true })
      return [await readAll(stream), await failureOf(readAll(stream))]
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'return() and throw() on the iterator',
    group: 'more',
    run: async ({ client }) => {
      const returned = (await client.chat({ ...asking(), stream: true }))[Symbol.asyncIterator]()
      const first = await returned.next()
      const closed = await returned.return?.()
      const thrown = (await client.chat({ ...asking(), stream: true }))[Symbol.asyncIterator]()
      await thrown.next()
      const raised = await failureOf(Promise.resolve(thrown.throw?.(new RangeError('enough'))))
      return [first, closed, await returned.next(), raised, await thrown.next()]
    },
    expected: { count: 2, state: 'abandoned', usage: 'absent' },
  },
  {
    name: 'never read',
    group: 'more',
    run: async ({ client }) => shapeOf(await client.chat({ ...asking(), stream: true })),
    expected: { state: 'unread' },
  },
  {
    name: 'aborted in mid-stream by the stream',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const stream = await heldClient.chat({ ...asking(), stream: true })
      const lines: unknown[] = []
      const reading = (async () => {
        for await (const line of stream) {
          lines.push(line)
          if (lines.length === 3) stream.abort()
        }
      })()
      const outcome = await failureOf(reading)
      await held.closed()
      return { lines, outcome }
    },
    expected: { state: 'aborted', errorType: 'AbortError', usage: 'absent' },
  },
  {
    name: 'aborted in mid-stream by the client',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const stream = await heldClient.chat({ ...asking(), stream: true })
      const lines: unknown[] = []
      const reading = (async () => {
        for await (const line of stream) {
          lines.push(line)
          if (lines.length === 3) heldClient.abort()
        }
      })()
      const outcome = await failureOf(reading)
      await held.closed()
      return { lines, outcome }
    },
    expected: { state: 'aborted', errorType: 'AbortError', usage: 'absent' },
  },
  {
    name: 'an error line in mid-stream',
    group: 'more',
    run: async ({ clientThat }) => {
      const lines: unknown[] = []
      const stream = await clientThat('error-event').chat({ ...asking(), stream: true })
      const reading = (async () => {
        for await (const line of stream) lines.push(line)
      })()
      return { outcome: await failureOf(reading), lines }
    },
    expected: { state: 'error', errorType: 'Error', usage: 'absent' },
  },
  {
    name: 'the connection breaks in mid-stream',
    group: 'more',
    run: async ({ clientThat }) => {
      const stream = await clientThat('break').chat({ ...asking(), stream: true })
      return failureOf(readAll(stream))
    },
    expected: { state: 'error', errorType: 'TypeError', usage: 'absent' },
  },
  {
    name: 'a stream refused',
    group: 'more',
    run: async ({ clientThat }) => failureOf(clientThat('429').chat({ ...asking(), stream: true })),
    expected: { errorType: '429' },
  },
  {
    name: 'streamed tool calls',
    group: 'more',
    run: async ({ clientThat }) =>
      readAll(await clientThat('parallel-tools').chat({ ...asking(), tools: TOOLS, stream: true })),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        const [answer] = answerOf(span) as { parts: { type: string }[] }[]
        expect(answer?.parts.filter(({ type }) => type === 'tool_call')).toHaveLength(2)
      },
    },
  },
  {
    name: 'streamed arguments of tools',
    group: 'more',
    reason: 'the server sends the arguments of a call whole',
  },
  {
    name: 'a model pulled is no call to it',
    group: 'more',
    run: async ({ client }) => failureOf(client.pull({ model: MODEL, stream: true })),
    expected: { count: 0 },
  },
  { name: '.stream() events', group: 'more', reason: 'the client has no such helper' },
  { name: 'tee()', group: 'more', reason: 'the stream has no such method' },
  {
    name: 'concurrent calls keep their contexts',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'agent' }, async (user: string) => {
        const texts = [`${user} asks`, `${user} asks again`]
        const streams = await Promise.all(
          texts.map(async (text) => client.chat({ ...asking(text), stream: true })),
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
    name: 'an async generator keeps the parent',
    group: 'more',
    run: async ({ client, sdk }) => {
      const answer = sdk.observe({ name: 'answer', kind: 'chain' }, async function* texts() {
        for (const text of ['first', 'second']) {
          for await (const line of await client.chat({ ...asking(text), stream: true })) {
            yield line.message.content
          }
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
