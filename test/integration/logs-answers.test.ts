import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ScoreList, Span, SpanList } from '../../server/contract/index.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

type LogInput = {
  event: string
  attributes?: Record<string, unknown>
  body?: unknown
  traceId?: string
  spanId?: string
  at?: number
}

function any(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
  }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'object' && value !== null) {
    return { kvlistValue: { values: keyValues(value as Record<string, unknown>) } }
  }
  return { stringValue: String(value) }
}

function keyValues(fields: Record<string, unknown>): unknown[] {
  return Object.entries(fields).map(([key, value]) => ({ key, value: any(value) }))
}

function toRecord({ event, attributes = {}, body, at = Date.now(), ...ids }: LogInput) {
  return {
    timeUnixNano: `${at}000000`,
    attributes: keyValues({ 'event.name': event, ...attributes }),
    ...(body === undefined ? {} : { body: any(body) }),
    ...ids,
  }
}

type ExportBody = { partialSuccess?: { rejectedLogRecords: string; errorMessage: string } }

async function sendLogs(project: string, records: LogInput[], scope = 'test'): Promise<ExportBody> {
  const logRecords = records.map(toRecord)
  const resource = { attributes: keyValues({ 'service.name': 'shop' }) }
  const body = { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: scope }, logRecords }] }] }
  const answer = await fetch(`${server.url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sightline-project': project },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as ExportBody
}

async function sendSpan(project: string, span: SpanInput, scope = 'test'): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': project },
    body: new Uint8Array(encodeTraces({ spans: [span], scope: { name: scope } })),
  })
  expect(answer.status).toBe(200)
}

let counter = 0
function chatSpan(): SpanInput {
  counter += 1
  const hex = counter.toString(16)
  return {
    traceId: hex.padStart(32, 'a'),
    spanId: hex.padStart(16, 'b'),
    name: 'chat gpt-4o-mini',
    startMs: Date.now() - 900,
    endMs: Date.now(),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
    },
  }
}

function chatIds(): Pick<SpanInput, 'traceId' | 'spanId'> {
  const { traceId, spanId } = chatSpan()
  return { traceId, spanId }
}

async function get<T>(path: string, project: string): Promise<T> {
  const join = path.includes('?') ? '&' : '?'
  const answer = await fetch(`${server.url}/api/v1${path}${join}project=${project}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}

async function ledgerOf(project: string) {
  const rows = await server.sql<Record<string, number>[]>`
    select sum(received)::int as received, sum(stored)::int as stored,
      sum(duplicate)::int as duplicate, sum(rejected)::int as rejected
    from (
      select received, stored, duplicate, rejected from ledger_deltas
      where project_id = ${project} and signal = 'logs'
      union all
      select received, stored, duplicate, rejected from ledger
      where project_id = ${project} and signal = 'logs'
    ) counted`
  return rows[0]
}

describe('a failure that only a log record tells', () => {
  const orders: [string, string[]][] = [
    ['after', ['span', 'log']],
    ['before', ['log', 'span']],
  ]
  test.each(orders)(
    'is an error of the span and of the charts, sent %s it',
    async (name, order) => {
      const project = `abandoned-${name}`
      const span = chatSpan()
      const { traceId, spanId } = span
      const choice = { event: 'gen_ai.choice', traceId, spanId }
      const body = { index: 0, finish_reason: 'error', message: { content: 'One, two' } }

      for (const step of order) {
        if (step === 'span') await sendSpan(project, span)
        else await sendLogs(project, [{ ...choice, body }])
      }

      const stored = await get<Span>(`/traces/${traceId}/spans/${spanId}`, project)
      expect(stored).toMatchObject({
        status: 'error',
        finishReasons: ['error'],
        outputMessages: [{ role: 'assistant', parts: [{ type: 'text', content: 'One, two' }] }],
      })
      const metric = await get<{ series: { points: { value: number }[] }[] }>(
        `/metrics?metric=errors&step=all&from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`,
        project,
      )
      expect(metric.series[0]?.points[0]?.value).toBe(1)
    },
  )

  test('an exception event names its type and message', async () => {
    const span = chatSpan()
    const { traceId, spanId } = span
    await sendSpan('exception', span)

    await sendLogs('exception', [
      {
        event: 'gen_ai.client.operation.exception',
        traceId,
        spanId,
        attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'no answer in 30 s' },
      },
    ])

    expect(await get<Span>(`/traces/${traceId}/spans/${spanId}`, 'exception')).toMatchObject({
      status: 'error',
      error: { type: 'TimeoutError', message: 'no answer in 30 s' },
    })
  })
})

