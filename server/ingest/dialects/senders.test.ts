// What captured payloads do not hold: each case is cut from what the named sender sends.
import { describe, expect, it } from 'vitest'
import type { Span } from '../../contract/index.ts'
import { decodeTracesJson } from '../decode-json.ts'
import { describeSpan } from '../describe.ts'
import { resolveNestedCalls } from '../nested-calls.ts'
import { normaliseTraces } from '../normalise.ts'
import { SAMPLE_NOW_US, sampleBody, type SampleSpan } from '../sample-otlp.ts'

type Attributes = NonNullable<SampleSpan['attributes']>

function read(attributes: Attributes, more: Omit<SampleSpan, 'attributes'> = {}): Span {
  const [span] = decodeTracesJson(sampleBody({ attributes, ...more })).spans
  if (span === undefined) throw new Error('no span decoded')
  return describeSpan(span)
}

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' }
const oiModel = { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gemini-2.5-flash' }

function choice(attributes: Record<string, string>) {
  return {
    name: 'gen_ai.choice',
    timeUnixNano: `${SAMPLE_NOW_US - 1_500_000}000`,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  }
}

describe('LangChain through OpenInference (Python)', () => {
  const answer = (id: string, metadata: object) =>
    JSON.stringify({
      generations: [[{ message: { kwargs: { id, response_metadata: metadata } } }]],
    })

  it("has the provider's id of the answer, not the one of LangChain's run", () => {
    const of = (output: string) => read({ ...oiModel, 'output.value': output }).responseId

    expect(of(answer('lc_run--01a2-0', { id: 'msg_1' }))).toBe('msg_1')
    expect(of(answer('chatcmpl-1', {}))).toBe('chatcmpl-1')
    expect(of(answer('run-01a2', {}))).toBeNull()
  })

  it("tells one call with the span of Anthropic's own client", () => {
    const { spans } = decodeTracesJson(
      sampleBody(
        {
          attributes: {
            ...oiModel,
            'llm.token_count.prompt': 109,
            'output.value': answer('lc_run--01a2-0', { id: 'msg_1' }),
          },
        },
        {
          scope: { name: 'com.anthropic.sdk.python' },
          attributes: { ...chat, 'gen_ai.usage.input_tokens': 109, 'gen_ai.response.id': 'msg_1' },
        },
      ),
    )
    const { records } = normaliseTraces({ format: 'json', spans }, { nowUs: SAMPLE_NOW_US })
    resolveNestedCalls(records)

    expect(records.map(({ countsTokens }) => countsTokens)).toEqual([false, true])
  })

  it("has Gemini's call once, though it is written in two forms", () => {
    const prefix = 'llm.output_messages.0.message'
    const { outputMessages } = read({
      ...oiModel,
      [`${prefix}.role`]: 'assistant',
      [`${prefix}.function_call_name`]: 'get_weather',
      [`${prefix}.function_call_arguments_json`]: '{"city":"Oslo"}',
      [`${prefix}.tool_calls.0.tool_call.id`]: 'c1',
      [`${prefix}.tool_calls.0.tool_call.function.name`]: 'get_weather',
      [`${prefix}.tool_calls.0.tool_call.function.arguments`]: '{"city":"Oslo"}',
    })

    expect(outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Oslo' } },
    ])
  })
})

describe("a tool's answer as a message of LangChain", () => {
  const message = { content: '{"temp":7}', tool_call_id: 'c1', type: 'tool' }

  it.each<[string, Attributes]>([
    [
      'OpenInference',
      {
        'openinference.span.kind': 'TOOL',
        'output.value': JSON.stringify({ type: 'tool', data: message }),
      },
    ],
    [
      'Langfuse',
      {
        'langfuse.observation.type': 'tool',
        'langfuse.observation.output': JSON.stringify(message),
      },
    ],
    ['MLflow', { 'mlflow.spanType': '"TOOL"', 'mlflow.spanOutputs': JSON.stringify(message) }],
    [
      'LangSmith',
      { 'langsmith.span.kind': 'tool', 'gen_ai.completion': JSON.stringify({ output: message }) },
    ],
    [
      'OpenLLMetry',
      {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.input': '{"input_str":"…","inputs":{},"kwargs":{"tool_call_id":"c1"}}',
        'traceloop.entity.output': JSON.stringify({ output: { lc: 1, kwargs: message } }),
        'gen_ai.tool.call.result': JSON.stringify({ output: { lc: 1, kwargs: message } }),
      },
    ],
  ])('is read from what %s records', (_, attributes) => {
    expect(read(attributes).tool).toMatchObject({ callId: 'c1', result: { temp: 7 } })
  })

  it('leaves the arguments that OpenLLMetry wraps with the run', () => {
    const run =
      '{"input_str":"{\'city\': \'Oslo\'}","inputs":{"city":"Oslo"},"kwargs":{"color":"x"}}'
    const { tool } = read({
      'traceloop.span.kind': 'tool',
      'traceloop.entity.input': run,
      'gen_ai.tool.call.arguments': run,
    })

    expect(tool?.arguments).toEqual({ city: 'Oslo' })
  })
})

