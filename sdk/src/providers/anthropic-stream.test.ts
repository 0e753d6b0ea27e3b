import { describe, expect, test } from 'vitest'
import { CompletionStreamObserver } from './anthropic-completions.ts'
import { MessageStreamObserver } from './anthropic-stream.ts'

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-opus-5-5',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 5, cache_read_input_tokens: 10, output_tokens: 1 },
  },
}

const END = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 42 },
}

function begin(index: number, block: object) {
  return { type: 'content_block_start', index, content_block: block }
}

function delta(index: number, value: object) {
  return { type: 'content_block_delta', index, delta: value }
}

/** The observer after some events, and which of them were told to carry content. */
function observe(events: readonly unknown[], maxChars = 1_000) {
  const observer = new MessageStreamObserver(maxChars)
  return { observer, content: events.map((event) => observer.add(event)) }
}

describe('a streamed message', () => {
  test('is put together from its pieces, with the counts of its end', () => {
    const { observer, content } = observe([
      START,
      { type: 'ping' },
      begin(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'Hel' }),
      delta(0, { type: 'text_delta', text: 'lo' }),
      { type: 'content_block_stop', index: 0 },
      END,
      { type: 'message_stop' },
    ])

    expect(content).toEqual([false, false, false, true, true, false, false, false])
    expect(observer.isWhole()).toBe(true)
    expect(observer.response()).toMatchObject({
      id: 'msg_1',
      model: 'claude-opus-5-5',
      finishReasons: ['end_turn'],
      usage: { inputTokens: 15, cacheReadTokens: 10, outputTokens: 42 },
      messages: [
        {
          role: 'assistant',
          parts: [{ type: 'text', content: 'Hello' }],
          finish_reason: 'end_turn',
        },
      ],
    })
  })

  test('that breaks off has the input it was asked with, and no output nobody counted', () => {
    const { observer } = observe([
      START,
      begin(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'Hel' }),
    ])

    expect(observer.isWhole()).toBe(false)
    expect(observer.response()).toMatchObject({
      finishReasons: [],
      usage: { inputTokens: 15, outputTokens: undefined },
      messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Hel' }] }],
    })
  })

  test('has later counts instead of earlier ones, and keeps those that are not repeated', () => {
    const { observer } = observe([
      START,
      {
        ...END,
        usage: { input_tokens: 7, cache_read_input_tokens: null, output_tokens: 42 },
      },
      { ...END, usage: { output_tokens: 43 } },
    ])

    expect(observer.response().usage).toMatchObject({
      inputTokens: 17,
      cacheReadTokens: 10,
      outputTokens: 43,
    })
  })

  test('thinks, and calls tools side by side', () => {
    const { observer, content } = observe([
      begin(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      begin(1, { type: 'redacted_thinking', data: 'c2VjcmV0' }),
      begin(2, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
      begin(3, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '' }),
      delta(3, { type: 'input_json_delta', partial_json: '{"b":' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      delta(3, { type: 'input_json_delta', partial_json: '2}' }),
    ])

    expect(content).toEqual([false, true, false, true, true, true, false, true, true, true])
    expect(observer.response().messages[0]?.parts).toEqual([
      { type: 'reasoning', content: 'Hm.' },
      { type: 'reasoning', content: '[redacted]' },
      { type: 'tool_call', id: 'toolu_1', name: 'f', arguments: { a: 1 } },
      { type: 'tool_call', id: 'toolu_2', name: 'g', arguments: { b: 2 } },
    ])
  })

  test('shows the arguments of a call that broke off as the text they were', () => {
    const { observer } = observe([
      begin(0, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"a":' }),
      begin(1, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '{"query":' }),
    ])

    expect(observer.response().messages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'toolu_1', name: 'f', arguments: '{"a":' },
      {
        type: 'server_tool_call',
        id: 'srv_1',
        name: 'web_search',
        server_tool_call: { type: 'web_search', input_json: '{"query":' },
      },
    ])
  })

  test('searches the web', () => {
    const { observer } = observe([
      begin(0, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
      begin(1, {
        type: 'web_search_tool_result',
        tool_use_id: 'srv_1',
        content: [{ type: 'web_search_result', url: 'https://x.example', encrypted_content: 'x' }],
      }),
    ])

    expect(observer.response().messages[0]?.parts).toEqual([
      {
        type: 'server_tool_call',
        id: 'srv_1',
        name: 'web_search',
        server_tool_call: { type: 'web_search', query: 'q' },
      },
      {
        type: 'server_tool_call_response',
        id: 'srv_1',
        server_tool_call_response: {
          type: 'web_search',
          content: [{ type: 'web_search_result', url: 'https://x.example' }],
        },
      },
    ])
  })

  test('grows no further than one attribute holds', () => {
    const long = 'x'.repeat(100)
    const pieces = Array.from({ length: 50 }, () => delta(0, { type: 'text_delta', text: long }))
    const { observer } = observe([begin(0, { type: 'text', text: '' }), ...pieces], 1_000)

    expect(JSON.stringify(observer.response().messages).length).toBeLessThan(1_300)
  })

  test.each([
    undefined,
    7,
    {},
    { type: 'content_block_delta' },
    { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'x' } },
    { type: 'content_block_start', index: -1, content_block: { type: 'text' } },
    { type: 'content_block_start', index: 1e9, content_block: { type: 'text' } },
    { type: 'message_delta' },
  ])('is not disturbed by an event such as %j', (event) => {
    const { observer, content } = observe([event])

    expect(content).toEqual([false])
    expect(observer.response()).toMatchObject({ messages: [], finishReasons: [] })
  })
})

test('a streamed text completion is put together from its pieces', () => {
  const observer = new CompletionStreamObserver(1_000)
  const base = { type: 'completion', id: 'compl_1', model: 'claude-2.1' }

  expect(observer.add({ ...base, completion: ' Hel', stop_reason: null })).toBe(true)
  expect(observer.add({ ...base, completion: 'lo', stop_reason: null })).toBe(true)
  expect(observer.add({ ...base, completion: '', stop_reason: 'stop_sequence' })).toBe(false)
  expect(observer.response()).toMatchObject({
    id: 'compl_1',
    finishReasons: ['stop_sequence'],
    messages: [{ role: 'assistant', parts: [{ type: 'text', content: ' Hello' }] }],
  })
})
