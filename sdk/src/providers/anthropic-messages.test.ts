import { describe, expect, test } from 'vitest'
import { toMessages, toParts } from './anthropic-blocks.ts'
import { toCompletionRequest, toCompletionResponse } from './anthropic-completions.ts'
import { toMessagesRequest, toMessagesResponse } from './anthropic-messages.ts'

const ENDPOINT = { provider: 'anthropic' }

describe('a request', () => {
  test('says what the model was asked, zero included', () => {
    const request = toMessagesRequest(
      {
        model: 'claude-opus-5-5',
        max_tokens: 1024,
        temperature: 0,
        top_k: 5,
        top_p: 0.5,
        stop_sequences: ['END'],
        service_tier: 'auto',
        thinking: { type: 'enabled', budget_tokens: 2048 },
        output_config: { effort: 'high', format: { type: 'json_schema', schema: {} } },
        messages: [{ role: 'user', content: 'Hello' }],
        stream: true,
      },
      ENDPOINT,
    )

    expect(request).toMatchObject({
      operation: 'chat',
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      isStream: true,
      messages: [{ role: 'user', parts: [{ type: 'text', content: 'Hello' }] }],
    })
    expect(request.parameters).toEqual({
      'gen_ai.request.max_tokens': 1024,
      'gen_ai.request.temperature': 0,
      'gen_ai.request.top_k': 5,
      'gen_ai.request.top_p': 0.5,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.reasoning.level': 'high',
      'gen_ai.output.type': 'json',
      'anthropic.thinking.type': 'enabled',
      'anthropic.thinking.budget_tokens': 2048,
      'anthropic.request.service_tier': 'auto',
    })
  })

  test.each([
    ['a text', 'Be brief.'],
    [
      'blocks',
      [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    ],
  ])('with a system prompt of %s keeps it apart from the messages', (_, system) => {
    const request = toMessagesRequest({ system, messages: [] }, ENDPOINT)

    expect(request.systemInstructions).toEqual([{ type: 'text', content: 'Be brief.' }])
    expect(request.messages).toEqual([])
  })

  test('names its tools, those that Anthropic runs by their type', () => {
    const schema = { type: 'object', properties: { id: { type: 'string' } } }
    const request = toMessagesRequest(
      {
        tools: [
          { name: 'look_up', description: 'Finds an order', input_schema: schema },
          { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
        ],
      },
      ENDPOINT,
    )
    schema.properties.id.type = 'changed afterwards'

    expect(request.toolDefinitions).toEqual([
      {
        type: 'function',
        name: 'look_up',
        description: 'Finds an order',
        parameters: { type: 'object', properties: { id: { type: 'string' } } },
      },
      { type: 'web_search_20250305', name: 'web_search' },
    ])
  })

  test.each([undefined, null, 7, 'text', {}, { messages: [null, 3] }])(
    'of the shape %j has no messages',
    (body) => {
      expect(toMessagesRequest(body, ENDPOINT).messages).toEqual([])
    },
  )
})

describe('a message', () => {
  test('keeps the calls of tools and their answers apart from the text', () => {
    const messages = toMessages([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'One moment.' },
          { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: { id: 7 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'not found', is_error: true },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_2',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
          { type: 'tool_result', tool_use_id: 'toolu_3' },
        ],
      },
    ])

    expect(messages).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'One moment.' },
          { type: 'tool_call', id: 'toolu_1', name: 'look_up', arguments: { id: 7 } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_call_response', id: 'toolu_1', response: 'not found', is_error: true },
          { type: 'tool_call_response', id: 'toolu_2', response: 'ab' },
          { type: 'tool_call_response', id: 'toolu_3', response: '' },
        ],
      },
    ])
  })

  test('has a tool answer with an image as parts', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }

    expect(
      toParts([
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            { type: 'text', text: 'The screen:' },
            { type: 'image', source },
          ],
        },
      ]),
    ).toEqual([
      {
        type: 'tool_call_response',
        id: 'toolu_1',
        response: [
          { type: 'text', content: 'The screen:' },
          { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'iVBORw0KGgo=' },
        ],
      },
    ])
  })

  test.each([
    [
      { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } },
      { type: 'uri', modality: 'image', uri: 'https://x.example/a.png' },
    ],
    [
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      { type: 'file', modality: 'image', file_id: 'file_1' },
    ],
    [
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      },
      { type: 'blob', modality: 'document', mime_type: 'application/pdf', content: 'JVBERi0=' },
    ],
    [
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Terms' } },
      { type: 'text', content: 'Terms' },
    ],
    [
      { type: 'document', source: { type: 'content', content: 'Terms' } },
      { type: 'text', content: 'Terms' },
    ],
    [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'reasoning', content: 'Hm.' },
    ],
    [
      { type: 'redacted_thinking', data: 'c2VjcmV0' },
      { type: 'reasoning', content: '[redacted]' },
    ],
    [
      { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'q' } },
      {
        type: 'server_tool_call',
        id: 'srv_1',
        name: 'web_search',
        server_tool_call: { type: 'web_search', query: 'q' },
      },
    ],
    [
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srv_1',
        content: [{ type: 'web_search_result', url: 'https://x.example', encrypted_content: 'x' }],
      },
      {
        type: 'server_tool_call_response',
        id: 'srv_1',
        server_tool_call_response: {
          type: 'web_search',
          content: [{ type: 'web_search_result', url: 'https://x.example' }],
        },
      },
    ],
    [
      { type: 'search_result', title: 'T', source: 's', cache_control: { type: 'ephemeral' } },
      { type: 'search_result', title: 'T', source: 's' },
    ],
  ])('with the block %j says %j', (block, part) => {
    expect(toParts([block])).toEqual([part])
  })

  test('is what it was when it was sent, whatever the application does with it later', () => {
    const input = { ids: [1, 2] }
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'f', input }]
    const [message] = toMessages([{ role: 'assistant', content }])
    input.ids.push(3)
    content.length = 0

    expect(message?.parts).toEqual([
      { type: 'tool_call', id: 'toolu_1', name: 'f', arguments: { ids: [1, 2] } },
    ])
  })

  test('that refers to itself ends somewhere', () => {
    const input: Record<string, unknown> = {}
    input['self'] = input

    expect(JSON.stringify(toParts([{ type: 'tool_use', input }]))).toContain('[more]')
  })
})