describe('OpenLLMetry', () => {
  it('has a finish reason for each choice of the older form', () => {
    const { finishReasons } = read({
      ...chat,
      'gen_ai.completion.1.finish_reason': 'length',
      'gen_ai.completion.0.finish_reason': 'stop',
    })

    expect(finishReasons).toEqual(['stop', 'length'])
  })

  it('gives texts to embed no role', () => {
    const { inputMessages } = read({
      'llm.request.type': 'embedding',
      'gen_ai.request.model': 'text-embedding-3-small',
      'gen_ai.prompt.0.content': 'drift',
    })

    expect(inputMessages).toEqual([{ role: '', parts: [{ type: 'text', content: 'drift' }] }])
  })

  it("opens up Gemini's lists of function declarations in either spelling", () => {
    const { toolDefinitions } = read({
      ...chat,
      'gen_ai.tool.definitions': '[{"function_declarations":[{"name":"get_weather"}]}]',
    })

    expect(toolDefinitions).toEqual([{ name: 'get_weather' }])
  })
})

it("adds Gemini's thoughts that AI SDK 5 leaves in the provider's metadata", () => {
  const span = read(
    {
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.usage.promptTokens': 28,
      'ai.usage.completionTokens': 14,
      'ai.response.providerMetadata': JSON.stringify({
        google: { usageMetadata: { thoughtsTokenCount: 6, totalTokenCount: 48 } },
      }),
    },
    { scope: { name: 'ai' } },
  )

  expect(span).toMatchObject({ inputTokens: 28, outputTokens: 20, reasoningTokens: 6 })
})

it('takes the kind that OpenInference names over what an AI SDK span is by itself', () => {
  const span = read(
    {
      'ai.operationId': 'ai.generateText',
      'openinference.span.kind': 'AGENT',
      'llm.token_count.prompt': 42,
    },
    { scope: { name: 'ai' } },
  )

  expect(span).toMatchObject({ type: 'agent', countsTokens: false })
})

it('reads what Langfuse adds to the spans of another sender', () => {
  const span = read(
    {
      'ai.operationId': 'ai.generateText.doGenerate',
      'langfuse.session.id': 's1',
      'langfuse.user.id': 'u1',
      'langfuse.trace.tags': ['a'],
      'langfuse.observation.prompt.name': 'greeting',
      'langfuse.observation.prompt.version': 2,
      'langfuse.environment': 'staging',
    },
    { scope: { name: 'ai' } },
  )

  expect(span).toMatchObject({
    dialect: 'vercel-ai',
    sessionId: 's1',
    userId: 'u1',
    tags: ['a'],
    promptName: 'greeting',
    promptVersion: '2',
    environment: 'staging',
  })
})

describe('Strands', () => {
  it('names itself or the service where the provider belongs', () => {
    const span = read(
      { ...chat, 'gen_ai.system': 'my-service' },
      { scope: { name: 'strands.telemetry.tracer' } },
    )

    expect(span).toMatchObject({
      provider: 'openai',
      providerRaw: 'my-service',
      providerInferred: true,
    })
  })

  it('has its finish reason in the event of the choice', () => {
    const { finishReasons } = read(chat, {
      scope: { name: 'strands.telemetry.tracer' },
      fields: { events: [choice({ finish_reason: 'end_turn', message: '[{"text":"Hi"}]' })] },
    })

    expect(finishReasons).toEqual(['end_turn'])
  })
})

