import { describe, expect, it } from 'vitest'
import { Span } from '../contract/index.ts'
import { joinChunk } from './chunk.ts'
import { decodeTracesJson } from './decode-json.ts'
import { describeSpan, describeStoredSpan } from './describe.ts'
import { sampleBody, type SampleSpan } from './sample-otlp.ts'

function describeSample(sample: SampleSpan): Span {
  const [span] = decodeTracesJson(sampleBody(sample)).spans
  if (span === undefined) throw new Error('no span decoded')
  return Span.parse(describeSpan(span))
}

const chat = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
}

describe('messages', () => {
  it('of OTel parts are read from JSON text', () => {
    const { inputMessages, outputMessages, systemInstructions } = describeSample({
      attributes: {
        ...chat,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'c1', name: 'get_weather', arguments: '{"a":1}' }],
          },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', result: '{"t":7}' }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            finish_reason: 'stop',
            parts: [
              { type: 'reasoning', content: 'Hm.' },
              { type: 'text', content: '7 °C' },
              { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'aGk=' },
              { type: 'from_tomorrow', x: 1 },
            ],
          },
        ]),
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be terse.' }]),
      },
    })

    expect(inputMessages).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { a: 1 } }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { t: 7 } }] },
    ])
    expect(outputMessages).toEqual([
      {
        role: 'assistant',
        finishReason: 'stop',
        parts: [
          { type: 'reasoning', content: 'Hm.' },
          { type: 'text', content: '7 °C' },
          { type: 'blob', modality: 'image', mimeType: 'image/png', content: 'aGk=' },
          { type: 'other', value: { type: 'from_tomorrow', x: 1 } },
        ],
      },
    ])
    expect(systemInstructions).toBe('Be terse.')
  })

  it('of OTel are read from structured attributes', () => {
    const part = {
      kvlistValue: {
        values: [
          { key: 'type', value: { stringValue: 'text' } },
          { key: 'content', value: { stringValue: 'Hi' } },
        ],
      },
    }
    const message = {
      kvlistValue: {
        values: [
          { key: 'role', value: { stringValue: 'user' } },
          { key: 'parts', value: { arrayValue: { values: [part] } } },
        ],
      },
    }
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.input.messages', value: { arrayValue: { values: [message] } } },
    ]

    expect(describeSample({ fields: { attributes } }).inputMessages).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Hi' }] },
    ])
  })

  it('in the shapes of OpenAI and Anthropic are read as parts', () => {
    const { inputMessages } = describeSample({
      attributes: {
        ...chat,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'system', content: 'Be terse.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Look' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
              { type: 'tool_result', tool_use_id: 'c0', content: [{ type: 'text', text: '[1]' }] },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', function: { name: 'f', arguments: '{"a":1}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'done' },
        ]),
      },
    })

    expect(inputMessages.map(({ parts }) => parts)).toEqual([
      [{ type: 'text', content: 'Be terse.' }],
      [
        { type: 'text', content: 'Look' },
        { type: 'blob', modality: 'image', mimeType: 'image/png', content: 'aGk=' },
        { type: 'tool_call_response', id: 'c0', response: [1] },
      ],
      [{ type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1 } }],
      [{ type: 'tool_call_response', id: 'c1', response: 'done' }],
    ])
  })

  it('of older senders are sorted by number, however they came', () => {
    const { inputMessages, outputMessages } = describeSample({
      attributes: {
        'gen_ai.system': 'OpenAI',
        'llm.request.type': 'chat',
        'gen_ai.prompt.10.role': 'user',
        'gen_ai.prompt.10.content': 'last',
        'gen_ai.prompt.2.role': 'assistant',
        'gen_ai.prompt.2.content': 'null',
        'gen_ai.prompt.2.tool_calls.0.name': 'f',
        'gen_ai.prompt.2.tool_calls.0.arguments': '{}',
        'gen_ai.prompt.4294967294.content': 'sparse',
        'gen_ai.completion.0.role': 'assistant',
        'gen_ai.completion.0.content': '[{"type":"text","text":"hi"}]',
        'gen_ai.completion.0.finish_reason': 'stop',
      },
    })

    expect(inputMessages).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', id: null, name: 'f', arguments: {} }] },
      { role: 'user', parts: [{ type: 'text', content: 'last' }] },
      { role: 'user', parts: [{ type: 'text', content: 'sparse' }] },
    ])
    expect(outputMessages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'hi' }], finishReason: 'stop' },
    ])
  })

  it('come from span events where no attribute has them, and are not doubled', () => {
    const messages = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }])
    const event = {
      name: 'gen_ai.client.inference.operation.details',
      attributes: [{ key: 'gen_ai.input.messages', value: { stringValue: messages } }],
    }
    const expected = [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }]

    const inEvent = describeSample({ attributes: chat, fields: { events: [event] } })
    const inBoth = describeSample({
      attributes: { ...chat, 'gen_ai.input.messages': messages },
      fields: { events: [event] },
    })

    expect(inEvent.inputMessages).toEqual(expected)
    expect(inBoth.inputMessages).toEqual(expected)
  })

  it('per event are read as conventions 1.36 wrote them', () => {
    const event = (name: string, content: string) => ({
      name,
      attributes: [{ key: 'content', value: { stringValue: content } }],
    })
    const { inputMessages, outputMessages } = describeSample({
      attributes: chat,
      fields: {
        events: [
          event('gen_ai.system.message', 'Be terse.'),
          event('gen_ai.user.message', 'Hi'),
          {
            name: 'gen_ai.choice',
            attributes: [{ key: 'message', value: { stringValue: '{"content":"Hello"}' } }],
          },
        ],
      },
    })

    expect(inputMessages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(outputMessages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] },
    ])
  })
})

