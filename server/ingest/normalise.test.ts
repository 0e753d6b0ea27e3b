import { describe, expect, it } from 'vitest'
import type { SpanRecord } from '../spans/span.ts'
import { decodeTracesJson } from './decode-json.ts'
import { compileDialects } from './dialect-plan.ts'
import type { Dialect } from './dialects/dialect.ts'
import { DIALECTS } from './dialects/registry.ts'
import { normaliseTraces, type NormalisedTraces } from './normalise.ts'
import { SAMPLE_NOW_US, sampleBody, type SampleSpan, toAttributes } from './sample-otlp.ts'

function normalise(...samples: SampleSpan[]): NormalisedTraces {
  return normaliseTraces(decodeTracesJson(sampleBody(...samples)), { nowUs: SAMPLE_NOW_US })
}

function recordOf(sample: SampleSpan): SpanRecord {
  const { records } = normalise(sample)
  const [record] = records
  if (record === undefined) throw new Error('no record')
  return record
}

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' }

describe('a span with a fault', () => {
  it('is rejected by its index, and its siblings are kept with theirs', () => {
    const result = normalise({}, { fields: { traceId: 'x' } }, { fields: { name: {} } }, {})

    expect(result.indexes).toEqual([0, 3])
    expect(result.records).toHaveLength(2)
    expect(result.rejected).toEqual([
      { index: 1, reason: 'invalid_trace_id', message: 'span 1: traceId must be 32 hex' },
      { index: 2, reason: 'invalid_value', message: 'span 2: name must be a string' },
    ])
  })

  it('shares the fault of its resource', () => {
    const traces = decodeTracesJson(sampleBody({}, {}))
    const resource = traces.spans[0]?.group.resource
    if (resource !== undefined) resource.fault = { reason: 'too_deep', message: 'deep' }

    const { rejected, indexes } = normaliseTraces(traces, { nowUs: SAMPLE_NOW_US })

    expect(rejected.map(({ index }) => index)).toEqual([0])
    expect(indexes).toEqual([1])
  })
})

describe('times', () => {
  it('with the end before the start have no duration (B31)', () => {
    const { records, warnings } = normalise({
      fields: {
        startTimeUnixNano: `${SAMPLE_NOW_US}000`,
        endTimeUnixNano: `${SAMPLE_NOW_US - 1}000`,
      },
    })

    expect(records[0]).toMatchObject({
      durationUs: null,
      quarantined: false,
      startUs: SAMPLE_NOW_US,
      endUs: SAMPLE_NOW_US - 1,
    })
    expect(warnings).toEqual(['span 0: end before start: the duration is not known'])
  })

  const day = 86_400_000_000

  it.each([
    ['at 0', 0, SAMPLE_NOW_US],
    ['31 days ago', SAMPLE_NOW_US - 31 * day, SAMPLE_NOW_US - 31 * day + 5],
    ['until 7 days from now', SAMPLE_NOW_US, SAMPLE_NOW_US + 7 * day],
  ])('%s are quarantined (B32)', (_, startUs, endUs) => {
    const { records, warnings } = normalise({
      fields: { startTimeUnixNano: `${startUs}000`, endTimeUnixNano: `${endUs}000` },
    })

    expect(records[0]?.quarantined).toBe(true)
    expect(warnings[0]).toContain('time outside')
  })

  it.each([
    ['29 days ago', SAMPLE_NOW_US - 29 * day],
    ['59 minutes ahead', SAMPLE_NOW_US + 59 * 60_000_000],
  ])('%s are not', (_, us) => {
    const record = recordOf({
      fields: { startTimeUnixNano: `${us}000`, endTimeUnixNano: `${us}000` },
    })

    expect(record.quarantined).toBe(false)
  })
})

