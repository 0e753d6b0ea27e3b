import { describe, expect, test } from 'vitest'
import { toMessages, toPart, toParts } from './google-genai-messages.ts'

const TEXT = { type: 'text', content: 'hello' }

describe('contents in every form the client takes', () => {
  test.each<[string, unknown, unknown]>([
    ['a text', 'hello', [{ role: 'user', parts: [TEXT] }]],
    ['a part', { text: 'hello' }, [{ role: 'user', parts: [TEXT] }]],
    ['texts and parts', ['hello', { text: 'hello' }], [{ role: 'user', parts: [TEXT, TEXT] }]],
    ['a content', { parts: [{ text: 'hello' }] }, [{ role: 'user', parts: [TEXT] }]],
    [
      'contents',
      [
        { role: 'user', parts: [{ text: 'hello' }] },
        { role: 'model', parts: [{ text: 'hello' }] },
      ],
      [
        { role: 'user', parts: [TEXT] },
        { role: 'assistant', parts: [TEXT] },
      ],
    ],
    ['nothing', undefined, []],
  ])('%s', (_, contents, messages) => {
    expect(toMessages(contents)).toEqual(messages)
  })

  test('answers of functions are a message of the tool, whatever role they were given', () => {
    const answer = { functionResponse: { id: 'c-1', name: 'find', response: { found: true } } }
    const parts = [
      { type: 'tool_call_response', id: 'c-1', name: 'find', response: { found: true } },
    ]
    for (const role of ['user', 'function', 'tool']) {
      expect(toMessages([{ role, parts: [answer] }])).toEqual([{ role: 'tool', parts }])
    }
  })
})

describe('a part', () => {
  test.each<[string, unknown, unknown]>([
    ['a thought', { text: 'hm', thought: true }, { type: 'reasoning', content: 'hm' }],
    [
      'a call without an id',
      { functionCall: { name: 'find', args: { id: 1 } }, thoughtSignature: 'c2ln' },
      { type: 'tool_call', name: 'find', arguments: { id: 1 } },
    ],
    [
      'media',
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      { type: 'blob', modality: 'audio', mime_type: 'audio/wav', content: 'AAAA' },
    ],
    [
      'a file',
      { fileData: { fileUri: 'gs://b/film.mp4', mimeType: 'video/mp4' } },
      { type: 'uri', modality: 'video', mime_type: 'video/mp4', uri: 'gs://b/film.mp4' },
    ],
    [
      'code that the provider runs',
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      {
        type: 'server_tool_call',
        name: 'code_execution',
        server_tool_call: { type: 'code_execution', language: 'PYTHON', code: 'print(1)' },
      },
    ],
    [
      'what that code gave',
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
      {
        type: 'server_tool_call_response',
        server_tool_call_response: { type: 'code_execution', outcome: 'OUTCOME_OK', output: '1' },
      },
    ],
    ['a kind nobody knows yet', { thoughtSignature: 'c2ln', hologram: {} }, { type: 'hologram' }],
    ['nothing', {}, { type: 'unknown' }],
    ['no part at all', 7, { type: 'unknown' }],
  ])('%s', (_, part, expected) => {
    expect(toPart(part)).toEqual(expected)
  })

  test('an empty text beside others says nothing; a lone one is the content', () => {
    const call = { functionCall: { name: 'find' } }
    expect(toParts([{ text: '', thoughtSignature: 'c2ln' }, call])).toEqual([
      { type: 'tool_call', name: 'find', arguments: {} },
    ])
    expect(toParts([{ text: '' }])).toEqual([{ type: 'text', content: '' }])
  })
})
