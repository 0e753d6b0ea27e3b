import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SDK_VERSION } from '../core/version.ts'
import { ChatStreamAssembler } from './openai-chat-stream.ts'
import { chatRequestAttributes, chatResponseAttributes, toChatResponse } from './openai-chat.ts'
import { toCompletionsResponse } from './openai-completions.ts'

const completion = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-mini-2024-07-18',
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'Paris.', refusal: null },
    },
  ],
  usage: {
    prompt_tokens: 42,
    completion_tokens: 17,
    prompt_tokens_details: { cached_tokens: 32, cache_write_tokens: 4, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 9 },
  },
}

test('a request is described by the names of OpenTelemetry, zeros included', () => {
  expect(
    chatRequestAttributes(
      {
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        temperature: 0,
        n: 2,
        max_completion_tokens: 100,
        max_tokens: 50,
        seed: 0,
        stop: ['a', 'b'],
        reasoning_effort: 'low',
        response_format: { type: 'json_schema' },
      },
      { baseURL: 'https://api.openai.com/v1' },
    ),
  ).toEqual({
    'sightline.kind': 'llm',
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.request.stream': true,
    'gen_ai.request.temperature': 0,
    'gen_ai.request.choice.count': 2,
    'gen_ai.request.max_tokens': 100,
    'gen_ai.request.seed': 0,
    'gen_ai.request.stop_sequences': ['a', 'b'],
    'gen_ai.request.reasoning.level': 'low',
    'gen_ai.output.type': 'json',
    'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
    'server.address': 'api.openai.com',
    'server.port': 443,
    'openai.api.type': 'chat_completions',
    'sightline.sdk.version': SDK_VERSION,
  })
})

test('a response is described with its usage as the provider gave it', () => {
  expect(chatResponseAttributes(completion)).toEqual({
    'gen_ai.response.id': 'chatcmpl-1',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.output.messages':
      '[{"role":"assistant","parts":[{"type":"text","content":"Paris."}],"finish_reason":"stop"}]',
    'gen_ai.usage.input_tokens': 42,
    'gen_ai.usage.output_tokens': 17,
    'gen_ai.usage.cache_read.input_tokens': 32,
    'gen_ai.usage.cache_write.input_tokens': 4,
    'gen_ai.usage.cache_creation.input_tokens': 4,
    'gen_ai.usage.reasoning.output_tokens': 9,
    'gen_ai.usage.audio.input_tokens': 0,
    'openai.response.service_tier': 'default',
    'openai.response.system_fingerprint': 'fp_1',
    'sightline.usage.source': 'provider',
  })
})

test('without usage the tokens are absent, not zero', () => {
  const { usage: _, ...rest } = completion

  const attributes = chatResponseAttributes(rest)

  expect(attributes['sightline.usage.source']).toBe('absent')
  expect(attributes).not.toHaveProperty(['gen_ai.usage.input_tokens'])
})

test.each([undefined, null, 7, 'text', [], { choices: [null, 3] }, { choices: 'x', usage: [] }])(
  'an answer or request that is none (%j) does not throw',
  (value) => {
    expect(() => chatResponseAttributes(value)).not.toThrow()
    expect(() => chatRequestAttributes(value)).not.toThrow()
    expect(() => new ChatStreamAssembler(100).add(value)).not.toThrow()
  },
)

const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
const anyCall = fc.record({
  id: fc.uuid(),
  type: fc.constant('function'),
  function: fc.record({ name: anyText, arguments: fc.json() }),
})
const anyChoice = fc.record({
  content: fc.option(anyText),
  refusal: fc.option(anyText),
  reasoning_content: fc.option(anyText),
  tool_calls: fc.array(anyCall, { maxLength: 3 }),
  finish_reason: fc.constantFrom('stop', 'length', 'tool_calls'),
})
type AnyChoice = typeof anyChoice extends fc.Arbitrary<infer T> ? T : never