describe('usage', () => {
  const tokens = (attributes: Record<string, number | string>, scope = 'test', version = '1.0.0') =>
    recordOf({ attributes: { ...chat, ...attributes }, scope: { name: scope, version } }).usage

  it.each([
    ['gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens'],
    ['gen_ai.usage.prompt_tokens', 'gen_ai.usage.completion_tokens'],
  ])('is read from %s and %s', (input, output) => {
    expect(tokens({ [input]: 42, [output]: 17 })).toMatchObject({ input: 42, output: 17 })
  })

  it.each([
    ['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_write.input_tokens'],
    ['gen_ai.usage.cache_read_input_tokens', 'gen_ai.usage.cache_creation.input_tokens'],
    ['gen_ai.usage.input_tokens.cached', 'gen_ai.usage.cache_creation_input_tokens'],
  ])('reads cache from %s and %s', (read, write) => {
    const usage = tokens({ 'gen_ai.usage.input_tokens': 109, [read]: 64, [write]: 12 })

    expect(usage).toMatchObject({ input: 109, cacheRead: 64, cacheWrite: 12 })
  })

  it('takes the newer of two names once', () => {
    const usage = tokens({ 'gen_ai.usage.prompt_tokens': 5, 'gen_ai.usage.input_tokens': 42 })

    expect(usage.input).toBe(42)
  })

  it('reads numbers written as text', () => {
    expect(tokens({ 'gen_ai.usage.input_tokens': '42' }).input).toBe(42)
  })

  it('adds the cache where it exceeds the input, which then leaves it out', () => {
    const usage = tokens({
      'gen_ai.usage.input_tokens': 33,
      'gen_ai.usage.cache_read.input_tokens': 64,
      'gen_ai.usage.cache_write.input_tokens': 12,
    })

    expect(usage.input).toBe(109)
  })

  it.each([
    ['@traceloop/instrumentation-anthropic', '0.27.0', 110],
    ['@traceloop/instrumentation-anthropic', '0.28.0', 100],
    ['opentelemetry.instrumentation.anthropic', '0.27.0', 100],
    ['openlit', '1.15.0', 110],
    ['@opentelemetry/instrumentation-aws-sdk', '0.79.0', 110],
    ['opentelemetry.instrumentation.botocore.bedrock-runtime', '0.66b2', 110],
  ])('of Anthropic in %s %s counts 100 with 10 cached as %i', (scope, version, input) => {
    const sent = {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 10,
    }

    expect(tokens(sent, scope, version).input).toBe(input)
  })

  it('of OpenAI in OpenLIT includes the cache', () => {
    const sent = { 'gen_ai.usage.input_tokens': 100, 'gen_ai.usage.cache_read.input_tokens': 10 }

    expect(tokens(sent, 'openlit', '1.15.0').input).toBe(100)
  })

  it.each([
    [{ 'gen_ai.usage.total_tokens': 48 }, 20],
    [{ 'gen_ai.usage.total_tokens': 42 }, 14],
    [{}, 14],
  ])('with the total %j counts 14 of output and 6 of reasoning as %i', (total, output) => {
    const usage = tokens({
      'gen_ai.usage.input_tokens': 28,
      'gen_ai.usage.output_tokens': 14,
      'gen_ai.usage.reasoning_tokens': 6,
      ...total,
    })

    expect(usage).toMatchObject({ output, reasoning: 6 })
  })

  it.each([
    ['gen_ai.usage.input_tokens', -5],
    ['gen_ai.usage.input_tokens', 1e15],
    ['gen_ai.usage.output_tokens', 'many'],
    ['gen_ai.usage.cache_read.input_tokens', 2e9],
  ])('is implausible with %s = %s and never summed (B38)', (key, value) => {
    const { records, warnings } = normalise({
      attributes: { ...chat, 'gen_ai.usage.output_tokens': 1, [key]: value },
    })

    expect(records[0]?.costReason).toBe('implausible_usage')
    expect(Object.values(records[0]?.usage ?? {})).not.toContain(value)
    expect(warnings[0]).toContain('implausible usage')
  })

  it.each([{ doubleValue: 'NaN' }, { doubleValue: 'Infinity' }, { doubleValue: null }])(
    'of %j is null and told (B37)',
    (value) => {
      const { records, warnings, rejected } = normalise({
        fields: {
          attributes: [...toAttributes(chat), { key: 'gen_ai.usage.input_tokens', value }],
        },
      })

      expect(records[0]?.usage.input).toBeNull()
      expect(warnings.length).toBeGreaterThan(0)
      expect(rejected).toEqual([])
    },
  )

  it("keeps the sender's cost apart, and only an amount", () => {
    const cost = (value: string | number): number | null =>
      recordOf({ attributes: { ...chat, 'gen_ai.usage.cost': value } }).senderCostNanoUsd

    expect(cost(0.0004482)).toBe(448_200)
    expect(cost('0.0004482')).toBe(448_200)
    expect(cost('0,002')).toBeNull()
    expect(cost(-1)).toBeNull()
  })
})

