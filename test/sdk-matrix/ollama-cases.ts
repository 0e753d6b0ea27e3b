import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, asking, MODEL, QUESTION, questionOf, TOOLS } from './ollama-setting.ts'
import type { OllamaSetting } from './ollama-setting.ts'
import { failureOf, shapeOf } from './snapshot.ts'

/** What a process sees of a failure that nobody handles. */
function nextUnhandledRejection(): Promise<unknown> {
  return new Promise((resolve) => process.once('unhandledRejection', resolve))
}

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(4_000, 7)])

export const ollamaCases: readonly MatrixCase<OllamaSetting>[] = [
  {
    name: 'identity: the same client, classes and own keys',
    group: 'more',
    run: async ({ client, browserClient, prepare }) => ({
      isSame: prepare(client) === client,
      client: shapeOf(client),
      browser: shapeOf(browserClient),
    }),
    expected: { count: 0 },
  },
  {
    name: 'plain',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.chat(asking())
      return { promise: shapeOf(promise), response: await promise }
    },
    expected: {
      usage: 'provider',
      check: (span, { response }: { response: Record<string, number> }) => {
        expect(span.name).toBe(`chat ${MODEL}`)
        expect(span.attributes).toMatchObject({
          'gen_ai.provider.name': 'ollama',
          'gen_ai.operation.name': 'chat',
          'gen_ai.response.model': MODEL,
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.usage.input_tokens': response['prompt_eval_count'],
          'gen_ai.usage.output_tokens': response['eval_count'],
          'ollama.response.load_duration': (response['load_duration'] ?? 0) / 1e9,
          'ollama.response.eval_duration': (response['eval_duration'] ?? 0) / 1e9,
          'server.address': '127.0.0.1',
        })
        expect(questionOf(span)).toEqual([
          { role: 'user', parts: [{ type: 'text', content: QUESTION }] },
        ])
      },
    },
  },
  {
    name: 'generate: a prompt to go on from',
    group: 'more',
    run: async ({ client }) =>
      client.generate({ model: MODEL, system: 'Be brief.', prompt: QUESTION, suffix: 'Bye.' }),
    expected: {
      usage: 'provider',
      check: (span, { response }: { response: string }) => {
        expect(span.name).toBe(`text_completion ${MODEL}`)
        expect(span.attributes['gen_ai.system_instructions']).toBe(
          '[{"type":"text","content":"Be brief."}]',
        )
        expect(answerOf(span)).toEqual([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: response }],
            finish_reason: 'stop',
          },
        ])
      },
    },
  },
  {
    name: 'temperature 0 and every other parameter',
    group: 'more',
    run: async ({ client }) =>
      client.chat({
        ...asking(),
        options: {
          temperature: 0,
          top_p: 0.5,
          top_k: 40,
          seed: 0,
          num_predict: 300,
          stop: ['END'],
          presence_penalty: 0,
          frequency_penalty: 0.25,
        },
      }),
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
        })
      },
    },
  },
  {
    name: 'structured output by a schema',
    group: 'more',
    run: async ({ client }) =>
      client.chat({
        ...asking(),
        format: { type: 'object', properties: { answer: { type: 'string' } } },
      }),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.output.type']).toBe('json'),
    },
  },
  {
    name: 'reasoning',
    group: 'more',
    run: async ({ client }) => client.chat({ ...asking(), think: 'high' }),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.request.reasoning.level']).toBe('high')
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, { type: 'text' }] }])
      },
    },
  },
  {
    name: 'tools: parallel calls and their answers',
    group: 'more',
    run: async ({ clientThat }) => {
      const question = asking()
      const first = await clientThat('parallel-tools').chat({ ...question, tools: TOOLS })
      const calls = first.message.tool_calls ?? []
      const answers = calls.map((call) => ({
        role: 'tool',
        tool_name: call.function.name,
        content: 'found',
      }))
      const messages = [...question.messages, first.message, ...answers]
      const second = await clientThat('text').chat({ model: MODEL, messages, tools: TOOLS })
      return [first, second]
    },
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: (spans) => {
        const asked = spans.map((span) => questionOf(span) as { role: string; parts: object[] }[])
        const [, call, ...answers] = asked.find((messages) => messages.length > 1) ?? []
        const toolCall = { type: 'tool_call', name: 'look_up_order', arguments: expect.any(Object) }
        expect(call?.parts.slice(-2)).toMatchObject([toolCall, toolCall])
        const answer = { type: 'tool_call_response', name: 'look_up_order', response: 'found' }
        expect(answers).toEqual([
          { role: 'tool', parts: [answer] },
          { role: 'tool', parts: [answer] },
        ])
        for (const { attributes } of spans) {
          expect(attributes['gen_ai.tool.definitions']).toBe(
            JSON.stringify(TOOLS.map(({ type, function: tool }) => ({ type, ...tool }))),
          )
        }
      },
    },
  },
  {
    name: 'multimodal input: pictures as bytes and as base64, hashed',
    group: 'more',
    run: async ({ client }) => {
      const bytes = new Uint8Array(PNG)
      await client.chat({
        model: MODEL,
        messages: [{ role: 'user', content: '?', images: [bytes] }],
      })
      return await client.generate({
        model: MODEL,
        prompt: 'And?',
        images: [PNG.toString('base64')],
      })
    },
    expected: {
      count: 2,
      usage: 'provider',
      check: (span) =>
        expect(questionOf(span)).toMatchObject([
          {
            parts: [
              { type: 'text' },
              {
                type: 'blob',
                modality: 'image',
                mime_type: 'image/png',
                bytes: PNG.length,
                sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
              },
            ],
          },
        ]),
    },
  },
  {
    name: 'cached prompt: its tokens are not counted, and not guessed',
    group: 'more',
    run: async ({ client, url }) => {
      // The server still has the prompt from a call before, which another program made.
      const body = JSON.stringify({ ...asking(), stream: false })
      await (await fetch(`${url}/api/chat`, { method: 'POST', body })).text()
      return await client.chat(asking())
    },
    expected: {
      check: ({ attributes }) => {
        expect(attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0)
        expect(attributes['sightline.usage.source']).toBe('provider')
      },
    },
  },
  {
    name: 'an answer cut off by its limit',
    group: 'more',
    run: async ({ clientThat }) => clientThat('length').chat(asking()),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['length']),
    },
  },
  {
    name: 'refusal',
    group: 'more',
    reason: 'the format has none: a model refuses in its text',
  },
  { name: 'content filter', group: 'more', reason: 'the server has none' },
  { name: 'n > 1', group: 'more', reason: 'the server answers once' },
  {
    name: 'a failure before the answer',
    group: 'more',
    run: async ({ clientThat }) => failureOf(clientThat('500').chat(asking())),
    expected: { errorType: '500' },
  },
  {
    name: 'a refused request',
    group: 'more',
    run: async ({ clientThat }) =>
      failureOf(clientThat('429').generate({ model: MODEL, prompt: QUESTION })),
    expected: { errorType: '429' },
  },
  {
    name: 'a failure that nobody handles reaches the process',
    group: 'more',
    run: async ({ clientThat }) => {
      const rejection = nextUnhandledRejection()
      void clientThat('429').chat(asking())
      return await rejection
    },
    expected: { errorType: '429' },
  },
  {
    name: 'nobody listens',
    group: 'more',
    run: async ({ deadClient }) => failureOf(deadClient.chat(asking())),
    expected: { errorType: 'TypeError' },
  },
  {
    name: 'an answer that breaks off',
    group: 'more',
    run: async ({ clientThat }) => failureOf(clientThat('break').chat(asking())),
    expected: { errorType: 'TypeError' },
  },
  { name: 'retry', group: 'more', reason: 'the client does not retry' },
  { name: 'timeout', group: 'more', reason: 'the client has none' },
  {
    name: 'a message pushed after the call is not in its span',
    group: 'more',
    run: async ({ client }) => {
      const { model, messages } = asking()
      const promise = client.chat({ model, messages })
      messages.push({ role: 'user', content: 'said afterwards' })
      return await promise
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.input.messages']).not.toContain('said afterwards'),
    },
  },
  {
    name: 'embeddings: how many and how long, never the vectors',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.embed({ model: 'nomic-embed-text', input: ['one', 'two'] })
      return { promise: shapeOf(promise), response: await promise }
    },
    expected: {
      usage: 'provider',
      check: ({ attributes, name }) => {
        expect(name).toBe('embeddings nomic-embed-text')
        expect(attributes).toMatchObject({
          'sightline.kind': 'embedding',
          'sightline.embeddings.count': 2,
          'gen_ai.embeddings.dimension.count': 256,
        })
        expect(attributes['gen_ai.output.messages']).toBeUndefined()
      },
    },
  },
  {
    name: 'the older way to embed',
    group: 'more',
    run: async ({ client }) => client.embeddings({ model: 'nomic-embed-text', prompt: 'one' }),
    expected: {
      usage: 'absent',
      check: (span) => {
        expect(span.attributes['sightline.embeddings.count']).toBe(1)
        expect(questionOf(span)).toMatchObject([{ parts: [{ content: 'one' }] }])
      },
    },
  },
  {
    name: 'an embedding refused, handled and not',
    group: 'more',
    run: async ({ client }) => {
      const refused = { model: 'nomic-embed-text', input: [1] as unknown as string[] }
      const handled = await failureOf(client.embed(refused))
      const rejection = nextUnhandledRejection()
      void client.embed(refused)
      return [handled, await rejection]
    },
    expected: { count: 2, errorType: '400' },
  },
  {
    name: 'the instance that the module exports',
    group: 'more',
    run: async ({ importDefault, prepare }) => {
      const client = await importDefault()
      return [prepare(client) === client, shapeOf(client), await client.chat(asking())]
    },
    expected: { usage: 'provider' },
  },
  {
    name: 'the client for browsers',
    group: 'more',
    run: async ({ browserClient }) => browserClient.chat(asking()),
    expected: { usage: 'provider' },
  },
  {
    name: 'calls that are none to a model',
    group: 'more',
    run: async ({ client }) => client.list(),
    expected: { count: 0 },
  },
  { name: '.withResponse()', group: 'more', reason: 'the client has no such method' },
  { name: '.asResponse()', group: 'more', reason: 'the client has no such method' },
]