describe('what our SDK observed', () => {
  const observed = (kind: string): Span =>
    describeSample({
      scope: { name: 'sightline' },
      attributes: {
        'sightline.kind': kind,
        'sightline.input': '{"city":"Oslo"}',
        'sightline.output': '"7 °C"',
      },
      fields: { name: 'get_weather' },
    })

  it('of a tool is its arguments and result', () => {
    const span = observed('tool')

    expect(span.tool).toEqual({
      name: 'get_weather',
      callId: null,
      arguments: { city: 'Oslo' },
      result: '7 °C',
    })
    expect(span.inputMessages).toEqual([])
  })

  it('of anything else is one message in and one out', () => {
    const span = observed('chain')

    expect(span.tool).toBeNull()
    expect(span.inputMessages).toEqual([
      { role: 'user', parts: [{ type: 'text', content: '{"city":"Oslo"}' }] },
    ])
    expect(span.outputMessages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: '7 °C' }] },
    ])
  })
})

describe('the mapping', () => {
  it('says which attribute fed which field, and which fed none', () => {
    const span = describeSample({
      attributes: { ...chat, 'gen_ai.usage.prompt_tokens': 5, tenant: 'acme' },
    })

    expect(span.mapping).toEqual(
      expect.arrayContaining([
        { field: 'operationRaw', from: 'gen_ai.operation.name' },
        { field: 'inputTokens', from: 'gen_ai.usage.prompt_tokens' },
      ]),
    )
    expect(span.unmapped).toEqual(['tenant'])
    expect(span.dialect).toBe('gen-ai')
  })

  it('tells a path inside JSON text', () => {
    const span = describeSample({
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.invocation_parameters': '{"model":"gpt-4o-mini","temperature":0.2}',
      },
    })

    expect(span.mapping).toContainEqual({
      field: 'requestModel',
      from: 'llm.invocation_parameters → model',
    })
    expect(span.temperature).toBe(0.2)
  })
})

it('shows attributes, resource, events and links as sent, whatever their keys', () => {
  const span = describeSample({
    attributes: { ['__proto__']: 'x', 'constructor.prototype.x': 'y', list: ['a', 'b'] },
    fields: {
      events: [{ name: 'e', timeUnixNano: '1500000', attributes: [] }],
      links: [{ traceId: 'ab', spanId: 'cd' }],
    },
  })

  expect(span.attributes['list']).toEqual(['a', 'b'])
  expect(span.attributes['constructor.prototype.x']).toBe('y')
  expect(span.resource).toEqual({ 'service.name': 'chat' })
  expect(span.events).toEqual([{ name: 'e', time: 1.5, attributes: {} }])
  expect(span.links).toEqual([{ traceId: 'ab', spanId: 'cd', attributes: {} }])
  expect(({} as { x?: unknown }).x).toBeUndefined()
})

it('shows numbers beyond 2^53 as text and NaN as its name', () => {
  const attributes = [
    { key: 'big', value: { intValue: '9223372036854775807' } },
    { key: 'nan', value: { doubleValue: 'NaN' } },
  ]

  expect(describeSample({ fields: { attributes } }).attributes).toEqual({
    big: '9223372036854775807',
    nan: 'NaN',
  })
})

it('splits the cost into its buckets', () => {
  const { cost } = describeSample({
    attributes: {
      ...chat,
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.output_tokens': 17,
      'gen_ai.usage.cache_read.input_tokens': 32,
      'gen_ai.usage.cost': 0.5,
    },
  })

  expect(cost).toMatchObject({
    totalUsd: 0.0000141,
    source: 'price-book',
    reason: null,
    senderUsd: 0.5,
  })
  expect(cost.buckets.map(({ kind, tokens }) => [kind, tokens])).toEqual([
    ['cache_read', 32],
    ['input', 10],
    ['output', 17],
  ])
})

describe('a stored span', () => {
  const body = sampleBody({ attributes: chat }, { attributes: { ...chat, extra: 'x' } })
  const data = joinChunk('json', [body])
  const second = decodeTracesJson(body).spans[1]
  if (second === undefined) throw new Error('no second span')
  const summary = { ...describeSpan(second), userId: 'stored-user' }

  it('is read from its place in the chunk, its row standing over the body', () => {
    const span = describeStoredSpan({
      summary,
      format: 'json',
      data,
      index: 1,
      isQuarantined: true,
    })

    expect(span.attributes['extra']).toBe('x')
    expect(span.userId).toBe('stored-user')
    expect(span.warnings).toEqual([expect.stringContaining('time out of range')])
  })

  it('is not answered from the wrong place', () => {
    expect(() =>
      describeStoredSpan({ summary, format: 'json', data, index: 0, isQuarantined: false }),
    ).toThrow('holds another span at 0')
  })
})