describe('a response', () => {
  const MESSAGE = {
    id: 'msg_1',
    model: 'claude-opus-5-5',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hello.' }],
    stop_reason: 'end_turn',
    usage: {
      input_tokens: 33,
      cache_creation_input_tokens: 12,
      cache_read_input_tokens: 64,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 10 },
      output_tokens: 19,
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
      service_tier: 'priority',
    },
  }

  test('counts what was cached inside the input, as OpenTelemetry does', () => {
    const response = toMessagesResponse({ ...MESSAGE, _request_id: 'req_1' })

    expect(response).toEqual({
      id: 'msg_1',
      model: 'claude-opus-5-5',
      finishReasons: ['end_turn'],
      messages: [
        {
          role: 'assistant',
          parts: [{ type: 'text', content: 'Hello.' }],
          finish_reason: 'end_turn',
        },
      ],
      usage: {
        inputTokens: 109,
        outputTokens: 19,
        cacheReadTokens: 64,
        cacheWriteTokens: 12,
        reasoningTokens: 4,
      },
      parameters: {
        'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 2,
        'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 10,
        'anthropic.usage.server_tool_use.web_search_requests': 2,
        'anthropic.response.service_tier': 'priority',
        'anthropic.request.id': 'req_1',
      },
    })
  })

  test('without counts of the cache has the input alone', () => {
    const usage = { input_tokens: 3, output_tokens: 0, cache_read_input_tokens: null }

    expect(toMessagesResponse({ ...MESSAGE, usage }).usage).toEqual({
      inputTokens: 3,
      outputTokens: 0,
    })
  })

  test('that was refused says so, with what is explained of it', () => {
    const refused = toMessagesResponse({
      ...MESSAGE,
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'cyber', explanation: 'Not this.' },
    })

    expect(refused.finishReasons).toEqual(['refusal'])
    expect(refused.messages).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'refusal', content: 'Not this.' }],
        finish_reason: 'refusal',
      },
    ])
  })

  test.each([undefined, null, 'text', []])('of the shape %j says nothing', (value) => {
    expect(toMessagesResponse(value)).toMatchObject({ messages: [], finishReasons: [] })
  })
})

test('a text completion is the prompt and what follows it', () => {
  const request = toCompletionRequest(
    { model: 'claude-2.1', prompt: '\n\nHuman: Hi\n\nAssistant:', max_tokens_to_sample: 9 },
    ENDPOINT,
  )
  const response = toCompletionResponse({
    type: 'completion',
    id: 'compl_1',
    completion: ' Hello.',
    stop_reason: 'stop_sequence',
    model: 'claude-2.1',
  })

  expect(request).toMatchObject({
    operation: 'text_completion',
    model: 'claude-2.1',
    messages: [{ role: 'user', parts: [{ type: 'text', content: '\n\nHuman: Hi\n\nAssistant:' }] }],
  })
  expect(response).toMatchObject({
    id: 'compl_1',
    finishReasons: ['stop_sequence'],
    messages: [{ role: 'assistant', parts: [{ type: 'text', content: ' Hello.' }] }],
    usage: undefined,
  })
})