describe('bodies of message events', () => {
  test('may be JSON text or plain text', async () => {
    const span = chatSpan()
    const { traceId, spanId } = span
    await sendSpan('bodies', span)

    await sendLogs('bodies', [
      { event: 'gen_ai.user.message', traceId, spanId, body: 'plainly asked', at: span.startMs },
      {
        event: 'gen_ai.choice',
        traceId,
        spanId,
        body: JSON.stringify({ index: 0, message: { content: 'as JSON' }, finish_reason: 'stop' }),
      },
    ])

    const stored = await get<Span>(`/traces/${traceId}/spans/${spanId}`, 'bodies')
    expect(stored.inputMessages).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'plainly asked' }] },
    ])
    expect(stored.outputMessages).toMatchObject([
      { parts: [{ type: 'text', content: 'as JSON' }], finishReason: 'stop' },
    ])
    expect(stored.mapping).toContainEqual(
      expect.objectContaining({ field: 'inputMessages', note: 'from log event' }),
    )
  })
})

test.each(['before', 'after'])(
  'a choice that tells no time of its own ends its span, come %s it',
  async (order) => {
    const span = chatSpan()
    const project = `timeless-${order}`
    const ids = { traceId: span.traceId, spanId: span.spanId }
    const body = { index: 0, finish_reason: 'length', message: { content: 'So' } }
    if (order === 'after') await sendSpan(project, span)

    await sendLogs(project, [{ event: 'gen_ai.choice', ...ids, body, at: 0 }])

    if (order === 'before') await sendSpan(project, span)
    const { items } = await get<SpanList>('/spans', project)
    expect(items).toMatchObject([{ finishReasons: ['length'] }])
  },
)

describe('evaluation results', () => {
  const attributes = {
    'gen_ai.evaluation.name': 'relevance',
    'gen_ai.evaluation.score.value': 0.75,
    'gen_ai.evaluation.score.label': 'good',
    'gen_ai.evaluation.explanation': 'close to the question',
  }

  test('the same result sent by several at once is stored once and counted so', async () => {
    const record = { event: 'gen_ai.evaluation.result', attributes, ...chatIds(), at: Date.now() }

    await Promise.all(Array.from({ length: 8 }, () => sendLogs('eval-at-once', [record])))

    expect(await ledgerOf('eval-at-once')).toEqual({
      received: 8,
      stored: 1,
      duplicate: 7,
      rejected: 0,
    })
  })

  test('become one score of their span, sent twice, before it is there', async () => {
    const span = chatSpan()
    const { traceId, spanId } = span
    const result = {
      event: 'gen_ai.evaluation.result',
      traceId,
      spanId,
      attributes,
      at: Date.now(),
    }

    await sendLogs('evaluated', [result])
    await sendLogs('evaluated', [result])
    await sendSpan('evaluated', span)

    const { items } = await get<ScoreList>('/scores', 'evaluated')
    expect(items).toMatchObject([
      { traceId, spanId, name: 'relevance', value: 0.75, label: 'good', source: 'code' },
    ])
    expect(await ledgerOf('evaluated')).toMatchObject({ received: 2, stored: 1, duplicate: 1 })
  })

  test('may name the answer instead of a span; without either they are refused', async () => {
    const answer = await sendLogs('by-answer', [
      {
        event: 'gen_ai.evaluation.result',
        attributes: { ...attributes, 'gen_ai.response.id': 'chatcmpl-1' },
      },
      { event: 'gen_ai.evaluation.result', attributes },
    ])

    expect(answer.partialSuccess).toEqual({
      rejectedLogRecords: '1',
      errorMessage: 'gen_ai.evaluation.result: neither traceId nor spanId nor gen_ai.response.id',
    })
    const { items } = await get<ScoreList>('/scores', 'by-answer')
    expect(items).toMatchObject([{ responseId: 'chatcmpl-1', traceId: null, name: 'relevance' }])
  })

  test('may say who judged, carry an id that replaces, and name a span without its trace', async () => {
    const span = chatSpan()
    const { spanId } = span
    const send = (label: string) =>
      sendLogs('by-id', [
        {
          event: 'gen_ai.evaluation.result',
          spanId,
          attributes: {
            'gen_ai.evaluation.name': 'feedback',
            'gen_ai.evaluation.score.label': label,
            'sightline.score.id': 'vote-1',
            'sightline.score.source': 'user',
          },
        },
      ])
    await sendSpan('by-id', span)

    await send('up')
    await send('down')

    const { items } = await get<ScoreList>('/scores?f=model:eq:gpt-4o-mini', 'by-id')
    expect(items).toMatchObject([{ id: 'vote-1', spanId, label: 'down', source: 'user' }])
  })
})

