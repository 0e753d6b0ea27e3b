import { describe, expect, test } from 'vitest'
import { ResponsesStreamAssembler } from './openai-responses-stream.ts'
import { toResponsesRequest, toResponsesResponse } from './openai-responses.ts'

const ENDPOINT = { provider: 'openai' }

function assemble(events: readonly unknown[], maxChars = 1_000) {
  const assembler = new ResponsesStreamAssembler(maxChars)
  const contents = events.map((event) => assembler.add(event))
  return { ...assembler.response(), contents }
}

const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', content: [] }
const CREATED = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt-5', status: 'in_progress', output: [] },
}
const text = (delta: string) => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: 0,
  delta,
})
const added = (item: object, index = 0) => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
})

describe('a stream of a response', () => {
  test('ends with the whole response, whatever came before', () => {
    const response = {
      id: 'resp_1',
      model: 'gpt-5-2026',
      status: 'completed',
      output: [{ ...MESSAGE, content: [{ type: 'output_text', text: 'Six.' }] }],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 16 },
      },
    }

    const { contents, ...streamed } = assemble([
      CREATED,
      added(MESSAGE),
      text('S'),
      { type: 'response.completed', response },
    ])

    expect(contents).toEqual([false, false, true, false])
    expect(streamed).toEqual(toResponsesResponse(response))
    expect(streamed).toMatchObject({
      id: 'resp_1',
      model: 'gpt-5-2026',
      finishReasons: ['stop'],
      usage: { inputTokens: 10, outputTokens: 20, cacheReadTokens: 4, reasoningTokens: 16 },
    })
  })

  test('that is cut off has the items and texts that came', () => {
    const { messages, id, usage } = assemble([
      CREATED,
      added({ id: 'rs_1', type: 'reasoning', summary: [] }),
      {
        type: 'response.reasoning_summary_text.delta',
        output_index: 0,
        summary_index: 0,
        delta: 'Two',
      },
      {
        type: 'response.reasoning_summary_text.delta',
        output_index: 0,
        summary_index: 1,
        delta: 'Three',
      },
      added({ ...MESSAGE }, 1),
      { ...text('Half'), output_index: 1 },
      added(
        { id: 'fc_1', call_id: 'call_1', type: 'function_call', name: 'find', arguments: '' },
        2,
      ),
      { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"q":' },
      added(
        { id: 'fc_2', call_id: 'call_2', type: 'function_call', name: 'find', arguments: '' },
        3,
      ),
      {
        type: 'response.output_item.done',
        output_index: 3,
        item: {
          id: 'fc_2',
          call_id: 'call_2',
          type: 'function_call',
          name: 'find',
          arguments: '{}',
        },
      },
    ])

    expect({ id, usage }).toEqual({ id: 'resp_1', usage: undefined })
    expect(messages).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'Two' },
          { type: 'reasoning', content: 'Three' },
          { type: 'text', content: 'Half' },
          { type: 'tool_call', id: 'call_1', name: 'find', arguments: '{"q":' },
          { type: 'tool_call', id: 'call_2', name: 'find', arguments: {} },
        ],
      },
    ])
  })

  test('that fails, inside its last event or in an event of its own, is a failure', () => {
    const error = { code: 'server_error', message: 'It broke.' }
    const failed = { id: 'resp_1', status: 'failed', error, output: [] }

    const byEnd = assemble([CREATED, { type: 'response.failed', response: failed }])
    const byEvent = assemble([CREATED, { type: 'error', ...error, param: null }])

    for (const { failure } of [byEnd, byEvent]) {
      expect(failure).toMatchObject({ name: 'server_error', message: 'It broke.' })
    }
  })

  test('grows neither by a wrong index nor beyond the limit of a text', () => {
    const { messages } = assemble(
      [
        CREATED,
        added(MESSAGE),
        added(MESSAGE, 4_000_000_000),
        { ...text('lost'), output_index: -1 },
        { ...text('lost'), content_index: 1e9 },
        ...Array.from({ length: 50 }, () => text('0123456789')),
        { type: 'response.something_new', output_index: 0 },
        null,
        'not an event',
      ],
      100,
    )

    const [part] = messages[0]?.parts ?? []
    expect(messages[0]?.parts).toHaveLength(1)
    expect(String(part?.['content']).length).toBe(110)
  })
})

test('items nobody knows keep their type, and what is long or secret in them is left out', () => {
  const { messages } = toResponsesResponse({
    status: 'completed',
    output: [
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'lamp' } },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x'.repeat(500) },
      { type: 'image_generation_call', id: 'ig_1', result: 'aGVsbG8=', output_format: 'webp' },
      { type: 'mcp_call', id: 'mcp_1', name: 'roll', arguments: '{"d":6}', output: '4' },
    ],
  })

  expect(messages[0]?.parts).toEqual([
    {
      type: 'server_tool_call',
      id: 'ws_1',
      name: 'web_search',
      server_tool_call: { type: 'web_search_call', status: 'completed', action: { query: 'lamp' } },
    },
    { type: 'blob', modality: 'image', mime_type: 'image/webp', content: 'aGVsbG8=', id: 'ig_1' },
    { type: 'tool_call', id: 'mcp_1', name: 'roll', arguments: { d: 6 } },
    { type: 'tool_call_response', id: 'mcp_1', response: '4' },
  ])
})

test('how a response ended is said in the words of chat completions', () => {
  const reasonOf = (body: object) => toResponsesResponse(body).finishReasons
  const call = { type: 'function_call', call_id: 'call_1', name: 'find', arguments: '{}' }

  expect(reasonOf({ status: 'completed', output: [] })).toEqual(['stop'])
  expect(reasonOf({ status: 'completed', output: [call] })).toEqual(['tool_calls'])
  expect(
    reasonOf({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
  ).toEqual(['length'])
  expect(
    reasonOf({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
  ).toEqual(['content_filter'])
  expect(reasonOf({ status: 'failed' })).toEqual(['error'])
  expect(reasonOf({ status: 'cancelled' })).toEqual(['cancelled'])
  expect(reasonOf({ status: 'queued' })).toEqual([])
})

test('a request that is none is a request without anything', () => {
  for (const body of [undefined, null, 'hello', 3, []]) {
    expect(toResponsesRequest(body, ENDPOINT)).toMatchObject({ operation: 'chat', messages: [] })
  }
})

test('what the application changes in its request afterwards is not in the span', () => {
  const parameters = { type: 'object', properties: { id: { type: 'string' } } }
  const item = { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text' }] }
  const body = {
    model: 'gpt-5',
    input: [item],
    tools: [{ type: 'function', name: 'f', parameters }],
  }

  const request = toResponsesRequest(body, ENDPOINT)
  const before = JSON.stringify(request)
  parameters.properties.id.type = 'changed'
  item.output.push({ type: 'changed' })
  body.input.push(item)

  expect(JSON.stringify(request)).toBe(before)
})
