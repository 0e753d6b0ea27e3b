import { describe, expect, it } from 'vitest'
import type { Message } from '../../contract/index.ts'
import { toMessages, toPlainMessage } from './message-json.ts'
import {
  answerMessage,
  embeddedTexts,
  requestMessages,
  requestSystem,
  requestTools,
  responseFinishReasons,
  responseMessages,
} from './provider-json.ts'

const text = (role: string, content: string): Message => ({
  role,
  parts: [{ type: 'text', content }],
})
const call = { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Oslo' } }

it('media that stayed with the sender are named by their hash', () => {
  const part = { type: 'blob', modality: 'image', mime_type: 'image/png', bytes: 3_001 }

  expect(toMessages([{ role: 'user', parts: [{ ...part, sha256: 'ab' }] }])).toEqual([
    {
      role: 'user',
      parts: [
        { type: 'blob', modality: 'image', mimeType: 'image/png', bytes: 3_001, sha256: 'ab' },
      ],
    },
  ])
})

describe('a request', () => {
  it.each([
    ['of OpenAI', { messages: [{ role: 'user', content: 'Hi' }] }],
    ['of the Responses API', { input: 'Hi', instructions: 'Be terse.' }],
    ['of Gemini', { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
    ['of Bedrock', { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }],
    ['of Ollama', { model: 'llama3.2', prompt: 'Hi' }],
    ['of LangChain', { messages: [[{ type: 'human', data: { content: 'Hi' } }]] }],
    ['as Python text', "[{'role': 'user', 'content': 'Hi'}]"],
  ])('%s holds its messages', (_, request) => {
    expect(requestMessages(request)).toEqual([text('user', 'Hi')])
  })

  it('holds the calls of tools and their answers', () => {
    const input = [
      { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'c1', output: '{"t":7}' },
    ]
    const contents = [
      {
        role: 'model',
        parts: [{ functionCall: { id: 'c1', name: 'get_weather', args: { city: 'Oslo' } } }],
      },
      {
        role: 'tool',
        parts: [{ functionResponse: { id: 'c1', name: 'get_weather', response: { t: 7 } } }],
      },
    ]
    const expected = [
      { role: 'assistant', parts: [call] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { t: 7 } }] },
    ]

    expect(requestMessages({ input })).toEqual(expected)
    expect(requestMessages({ contents })).toEqual(expected)
  })

  it('holds system instructions and tools apart from its messages', () => {
    expect(requestSystem({ system: 'Be terse.' })).toBe('Be terse.')
    expect(requestSystem({ config: { system_instruction: { parts: [{ text: 'A' }] } } })).toEqual([
      { text: 'A' },
    ])
    expect(requestTools({ tools: [{ name: 'a' }] })).toEqual([{ name: 'a' }])
    expect(requestTools({ tools: [] })).toBeUndefined()
  })

  it('of another shape has none', () => {
    expect(requestMessages({ q: 'capital?' })).toBeUndefined()
    expect(requestMessages('Hi')).toBeUndefined()
    expect(requestMessages({ type: 'constructor' })).toBeUndefined()
  })
})

describe('an answer', () => {
  it.each([
    ['of OpenAI', { choices: [{ message: { role: 'assistant', content: 'Hi' } }] }],
    ['of a completion', { choices: [{ text: 'Hi' }] }],
    ['of Anthropic', { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] }],
    ['of Gemini', { candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] } }] }],
    ['of Bedrock', { output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } } }],
    ['of Ollama', { message: { role: 'assistant', content: 'Hi' } }],
    ['of LangChain', { generations: [[{ text: 'Hi' }]] }],
  ])('%s is a message', (_, answer) => {
    expect(responseMessages(answer)).toEqual([text('assistant', 'Hi')])
  })

  it('of the Responses API is one message of its items', () => {
    const output = [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      {
        type: 'function_call',
        id: 'f',
        call_id: 'c1',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
    ]

    expect(responseMessages({ output })).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'reasoning', content: 'Hm.' }, call, { type: 'text', content: 'Hi' }],
      },
    ])
  })

  it.each([
    [{ choices: [{ finish_reason: 'stop' }, { finish_reason: 'length' }] }, ['stop', 'length']],
    [{ stop_reason: 'end_turn' }, ['end_turn']],
    [{ candidates: [{ finishReason: 'STOP' }] }, ['STOP']],
    [{ output: null }, []],
  ])('tells why it ended: %j', (answer, expected) => {
    expect(responseFinishReasons(answer)).toEqual(expected)
  })

  it('in pieces is one message', () => {
    const toolCalls =
      '[{"toolCallId":"c1","toolName":"get_weather","input":"{\\"city\\":\\"Oslo\\"}"}]'

    expect(answerMessage({ text: 'Hi', reasoning: 'Hm.', toolCalls })).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'reasoning', content: 'Hm.' }, { type: 'text', content: 'Hi' }, call],
      },
    ])
    expect(answerMessage({})).toBeUndefined()
  })

  it('that failed is no message', () => {
    expect(toPlainMessage('assistant', { output: null })).toBeUndefined()
  })
})

it('takes a call that stands among the blocks and beside them once', () => {
  const message = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Oslo' } }],
    tool_calls: [{ id: 'c1', name: 'get_weather', args: { city: 'Oslo' } }],
  }

  expect(toMessages(message)).toEqual([{ role: 'assistant', parts: [call] }])
})

it('keeps what stands beside parts as it is', () => {
  const [message] = toMessages([{ role: 'assistant', parts: [], tool_calls: [{ id: 'c1' }] }]) ?? []

  expect(message?.parts).toEqual([{ type: 'other', value: { tool_calls: [{ id: 'c1' }] } }])
})

it('reads texts to embed in any of their shapes', () => {
  const expected = [text('', 'a'), text('', 'b')]

  expect(embeddedTexts(['a', 'b'])).toEqual(expected)
  expect(embeddedTexts(['"a"', '"b"'])).toEqual(expected)
  expect(embeddedTexts({ input: ['a', 'b'] })).toEqual(expected)
})

it.each(['{"message":', '{"messages":', '[', '{"output":{"message":'])(
  'reads JSON nested without end in %s as no message',
  (open) => {
    const close = open.replaceAll(/[^[{]/g, '').replaceAll('[', ']').replaceAll('{', '}')
    const nested = `${open.repeat(20_000)}1${close.repeat(20_000)}`

    expect(requestMessages(nested)).toBeUndefined()
    expect(responseMessages(nested)).toBeUndefined()
  },
)