describe('type and leaf', () => {
  it.each([
    ['chat', 'llm', true, 'chat', 'chat'],
    ['generate_content', 'llm', true, 'generate_content', 'chat'],
    ['text_completion', 'llm', true, 'text_completion', 'completion'],
    ['acompletion', 'llm', true, 'chat', 'chat'],
    ['embeddings', 'embedding', true, 'embeddings', 'embedding'],
    ['aembedding', 'embedding', true, 'embeddings', 'embedding'],
    ['execute_tool', 'tool', false, 'execute_tool', null],
    ['invoke_agent', 'agent', false, 'invoke_agent', null],
    ['invoke_workflow', 'chain', false, 'invoke_workflow', null],
    ['agent_step', 'chain', false, null, null],
    ['retrieval', 'retriever', false, 'retrieval', 'retrieval'],
    ['something_new', 'other', false, null, null],
  ])('of operation %s: %s', (operationRaw, ...expected) => {
    const record = recordOf({
      attributes: { 'gen_ai.operation.name': operationRaw, 'gen_ai.usage.input_tokens': 5 },
    })

    const { type, countsTokens, operation, task } = record
    expect([type, countsTokens, operation, task]).toEqual(expected)
    expect(record.operationRaw).toBe(operationRaw)
  })

  it.each([
    ['LLM', 'llm', true],
    ['EMBEDDING', 'embedding', true],
    ['AGENT', 'agent', false],
    ['CHAIN', 'chain', false],
    ['RETRIEVER', 'retriever', false],
    ['GUARDRAIL', 'guardrail', false],
    ['Unheard', 'other', false],
  ])('of OpenInference kind %s: %s', (kind, type, countsTokens) => {
    const record = recordOf({
      attributes: { 'openinference.span.kind': kind, 'llm.token_count.prompt': 5 },
    })

    expect(record).toMatchObject({ type, countsTokens, dialect: 'openinference' })
  })

  it('of a span without any GenAI attribute are other and not counted', () => {
    expect(recordOf({ attributes: { 'http.method': 'GET' } })).toMatchObject({
      type: 'other',
      countsTokens: false,
      dialect: 'otel',
    })
  })

  it('of a model call without operation show in its usage', () => {
    const attributes = { 'gen_ai.request.model': 'titan', 'gen_ai.usage.input_tokens': 5 }

    expect(recordOf({ attributes })).toMatchObject({ type: 'llm', countsTokens: true })
  })

  it('take each field once from a span that speaks two dialects', () => {
    const record = recordOf({
      attributes: {
        ...chat,
        'gen_ai.usage.input_tokens': 42,
        'openinference.span.kind': 'LLM',
        'llm.token_count.prompt': 40,
        'llm.token_count.completion': 17,
      },
    })

    expect(record).toMatchObject({ dialect: 'openinference', usage: { input: 42, output: 17 } })
  })
})

