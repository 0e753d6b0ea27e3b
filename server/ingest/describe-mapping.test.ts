import { expect, it } from 'vitest'
import { Span } from '../contract/index.ts'
import { decodeTracesJson } from './decode-json.ts'
import { describeSpan } from './describe.ts'
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

function sourceOf(span: Span, field: string): Span['mapping'][number] | undefined {
  return span.mapping.find((entry) => entry.field === field)
}

it('names each field once', () => {
  const { mapping } = describeSample({
    attributes: {
      ...chat,
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.prompt_tokens': 42,
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
    },
  })

  const fields = mapping.map(({ field }) => field)
  expect(new Set(fields).size).toBe(fields.length)
  expect(mapping).toEqual(
    expect.arrayContaining([
      { field: 'inputTokens', from: 'gen_ai.usage.input_tokens' },
      { field: 'inputMessages', from: 'gen_ai.input.messages' },
      { field: 'type', from: 'operationRaw', note: 'what the operation is' },
      { field: 'model', from: 'responseModel', note: 'the model that answered' },
      { field: 'service', from: 'service.name', note: 'resource attribute' },
    ]),
  )
})

it('says how a derived value was made', () => {
  const span = describeSample({
    scope: { name: '@traceloop/instrumentation-anthropic', version: '0.27.0' },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.usage.input_tokens': 33,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.response.time_to_first_chunk': 0.0000001,
    },
  })

  expect(span.inputTokens).toBe(53)
  expect(sourceOf(span, 'inputTokens')).toEqual({
    field: 'inputTokens',
    from: 'gen_ai.usage.input_tokens',
    note: 'cache added: the sender counts without it',
  })
  expect(sourceOf(span, 'provider')).toEqual({
    field: 'provider',
    from: 'model',
    note: "inferred from the model's name",
  })
})

it.each<[string, string, SampleSpan]>([
  [
    'indexed attributes',
    'gen_ai.prompt.*',
    { attributes: { ...chat, 'gen_ai.prompt.0.content': 'Hi' } },
  ],
  [
    'events of the span',
    'event gen_ai.user.message',
    {
      attributes: chat,
      fields: {
        events: [
          {
            name: 'gen_ai.user.message',
            timeUnixNano: '1500000',
            attributes: [{ key: 'content', value: { stringValue: 'Hi' } }],
          },
        ],
      },
    },
  ],
])('says that messages came from %s', (_, from, sample) => {
  const span = describeSample(sample)

  expect(span.inputMessages).toEqual([{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }])
  expect(sourceOf(span, 'inputMessages')).toEqual({ field: 'inputMessages', from })
})

it('says where the parts of a tool came from', () => {
  const span = describeSample({
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.call.id': 'c1',
      'gen_ai.tool.call.arguments': '{"city":"Oslo"}',
      'gen_ai.tool.call.result': '7',
    },
    fields: { name: 'get_weather' },
  })

  expect(span.tool?.name).toBe('get_weather')
  expect(span.mapping).toEqual(
    expect.arrayContaining([
      { field: 'tool.callId', from: 'gen_ai.tool.call.id' },
      { field: 'tool.arguments', from: 'gen_ai.tool.call.arguments' },
      { field: 'tool.result', from: 'gen_ai.tool.call.result' },
      { field: 'toolName', from: 'name', note: "the span's name" },
    ]),
  )
})

it.each<[string, SampleSpan, string]>([
  ['status', { fields: { status: { code: 2 } } }, 'status'],
  ['an exception', { fields: { events: [{ name: 'exception' }] } }, 'event exception'],
  [
    'a finish reason',
    { attributes: { 'gen_ai.response.finish_reasons': ['error'] } },
    'finishReasons',
  ],
])('says that the failure is told by %s', (_, sample, from) => {
  const span = describeSample({ ...sample, attributes: { ...chat, ...sample.attributes } })

  expect(sourceOf(span, 'error')?.from).toBe(from)
})

it('lists an attribute whose table entry does not apply to the span as unmapped', () => {
  const attributes = { 'langfuse.observation.type': 'agent', 'langfuse.observation.input': 'x' }

  const agent = describeSample({ attributes })
  const call = describeSample({
    attributes: { ...attributes, 'langfuse.observation.type': 'generation' },
  })

  expect(agent.unmapped).toEqual(['langfuse.observation.input'])
  expect(call.unmapped).toEqual([])
})

it('keeps what was sent as usage, wherever the sender puts it', () => {
  const span = describeSample({
    scope: { name: 'com.anthropic.claude_code.tracing' },
    attributes: { 'span.type': 'llm_request', input_tokens: 501, cache_read_tokens: 704 },
  })

  expect(span.usageRaw).toEqual({ input_tokens: 501, cache_read_tokens: 704 })
  expect(span.inputTokens).toBe(1205)
})

it('warns of counts that cannot be, and of times that are wrong', () => {
  const span = describeSample({
    attributes: { ...chat, 'gen_ai.usage.input_tokens': -5 },
    fields: { startTimeUnixNano: '2000000000', endTimeUnixNano: '1000000000' },
  })

  expect(span.warnings).toEqual([
    'implausible usage: inputTokens is -5',
    'end before start: the duration is not known',
  ])
})

const OURS = {
  ...chat,
  'sightline.kind': 'llm',
  'sightline.sdk.version': '0.1.0',
  'sightline.metadata.plan': 'pro',
  'sightline.stream.state': 'complete',
  'sightline.sample.probability': 0.1,
  'gen_ai.output.type': 'image',
  'gen_ai.prompt.variable.country': 'Peru',
  'server.address': 'api.openai.com',
  'server.port': 443,
  'openai.api.type': 'chat_completions',
}

it('knows all that our SDK says, and lists what the application added', () => {
  const span = describeSample({
    scope: { name: 'sightline' },
    attributes: { ...OURS, device: 'gpu', 'gen_ai.usage.unheard_of': 3 },
  })

  expect(span.unmapped).toEqual(['device', 'gen_ai.usage.unheard_of'])
})

it('names no field that a span does not have', () => {
  const { mapping } = describeSample({
    attributes: {
      ...OURS,
      'gen_ai.usage.total_tokens': 7,
      'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 3,
    },
  })

  const tops = mapping.map(({ field }) => field.split('.', 1)[0] ?? '')
  expect(tops.filter((top) => !(top in Span.shape))).toEqual([])
})

it("reads session and prompt of our SDK's functions, which are no calls to models", () => {
  const span = describeSample({
    scope: { name: 'sightline' },
    attributes: {
      'sightline.kind': 'chain',
      'gen_ai.conversation.id': 's-1',
      'gen_ai.prompt.name': 'capital',
      'gen_ai.prompt.version': '3',
    },
  })

  expect(span).toMatchObject({
    type: 'chain',
    sessionId: 's-1',
    promptName: 'capital',
    promptVersion: '3',
    unmapped: [],
  })
})

it('shows a list of no messages as none, and an empty list that a function gave as it is', () => {
  const call = describeSample({ attributes: { ...chat, 'gen_ai.input.messages': '[]' } })
  const search = describeSample({
    attributes: { 'sightline.kind': 'retriever', 'sightline.output': '[]' },
  })

  expect(call.inputMessages).toEqual([])
  expect(search.outputMessages).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: '[]' }] },
  ])
})