/** A choice as a provider streams it: a role, texts in pieces, tool arguments in pieces, an end. */
function toDeltas(choice: AnyChoice): object[] {
  const pieces = (text: string) => text.match(/.{1,3}/gsu) ?? []
  return [
    { role: 'assistant', content: '' },
    ...pieces(choice.reasoning_content ?? '').map((text) => ({ reasoning_content: text })),
    ...pieces(choice.content ?? '').map((content) => ({ content })),
    ...pieces(choice.refusal ?? '').map((refusal) => ({ refusal })),
    ...choice.tool_calls.flatMap((call, index) => [
      {
        tool_calls: [
          {
            index,
            id: call.id,
            type: 'function',
            function: { name: call.function.name, arguments: '' },
          },
        ],
      },
      ...pieces(call.function.arguments).map((text) => ({
        tool_calls: [{ index, function: { arguments: text } }],
      })),
    ]),
  ]
}

test('a stream, however it is cut and mixed, is described as the same answer not streamed', () => {
  fc.assert(
    fc.property(fc.array(anyChoice, { minLength: 1, maxLength: 3 }), (choices) => {
      const answer = {
        ...completion,
        choices: choices.map(({ finish_reason, ...message }, index) => ({
          index,
          finish_reason,
          message: { role: 'assistant', ...message, content: message.content ?? '' },
        })),
      }
      const queues = choices.map((choice, index) => [
        ...toDeltas(choice).map((delta) => ({ index, delta, finish_reason: null })),
        { index, delta: {}, finish_reason: choice.finish_reason },
      ])
      const { choices: _, usage, ...head } = completion
      const assembler = new ChatStreamAssembler(64_000)

      while (queues.some((queue) => queue.length > 0)) {
        for (const queue of queues) {
          const choice = queue.shift()
          if (choice !== undefined) assembler.add({ ...head, choices: [choice], usage: null })
        }
      }
      assembler.add({ ...head, choices: [], usage })

      expect(chatResponseAttributes(assembler.toCompletion())).toEqual(
        chatResponseAttributes(answer),
      )
    }),
  )
})

test('content begins with the first text, not with the role or an empty delta', () => {
  const assembler = new ChatStreamAssembler(64_000)
  const add = (delta: object) => assembler.add({ choices: [{ index: 0, delta }] })

  expect(add({ role: 'assistant', content: '' })).toBe(false)
  expect(assembler.add({ choices: [], prompt_filter_results: [] })).toBe(false)
  expect(add({ content: 'Pa' })).toBe(true)
})

test('a stream without end stops growing in memory', () => {
  const assembler = new ChatStreamAssembler(100)
  for (let n = 0; n < 1_000; n++) {
    assembler.add({ choices: [{ index: n, delta: { content: 'x'.repeat(50) } }] })
    assembler.add({ choices: [{ index: 0, delta: { content: 'x'.repeat(50) } }] })
  }

  const { choices } = assembler.toCompletion() as { choices: { message: { content: string } }[] }
  expect(choices).toHaveLength(128)
  expect(choices[0]?.message.content.length).toBeLessThanOrEqual(150)
})

test('the empty id and model of Azure’s first chunk give way to the true ones', () => {
  const assembler = new ChatStreamAssembler(1_000)
  assembler.add({ id: '', model: '', choices: [], prompt_filter_results: [{}] })
  const hasContent = assembler.add({
    id: 'chatcmpl-1',
    model: 'gpt-4o-mini-2024-07-18',
    choices: [{ index: 0, delta: { content: 'Hi' } }],
  })

  expect(hasContent).toBe(true)
  expect(assembler.toCompletion()).toMatchObject({
    id: 'chatcmpl-1',
    model: 'gpt-4o-mini-2024-07-18',
  })
})

test('a failure in the place of a chunk fails the call, however the gateway words it', () => {
  for (const chunk of [
    { error: { message: 'out of memory', code: 500 } },
    { object: 'error', message: 'out of memory', code: 500 },
  ]) {
    const assembler = new ChatStreamAssembler(1_000)
    assembler.add({ id: '1', model: 'm', choices: [{ index: 0, delta: { content: 'Hi' } }] })
    assembler.add(chunk)

    expect(toChatResponse(assembler.toCompletion()).failure).toMatchObject({
      message: 'out of memory',
      status: 500,
    })
  }
})

test('the pieces of a completion without chat make its text', () => {
  const assembler = new ChatStreamAssembler(1_000)
  for (const text of ['Once', ' upon']) {
    assembler.add({ id: '1', model: 'm', choices: [{ index: 0, text, finish_reason: null }] })
  }

  expect(toCompletionsResponse(assembler.toCompletion()).messages).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'Once upon' }] },
  ])
})