describe('provider', () => {
  const providerOf = (attributes: Record<string, string>) => {
    const { provider, providerRaw, providerInferred } = recordOf({
      attributes: { 'gen_ai.operation.name': 'chat', ...attributes },
    })
    return [provider, providerRaw, providerInferred]
  }

  it.each([
    ['OpenAI', 'openai'],
    ['openai.chat', 'openai'],
    ['anthropic.messages', 'anthropic'],
    ['gemini', 'gcp.gen_ai'],
    ['gcp.gemini', 'gcp.gen_ai'],
    ['az.ai.openai', 'azure.ai.openai'],
    ['bedrock', 'aws.bedrock'],
  ])('%s is %s', (raw, provider) => {
    expect(providerOf({ 'gen_ai.system': raw })).toEqual([provider, raw, false])
  })

  it.each([
    [{ 'gen_ai.request.model': 'gpt-4o-mini' }, 'openai'],
    [{ 'gen_ai.request.model': 'anthropic/claude-sonnet-4-5' }, 'anthropic'],
    [{ 'server.address': 'https://api.mistral.ai/v1', 'gen_ai.request.model': 'x' }, 'mistral_ai'],
  ])('is inferred from %j', (attributes, provider) => {
    expect(providerOf(attributes)).toEqual([provider, null, true])
  })

  it('is not a framework, and the framework is kept as raw', () => {
    expect(providerOf({ 'gen_ai.system': 'langchain', 'gen_ai.request.model': 'gpt-4o' })).toEqual([
      'openai',
      'langchain',
      true,
    ])
  })

  it('is null where nothing tells', () => {
    expect(providerOf({ 'gen_ai.request.model': 'our-model' })).toEqual([null, null, false])
  })
})

describe('first token and streaming', () => {
  const streamOf = (attributes: Record<string, string | number | boolean>, fields = {}) => {
    const { streaming, ttftUs } = recordOf({ attributes: { ...chat, ...attributes }, fields })
    return { streaming, ttftUs }
  }

  it.each([
    ['gen_ai.response.time_to_first_chunk', 0.25],
    ['gen_ai.client.operation.time_to_first_chunk', 0.25],
    ['gen_ai.server.time_to_first_token', 0.25],
  ])('is read from %s in seconds and marks a stream', (key, value) => {
    expect(streamOf({ [key]: value })).toEqual({ streaming: true, ttftUs: 250_000 })
  })

  it('is milliseconds in the scope of Strands', () => {
    const record = recordOf({
      attributes: { ...chat, 'gen_ai.server.time_to_first_token': 250 },
      scope: { name: 'strands.telemetry' },
    })

    expect(record.ttftUs).toBe(250_000)
  })

  it.each([-0.1, 0, 1.5])('of %d s in a call of 1 s is dropped', (seconds) => {
    expect(streamOf({ 'gen_ai.response.time_to_first_chunk': seconds })).toEqual({
      streaming: null,
      ttftUs: null,
    })
  })

  it('is dropped on a call that is no stream', () => {
    expect(
      streamOf({ 'gen_ai.request.stream': false, 'gen_ai.response.time_to_first_chunk': 0.2 }),
    ).toEqual({ streaming: false, ttftUs: null })
  })

  it.each(['True', 'true', '"true"'])('reads the text %s as a stream', (text) => {
    expect(streamOf({ 'llm.is_streaming': text })).toEqual({ streaming: true, ttftUs: null })
  })

  it('comes from the first chunk event that lies within the span', () => {
    const startUs = SAMPLE_NOW_US - 2_000_000
    const events = [
      { name: 'gen_ai.content.completion.chunk', timeUnixNano: `${startUs + 400_000}000` },
      { name: 'gen_ai.content.completion.chunk', timeUnixNano: `${startUs + 300_000}000` },
      { name: 'First Token Stream Event', timeUnixNano: `${startUs - 10}000` },
      { name: 'First Token Stream Event', timeUnixNano: `${startUs + 9_000_000}000` },
    ]

    expect(streamOf({}, { events })).toEqual({ streaming: true, ttftUs: 300_000 })
  })
})