it("has Semantic Kernel's finish reason inside the content of the choice's event", () => {
  const content = '{"index":0,"message":{"content":"Hi"},"finish_reason":"Stop"}'
  const { finishReasons } = read(chat, {
    fields: { events: [choice({ 'gen_ai.event.content': content })] },
  })

  expect(finishReasons).toEqual(['Stop'])
})

describe('conventions', () => {
  it('of 1.27 have the messages in one attribute each', () => {
    const { inputMessages, outputMessages } = read({
      ...chat,
      'gen_ai.prompt': '[{"role":"user","content":"Hi"}]',
      'gen_ai.completion': 'Hello',
    })

    expect(inputMessages).toEqual([{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }])
    expect(outputMessages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] },
    ])
  })

  it("have a provider's own tool beside the part's name", () => {
    const { outputMessages } = read({
      ...chat,
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            {
              type: 'server_tool_call',
              id: 's1',
              name: 'search',
              server_tool_call: { type: 'web', query: 'q' },
            },
            {
              type: 'server_tool_call_response',
              id: 's1',
              server_tool_call_response: { type: 'web', hits: 1 },
            },
          ],
        },
      ]),
    })

    expect(outputMessages[0]?.parts).toEqual([
      { type: 'tool_call', id: 's1', name: 'search', arguments: { query: 'q' } },
      { type: 'tool_call_response', id: 's1', response: { hits: 1 } },
    ])
  })

  it.each([
    ["['stop']", ['stop']],
    ["('stop', 'length')", ['stop', 'length']],
  ])('have finish reasons as Python text: %s', (text, reasons) => {
    expect(read({ ...chat, 'gen_ai.response.finish_reasons': text }).finishReasons).toEqual(reasons)
  })

  it.each([
    ['search_memory', 'other', 'search_memory'],
    ['anthropic_messages', 'llm', 'chat'],
    ['agenerate_content_stream', 'llm', 'generate_content'],
    ['execute_task', 'chain', null],
  ])('and operations beyond them: %s', (sent, type, operation) => {
    expect(read({ 'gen_ai.operation.name': sent })).toMatchObject({ type, operation })
  })

  it("find the status code inside the provider's answer", () => {
    const message = "Error calling model (EXHAUSTED): 429 EXHAUSTED. {'error': {'code': 429}}"

    expect(read(chat, { fields: { status: { code: 2, message } } }).error?.statusCode).toBe(429)
  })
})

it("reads a provider's own names in the usage details of Pydantic AI", () => {
  const span = read({
    ...chat,
    'gen_ai.usage.input_tokens': 28,
    'gen_ai.usage.output_tokens': 20,
    'gen_ai.usage.details.cached_content_tokens': 8,
    'gen_ai.usage.details.thoughts_tokens': 6,
  })

  expect(span).toMatchObject({ cacheReadTokens: 8, reasoningTokens: 6, outputTokens: 20 })
})

it.each<[string, Attributes]>([
  [
    'MLflow',
    {
      'mlflow.spanType': '"LLM"',
      'mlflow.spanInputs':
        '{"model":"gemini-2.5-flash","contents":"Hi","config":{"temperature":0.2}}',
      'mlflow.spanOutputs': '{"response_id":"g1","model_version":"gemini-2.5-flash-001"}',
    },
  ],
  [
    'OpenInference',
    {
      'openinference.span.kind': 'LLM',
      'input.value': '{"model":"gemini-2.5-flash","contents":"Hi"}',
      'llm.invocation_parameters': '{"temperature":0.2}',
      'output.value': '{"response_id":"g1","model_version":"gemini-2.5-flash-001"}',
    },
  ],
])("reads Gemini's request and answer of %s, which do not tell a stream", (_, attributes) => {
  expect(read(attributes)).toMatchObject({
    requestModel: 'gemini-2.5-flash',
    responseModel: 'gemini-2.5-flash-001',
    responseId: 'g1',
    temperature: 0.2,
    streaming: null,
  })
})

it("reads Pydantic AI's tools from the parameters of the request", () => {
  const { toolDefinitions } = read(
    { ...chat, model_request_parameters: '{"function_tools":[{"name":"get_weather"}]}' },
    { scope: { name: 'pydantic-ai' } },
  )

  expect(toolDefinitions).toEqual([{ name: 'get_weather' }])
})
