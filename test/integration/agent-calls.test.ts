import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message, Span, SpanList, SpanSummary } from '../../server/contract/index.ts'
import { splitLogs, type PlainLogs } from '../otlp/logs-proto.ts'
import { caseNames, movedToYesterday, readExpected, readRequests } from '../support/log-fixtures.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

type DerivedCall = {
  at: number
  sessionId: string
  userId: string | null
  userEmail: string | null
  agentName: string | null
  model: string
  requestModel: string | null
  responseId: string | null
  provider: string | null
  providerInferred: boolean | null
  inputTokensTotal: number | null
  outputTokensTotal: number | null
  cacheReadTokens: number | null
  cacheWriteTokens: number | null
  reasoningTokens: number | null
  costUsd: number | null
  durationMs: number
  ttftMs: number | null
  streaming: boolean | null
  finishReasons: string[] | null
  error: { type: string | null; message: string | null; statusCode: number | null } | null
  prompt: string | null
  response: string | null
  toolCalls: { name: string; success: boolean }[]
}
type Expected = { derivedCalls: DerivedCall[]; trace: Record<string, number | null> }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

async function post(signal: 'traces' | 'logs', body: unknown, project: string) {
  const answer = await fetch(`${server.url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sightline-project': project },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as {
    partialSuccess?: { rejectedLogRecords?: string; errorMessage?: string }
  }
}

type Sent = { traces: unknown[]; logs: PlainLogs[] }
type Order = (sent: Sent) => ['traces' | 'logs', unknown][]

const traces = ({ traces: bodies }: Sent) =>
  bodies.map((body): ['traces', unknown] => ['traces', body])
const logs = (bodies: PlainLogs[]) => bodies.map((body): ['logs', unknown] => ['logs', body])

const ORDERS: Record<string, Order> = {
  'as it came': (sent) => [...traces(sent), ...logs(sent.logs)],
  'logs first': (sent) => [...logs(sent.logs), ...traces(sent)],
  'one record a request': (sent) => [...traces(sent), ...logs(sent.logs.flatMap(splitLogs))],
  'one record a request, backward': (sent) => [
    ...logs(sent.logs.flatMap(splitLogs).toReversed()),
    ...traces(sent),
  ],
  'all of it twice': (sent) => [...traces(sent), ...logs([...sent.logs, ...sent.logs])],
}

describe.each(['claude-code', 'codex'])('calls of %s', (source) => {
  test.each(
    caseNames(source).flatMap((name) => Object.keys(ORDERS).map((order) => [name, order] as const)),
  )('%s, sent %s: each event of a call is one call', async (name, order) => {
    const project = `${source}-${name}-${order}`.replace(/[^a-z0-9-]+/g, '-')
    const { derivedCalls } = readExpected<Expected>(source, name)
    const captured = readRequests(source, name)
    const sent = movedToYesterday(captured, Date.now())

    for (const [signal, body] of ORDERS[order]?.(sent) ?? []) await post(signal, body, project)

    const spans = await spansOf(derivedCalls[0]?.sessionId ?? '', project)
    const calls = spans.filter((span) => span.type === 'llm' && span.countsTokens)
    expect(calls.map(toCall)).toEqual(derivedCalls.map(expectedCall))
    // Where the agent sends spans too, those tell its tool uses.
    const tools = sent.traces.length > 0 ? [] : derivedCalls
    expect(tools.map((_, at) => toolsOf(spans, calls[at]))).toEqual(
      tools.map((call) => call.toolCalls.map((tool) => [tool.name, tool.success])),
    )
    expect(await contentsOf(calls, project)).toEqual(
      derivedCalls.map(({ prompt, response }) => [prompt, response]),
    )
    expect(spans.filter((span) => span.type === 'tool')).toHaveLength(
      derivedCalls.flatMap((call) => call.toolCalls).length,
    )
    expect(await sumOf('requests', project)).toBe(derivedCalls.length)
    expect(await sumOf('tokens_input', project)).toBe(
      derivedCalls.reduce((sum, call) => sum + (call.inputTokensTotal ?? 0), 0),
    )
  })
})

function expectedCall(call: DerivedCall) {
  return {
    sessionId: call.sessionId,
    userId: call.userId,
    agentName: call.agentName,
    model: call.model,
    requestModel: call.requestModel,
    responseId: call.responseId,
    providerInferred: call.providerInferred ?? false,
    provider: call.provider,
    inputTokens: call.inputTokensTotal,
    outputTokens: call.outputTokensTotal,
    cacheReadTokens: call.cacheReadTokens,
    cacheWriteTokens: call.cacheWriteTokens,
    reasoningTokens: call.reasoningTokens,
    senderUsd: call.costUsd,
    durationMs: call.durationMs,
    ttftMs: call.ttftMs,
    streaming: call.streaming,
    finishReasons: call.finishReasons ?? [],
    error: call.error,
  }
}

function toCall(span: SpanSummary) {
  return {
    sessionId: span.sessionId,
    userId: span.userId,
    agentName: span.agentName,
    model: span.model,
    requestModel: span.requestModel,
    responseId: span.responseId,
    providerInferred: span.providerInferred,
    provider: span.provider,
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cacheReadTokens: span.cacheReadTokens,
    cacheWriteTokens: span.cacheWriteTokens,
    reasoningTokens: span.reasoningTokens,
    senderUsd: span.cost.senderUsd,
    durationMs: span.durationMs,
    ttftMs: span.ttftMs,
    streaming: span.streaming,
    finishReasons: span.finishReasons,
    error: span.error,
  }
}

function toolsOf(spans: SpanSummary[], call: SpanSummary | undefined): [string | null, boolean][] {
  return spans
    .filter((span) => span.type === 'tool' && span.parentSpanId === call?.spanId)
    .map((span) => [span.toolName, span.status === 'ok'])
}

/** The text asked and answered of each call. */
async function contentsOf(calls: SpanSummary[], project: string) {
  const wholes = calls.map(({ traceId, spanId }) =>
    get<Span>(`/traces/${traceId}/spans/${spanId}?project=${project}`),
  )
  return (await Promise.all(wholes)).map(({ inputMessages, outputMessages }) =>
    [inputMessages, outputMessages].map(textOf),
  )
}

function textOf(messages: Message[]): string | null {
  const texts = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'text' ? [part.content] : [])),
  )
  return texts.length === 0 ? null : texts.join('')
}

async function spansOf(session: string, project: string): Promise<SpanSummary[]> {
  const from = Date.now() - 3 * 86_400_000
  const { items } = await get<SpanList>(
    `/spans?f=session:eq:${session}&from=${from}&limit=1000&project=${project}`,
  )
  return items.toSorted((a, b) => a.endTime - b.endTime)
}

async function sumOf(metric: string, project: string): Promise<number> {
  const from = Date.now() - 3 * 86_400_000
  const { series } = await get<{ series: { points: { value: number }[] }[] }>(
    `/metrics?metric=${metric}&from=${from}&to=${Date.now()}&step=all&project=${project}`,
  )
  return series[0]?.points[0]?.value ?? 0
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}