describe('what is not kept', () => {
  test('is answered with 200, named, and counted', async () => {
    const answer = await sendLogs('others', [
      { event: 'user.login' },
      { event: 'user.login', at: Date.now() + 1 },
      { event: 'gen_ai.user.message', body: { content: 'whose?' } },
    ])

    expect(answer.partialSuccess?.rejectedLogRecords).toBe('3')
    expect(answer.partialSuccess?.errorMessage).toContain('2 × log event user.login: not stored')
    expect(answer.partialSuccess?.errorMessage).toContain('it belongs to no span')
    expect(await ledgerOf('others')).toMatchObject({ received: 3, stored: 0, rejected: 3 })
  })

  test('leaves its siblings alone when an id is none', async () => {
    const span = chatSpan()
    const { traceId, spanId } = span
    await sendSpan('siblings', span)

    const answer = await sendLogs('siblings', [
      { event: 'gen_ai.user.message', body: { content: 'lost' }, traceId: 'xyz', spanId },
      { event: 'gen_ai.user.message', body: { content: 'kept' }, traceId, spanId },
    ])

    expect(answer.partialSuccess).toEqual({
      rejectedLogRecords: '1',
      errorMessage: 'log record refused: traceId must be 32 hex',
    })
    const stored = await get<Span>(`/traces/${traceId}/spans/${spanId}`, 'siblings')
    expect(stored.inputMessages).toHaveLength(1)
  })
})

