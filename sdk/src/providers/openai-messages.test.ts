import { expect, test } from 'vitest'
import { toMessages } from './openai-messages.ts'

test('every role keeps its place, several system messages and a developer among them', () => {
  const messages = toMessages([
    { role: 'system', content: 'Be kind.' },
    { role: 'developer', content: 'Be brief.' },
    { role: 'system', content: '' },
    { role: 'user', content: 'Hello', name: 'ada' },
  ])

  expect(messages).toEqual([
    { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
    { role: 'developer', parts: [{ type: 'text', content: 'Be brief.' }] },
    { role: 'system', parts: [{ type: 'text', content: '' }] },
    { role: 'user', parts: [{ type: 'text', content: 'Hello' }], name: 'ada' },
  ])
})

test('tool calls and their answers are values where they parse and text where they do not', () => {
  const call = (id: string, args: string) => ({
    id,
    type: 'function',
    function: { name: 'find', arguments: args },
  })

  expect(
    toMessages([
      { role: 'assistant', content: null, tool_calls: [call('1', '{"q":1}'), call('2', '{"q":')] },
      { role: 'tool', tool_call_id: '1', content: '[1,2]' },
      { role: 'tool', tool_call_id: '2', content: [{ type: 'text', text: 'none found' }] },
    ]),
  ).toEqual([
    {
      role: 'assistant',
      parts: [
        { type: 'tool_call', id: '1', name: 'find', arguments: { q: 1 } },
        { type: 'tool_call', id: '2', name: 'find', arguments: '{"q":' },
      ],
    },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: [1, 2] }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: '2', response: 'none found' }] },
  ])
})

test('reasoning, a refusal and an empty answer are recorded', () => {
  expect(
    toMessages([
      { role: 'assistant', content: 'Six.', reasoning_content: 'Two times three.' },
      { role: 'assistant', content: null, refusal: 'I cannot help with that.' },
      { role: 'assistant', content: '' },
    ]).map((message) => message.parts),
  ).toEqual([
    [
      { type: 'reasoning', content: 'Two times three.' },
      { type: 'text', content: 'Six.' },
    ],
    [{ type: 'refusal', content: 'I cannot help with that.' }],
    [{ type: 'text', content: '' }],
  ])
})

test('media is named with its kind; its bytes stay as they came until the span is serialised', () => {
  const large = 'A'.repeat(4_000)
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${large}` } },
    { type: 'image_url', image_url: { url: 'data:image/gif;base64,R0lGOD' } },
    { type: 'input_audio', input_audio: { data: large, format: 'mp3' } },
    { type: 'file', file: { file_id: 'file-1' } },
    { type: 'something_new', secret: 'x' },
    'not an object',
  ]

  const [message] = toMessages([{ role: 'user', content }])

  expect(message?.parts).toEqual([
    { type: 'text', content: 'What is this?' },
    { type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' },
    { type: 'blob', modality: 'image', mime_type: 'image/png', content: large },
    { type: 'blob', modality: 'image', mime_type: 'image/gif', content: 'R0lGOD' },
    { type: 'blob', modality: 'audio', mime_type: 'audio/mp3', content: large },
    { type: 'file', modality: 'document', file_id: 'file-1' },
    { type: 'something_new' },
    { type: 'unknown' },
  ])
})

test('what is no list of messages is no message', () => {
  expect(toMessages(undefined)).toEqual([])
  expect(toMessages('hello')).toEqual([])
  expect(toMessages([null, 3])).toEqual([])
})