describe('an error', () => {
  const errorOf = (sample: SampleSpan) => {
    const { status, errorType, errorMessage, errorStatusCode } = recordOf(sample)
    return { status, errorType, errorMessage, errorStatusCode }
  }
  const exception = {
    name: 'exception',
    timeUnixNano: '1',
    attributes: toAttributes({ 'exception.type': 'TypeError', 'exception.message': 'bad' }),
  }

  it.each([
    [
      { fields: { status: { code: 2, message: '429 slow down' } } },
      { errorType: null, errorMessage: '429 slow down', errorStatusCode: 429 },
    ],
    [
      { attributes: { 'error.type': '503' } },
      { errorType: '503', errorMessage: null, errorStatusCode: 503 },
    ],
    [
      { attributes: { 'error.type': 'X', 'http.response.status_code': 429 } },
      { errorType: 'X', errorMessage: null, errorStatusCode: 429 },
    ],
    [
      { fields: { events: [exception] } },
      { errorType: 'TypeError', errorMessage: 'bad', errorStatusCode: null },
    ],
    [
      { attributes: { ...chat, 'gen_ai.response.finish_reasons': ['stop', 'error'] } },
      { errorType: null, errorMessage: null, errorStatusCode: null },
    ],
  ])('is signalled by %j', (sample: SampleSpan, expected) => {
    expect(errorOf(sample)).toEqual({ status: 'error', ...expected })
  })

  it('is none by an HTTP code alone', () => {
    expect(errorOf({ attributes: { 'http.response.status_code': 200 } }).status).toBe('ok')
  })
})

describe('identity fields', () => {
  it('come from span and resource; empty ones are absent', () => {
    const record = recordOf({
      attributes: {
        ...chat,
        'gen_ai.conversation.id': 'sess-42',
        'user.id': 'user-7',
        'gen_ai.prompt.name': 'support',
        'gen_ai.prompt.version': '3',
        'gen_ai.agent.name': '',
      },
      resource: {
        'service.name': 'chat',
        'service.version': '1.4.0',
        'deployment.environment': 'prod',
        'service.instance.id': 'random',
      },
      scope: { name: '' },
    })

    expect(record).toMatchObject({
      service: 'chat',
      release: '1.4.0',
      environment: 'prod',
      scope: null,
      sessionId: 'sess-42',
      userId: 'user-7',
      promptName: 'support',
      promptVersion: '3',
      agentName: null,
    })
  })

  it('of our SDK are read with the kind and task it names', () => {
    const record = recordOf({
      scope: { name: 'sightline' },
      attributes: {
        'sightline.kind': 'retriever',
        'sightline.task': 'retrieval',
        'sightline.tags': ['prod', 'eu'],
      },
    })

    expect(record).toMatchObject({
      dialect: 'sightline',
      type: 'retriever',
      task: 'retrieval',
      tags: ['prod', 'eu'],
      countsTokens: false,
    })
  })

  it('are short enough for an index, whatever came', () => {
    const record = recordOf({ attributes: { 'user.id': '🙂'.repeat(5_000) } })

    expect(Buffer.byteLength(record.userId ?? '')).toBeLessThan(2_704)
    expect(record.userId?.isWellFormed()).toBe(true)
  })
})

describe('a new dialect', () => {
  const madeUp: Dialect = {
    name: 'made-up',
    markers: ['made.up.kind'],
    kinds: [{ key: 'made.up.kind', types: { MODEL: 'llm' } }],
    fields: {
      requestModel: [{ key: 'made.up.request', path: 'settings.model' }],
      inputTokens: ['made.up.tokens.in'],
    },
  }

  it('is one table and one line in the registry', () => {
    const traces = decodeTracesJson(
      sampleBody({
        attributes: {
          'made.up.kind': 'model',
          'made.up.request': '{"settings":{"model":"m-1"}}',
          'made.up.tokens.in': '7',
        },
      }),
    )
    const tables = compileDialects([madeUp, ...DIALECTS])

    const { records } = normaliseTraces(traces, { nowUs: SAMPLE_NOW_US, tables })

    expect(records[0]).toMatchObject({
      dialect: 'made-up',
      type: 'llm',
      countsTokens: true,
      requestModel: 'm-1',
      usage: { input: 7 },
    })
  })
})

it('keeps a sparse index as one flat key (B48)', () => {
  const { records } = normalise({
    attributes: { ...chat, 'gen_ai.prompt.4294967294.content': 'hi' },
  })

  expect(records).toHaveLength(1)
})

it('writes at most 100 warnings for a request', () => {
  const samples = Array.from({ length: 150 }, () => ({ fields: { startTimeUnixNano: '0' } }))

  expect(normalise(...samples).warnings).toHaveLength(100)
})