describe('calls of coding agents', () => {
  test('are counted once in the ledger however often they are sent', async () => {
    const call = {
      event: 'claude_code.api_request',
      at: Date.now(),
      attributes: {
        'session.id': 's-1',
        'prompt.id': 'p-1',
        request_id: 'req-1',
        model: 'claude-sonnet-4-5-20250929',
        input_tokens: 33,
        output_tokens: 19,
        cache_read_tokens: 64,
        cache_creation_tokens: 12,
        duration_ms: 200,
      },
    }

    await sendLogs('counted', [call])
    await sendLogs('counted', [call])

    expect(await ledgerOf('counted')).toEqual({ received: 2, stored: 1, duplicate: 1, rejected: 0 })
    const { items } = await get<SpanList>('/spans?f=session:eq:s-1', 'counted')
    expect(items).toMatchObject([
      { type: 'llm', inputTokens: 109, outputTokens: 19, cost: { totalUsd: 0.0004482 } },
    ])
    const [{ traceId, spanId } = { traceId: '', spanId: '' }] = items
    const whole = await get<Span>(`/traces/${traceId}/spans/${spanId}`, 'counted')
    expect(whole.dialect).toBe('claude-code')
    expect(whole.mapping).toContainEqual({
      field: 'outputTokens',
      from: 'output_tokens',
      note: 'from log event',
    })
  })

  test('show the answer that another event carries', async () => {
    const attributes = { 'session.id': 's-2', 'prompt.id': 'p-1', request_id: 'req-2' }
    await sendLogs(
      'answered',
      [{ event: 'assistant_response', attributes: { ...attributes, response: 'Paris.' } }],
      'com.anthropic.claude_code.events',
    )
    await sendLogs(
      'answered',
      [
        {
          event: 'api_request',
          attributes: { ...attributes, model: 'claude-sonnet-4-5', duration_ms: 9 },
        },
      ],
      'com.anthropic.claude_code.events',
    )

    const { items } = await get<SpanList>('/spans?f=session:eq:s-2', 'answered')
    const [{ traceId, spanId } = { traceId: '', spanId: '' }] = items
    const whole = await get<Span>(`/traces/${traceId}/spans/${spanId}`, 'answered')
    expect(whole.outputMessages).toMatchObject([{ parts: [{ type: 'text', content: 'Paris.' }] }])
  })

  test('whose beginning never comes are stored all the same after a while', async () => {
    const attributes = {
      'conversation.id': 'c-1',
      'event.kind': 'response.completed',
      input_token_count: '10',
      output_token_count: '5',
      model: 'gpt-5.1-codex',
    }
    await sendLogs('unheard', [{ event: 'codex.sse_event', attributes }])
    expect((await get<SpanList>('/spans?f=session:eq:c-1', 'unheard')).items).toEqual([])

    // The wait is by the database's own clock: its row is made older instead.
    await server.sql`
      update agent_events set received_at = received_at - interval '1 minute'
      where project_id = 'unheard'`

    await eventually(async () => {
      const { items } = await get<SpanList>('/spans?f=session:eq:c-1', 'unheard')
      expect(items).toMatchObject([{ type: 'llm', inputTokens: 10, model: 'gpt-5.1-codex' }])
    })
    expect(await ledgerOf('unheard')).toMatchObject({ received: 1, stored: 1 })

    // What is said of the session has not come with the first call: the next one waits for it no more.
    const start = {
      'conversation.id': 'c-1',
      duration_ms: '40',
      'http.response.status_code': '200',
    }
    await sendLogs('unheard', [{ event: 'codex.api_request', attributes: start }])
    await sendLogs('unheard', [{ event: 'codex.sse_event', attributes }])
    const { items } = await get<SpanList>('/spans?f=session:eq:c-1', 'unheard')
    expect(items).toHaveLength(2)
  })

  const likes = [
    ['gemini_cli', { total: 620, output: 120 }, 'gemini-cli'],
    ['qwen-code', { total: 600, output: 100 }, 'qwen-code'],
  ] as const
  test.each(likes)('of %s are read by its own way of counting', async (prefix, tokens, dialect) => {
    await sendLogs(dialect, [
      {
        event: `${prefix}.api_response`,
        attributes: {
          'session.id': 'g-1',
          prompt_id: 'p',
          model: 'gemini-2.5-pro',
          duration_ms: 1_200,
          input_token_count: 500,
          output_token_count: 100,
          cached_content_token_count: 200,
          thoughts_token_count: 20,
          total_token_count: tokens.total,
        },
      },
      {
        event: `${prefix}.api_error`,
        attributes: {
          'session.id': 'g-1',
          model: 'gemini-2.5-pro',
          error: 'quota exceeded',
          status_code: 429,
          duration_ms: 30,
        },
      },
    ])

    const { items } = await get<SpanList>('/spans?f=session:eq:g-1', dialect)
    expect(items.find(({ status }) => status === 'ok')).toMatchObject({
      inputTokens: 500,
      cacheReadTokens: 200,
      outputTokens: tokens.output,
      reasoningTokens: 20,
      durationMs: 1_200,
      model: 'gemini-2.5-pro',
    })
    expect(items.find(({ status }) => status === 'error')).toMatchObject({
      error: { message: 'quota exceeded', statusCode: 429 },
      requestModel: 'gemini-2.5-pro',
    })
  })

  const orders: [string, string[]][] = [
    ['span first', ['span', 'log']],
    ['event first', ['log', 'span']],
  ]
  test.each(orders)('that a span tells as well are one call: %s', async (name, order) => {
    const project = `twice-${name.replace(' ', '-')}`
    const endMs = Date.now() - 1_000
    const span: SpanInput = {
      ...chatSpan(),
      name: 'llm_call',
      startMs: endMs - 1_200,
      endMs,
      attributes: {
        'gen_ai.operation.name': 'llm_call',
        'gen_ai.conversation.id': 'g-2',
        'gen_ai.request.model': 'gemini-2.5-pro',
        'gen_ai.usage.input_tokens': 500,
        'gen_ai.usage.output_tokens': 100,
      },
    }
    const event = {
      event: 'gemini_cli.api_response',
      at: endMs,
      attributes: {
        'session.id': 'g-2',
        model: 'gemini-2.5-pro',
        duration_ms: 1_190,
        input_token_count: 500,
        output_token_count: 100,
      },
    }

    for (const step of order) {
      if (step === 'span') await sendSpan(project, span, 'gemini-cli')
      else await sendLogs(project, [event])
    }

    const { items } = await get<SpanList>('/spans?f=session:eq:g-2', project)
    expect(Object.fromEntries(items.map((item) => [item.name, item.countsTokens]))).toEqual({
      'gemini_cli.api_response': true,
      llm_call: false,
    })
  })
})
