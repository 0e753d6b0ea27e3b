import { expect, test } from 'vitest'
import { ChatStreamAssembler } from './openai-chat-stream.ts'

const chunkOf = (choice: object, beside: object = {}) => ({
  id: 'c1',
  model: 'gpt-5',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  usage: null,
  ...beside,
})
const BEGINNING = [chunkOf({ delta: { role: 'assistant', content: 'a' } })]
const LATER = [chunkOf({ delta: { content: 'c' } })]

test.each([
  ['the same role', chunkOf({ delta: { role: 'assistant', content: 'b' } }), {}],
  ['another role', chunkOf({ delta: { role: 'tool', content: 'b' } }), { role: 'tool' }],
  ['reasoning', chunkOf({ delta: { content: 'b', reasoning: 'r' } }), { reasoning_content: 'r' }],
  [
    'reasoning_content',
    chunkOf({ delta: { content: 'b', reasoning_content: 'r' } }),
    { reasoning_content: 'r' },
  ],
  ['a refusal', chunkOf({ delta: { content: 'b', refusal: 'no' } }), { refusal: 'no' }],
  [
    'sound',
    chunkOf({ delta: { content: 'b', audio: { transcript: 't' } } }),
    { audio: { transcript: 't' } },
  ],
  [
    'a tool call',
    chunkOf({
      delta: { content: 'b', tool_calls: [{ index: 0, id: 't1', function: { name: 'f' } }] },
    }),
    { tool_calls: [{ id: 't1', type: 'function', function: { name: 'f', arguments: '' } }] },
  ],
])('a chunk of text and %s adds both', (_name, chunk, more) => {
  const assembler = new ChatStreamAssembler(100)

  const content = [...BEGINNING, chunk, ...LATER].map((one) => assembler.add(one))

  expect(content).toEqual([true, true, true])
  expect(assembler.toCompletion()['choices']).toEqual([
    { finish_reason: undefined, message: { role: 'assistant', content: 'abc', ...more } },
  ])
})

test('what stands beside a text is read: its end, usage, another answer', () => {
  const assembler = new ChatStreamAssembler(100)
  const usage = { prompt_tokens: 1 }

  for (const chunk of [
    ...BEGINNING,
    chunkOf({ delta: { content: 'b' } }, { usage }),
    chunkOf({ index: 1, delta: { content: 'other' } }),
    chunkOf({ delta: { content: 'c' }, finish_reason: 'stop' }, { system_fingerprint: 'f' }),
  ]) {
    assembler.add(chunk)
  }

  expect(assembler.toCompletion()).toMatchObject({
    usage,
    system_fingerprint: 'f',
    choices: [
      { finish_reason: 'stop', message: { content: 'abc' } },
      { finish_reason: undefined, message: { content: 'other' } },
    ],
  })
})

test('before id and model are known every chunk is read whole', () => {
  const assembler = new ChatStreamAssembler(100)

  assembler.add(chunkOf({ delta: { content: 'a' } }, { id: '', model: '' }))
  assembler.add(chunkOf({ delta: { content: 'b' } }))

  expect(assembler.toCompletion()).toMatchObject({ id: 'c1', model: 'gpt-5' })
})
