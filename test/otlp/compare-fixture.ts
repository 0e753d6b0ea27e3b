import { isDeepStrictEqual } from 'node:util'
import type { Message, MessagePart, Span } from '../../server/contract/index.ts'
import type { ExpectedSpan, FixtureCase } from './read-fixtures.ts'

/** One field of one span (or of the trace) against what expected.json says of it. */
export type FieldResult = {
  place: string
  field: string
  expected: unknown
  actual: unknown
  ok: boolean
}

type Check = (span: Span, expected: ExpectedSpan) => { expected: unknown; actual: unknown }

const SAME_NAME = [
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'countsTokens',
  'type',
  'model',
  'provider',
  'providerRaw',
  'requestModel',
  'responseModel',
  'responseId',
  'streaming',
  'temperature',
  'maxTokens',
  'sessionId',
  'userId',
  'promptName',
  'promptVersion',
  'agentName',
  'name',
  'parentSpanId',
  'scope',
  'otelKind',
  'otelStatus',
] as const satisfies readonly (keyof Span)[]

/** Each row of the table at the end of the fixtures' INDEX.md. */
const CHECKS: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(
    SAME_NAME.map((field): [string, Check] => [
      field,
      (span, expected) => ({ expected: absent(expected[field]), actual: absent(span[field]) }),
    ]),
  ),
  inputTokensTotal: (span, expected) => ({
    expected: absent(expected['inputTokensTotal']),
    actual: span.inputTokens,
  }),
  outputTokensTotal: (span, expected) => ({
    expected: absent(expected['outputTokensTotal']),
    actual: span.outputTokens,
  }),
  inputTokens: (span, expected) => inRawUsage(span, expected['inputTokens']),
  outputTokens: (span, expected) => inRawUsage(span, expected['outputTokens']),
  totalTokens: (span, expected) => inRawUsage(span, expected['totalTokens']),
  providerInferred: (span, expected) => ({
    expected: expected['providerInferred'] ?? false,
    actual: span.providerInferred,
  }),
  operation: (span, expected) => ({
    expected: absent(expected['operation']),
    actual: span.operationRaw,
  }),
  ttftMs: (span, expected) => within(1, expected['ttftMs'], span.ttftMs),
  durationMs: (span, expected) => within(1, expected['durationMs'], span.durationMs),
  finishReasons: (span, expected) => ({
    expected: list(expected['finishReasons']),
    actual: span.finishReasons,
  }),
  tags: (span, expected) => ({ expected: list(expected['tags']), actual: span.tags }),
  inputMessages: (span, expected) => messages(expected['inputMessages'], span.inputMessages),
  outputMessages: (span, expected) => messages(expected['outputMessages'], span.outputMessages),
  systemInstructions: (span, expected) => ({
    expected: absent(expected['systemInstructions']),
    actual: span.systemInstructions,
  }),
  toolDefinitions: (span, expected) => ({
    expected: list(expected['toolDefinitions']),
    actual: span.toolDefinitions.map(toolName),
  }),
  tool: (span, expected) => ({ expected: wholeTool(expected['tool']), actual: span.tool }),
  error: (span, expected) => ({
    expected: shortMessage(expected['error']),
    actual: shortMessage(span.error),
  }),
  // Money is stored in whole nano-USD.
  costUsd: (span, expected) => within(1e-9, expected['costUsd'], span.cost.senderUsd),
}

/** In log records, where the case is read without them. */
const MESSAGE_FIELDS = new Set(['inputMessages', 'outputMessages'])

export function compareCase(
  fixture: Pick<FixtureCase, 'expected'> & { spans: { span: Span }[]; withLogs?: boolean },
): FieldResult[] {
  const results: FieldResult[] = []
  for (const expected of fixture.expected.spans) {
    const found = fixture.spans.find(({ span }) => span.spanId === expected.spanId)
    for (const [field, check] of Object.entries(CHECKS)) {
      const isInLogs = expected.messagesIn === 'otlp-logs' && MESSAGE_FIELDS.has(field)
      if (isInLogs && fixture.withLogs !== true) continue
      if (!(field in expected)) continue
      const pair =
        found === undefined
          ? { expected: expected[field], actual: 'no such span' }
          : check(found.span, expected)
      results.push(result(`${expected.spanId} ${String(expected['name'])}`, field, pair))
    }
  }
  for (const [field, pair] of Object.entries(compareTotals(fixture))) {
    results.push(result('trace', field, pair))
  }
  return results
}

function result(
  place: string,
  field: string,
  pair: { expected: unknown; actual: unknown },
): FieldResult {
  return { place, field, ...pair, ok: isDeepStrictEqual(pair.expected, pair.actual) }
}

type Pair = { expected: unknown; actual: unknown }

function compareTotals({
  expected,
  spans,
}: Pick<FixtureCase, 'expected'> & { spans: { span: Span }[] }): Record<string, Pair> {
  const calls = spans.map(({ span }) => span).filter((span) => span.countsTokens)
  const sum = (read: (span: Span) => number | null): number =>
    calls.reduce((total, span) => total + (read(span) ?? 0), 0)
  const { trace } = expected
  const actual: Record<string, number> = {
    inputTokensTotal: sum((span) => span.inputTokens),
    outputTokensTotal: sum((span) => span.outputTokens),
    cacheReadTokens: sum((span) => span.cacheReadTokens),
    cacheWriteTokens: sum((span) => span.cacheWriteTokens),
    reasoningTokens: sum((span) => span.reasoningTokens),
    modelCalls: calls.filter((span) => span.type === 'llm').length,
    embeddingCalls: calls.filter((span) => span.type === 'embedding').length,
    failedModelCalls: calls.filter((span) => span.status === 'error').length,
  }
  const pairs: Record<string, Pair> = {}
  for (const [field, value] of Object.entries(actual)) {
    if (field in trace) pairs[field] = { expected: trace[field] ?? 0, actual: value }
  }
  return pairs
}

function absent(value: unknown): unknown {
  return value === undefined || value === '' ? null : value
}

function list(value: unknown): unknown {
  return value ?? []
}

function within(tolerance: number, expected: unknown, actual: number | null): Pair {
  const isNear =
    typeof expected === 'number' && actual !== null && Math.abs(expected - actual) <= tolerance
  return { expected: absent(expected), actual: isNear ? expected : actual }
}

/** As sent: it must stand somewhere in the raw usage. */
function inRawUsage(span: Span, sent: unknown): Pair {
  if (typeof sent !== 'number') return { expected: null, actual: null }
  const text = JSON.stringify(span.usageRaw)
  return { expected: sent, actual: new RegExp(`\\b${sent}\\b`).test(text) ? sent : span.usageRaw }
}

/** What the sender does not send is left out there and null here. */
function wholeTool(tool: unknown): unknown {
  if (tool === null || tool === undefined) return null
  return { callId: null, arguments: null, result: null, ...tool }
}

function toolName(definition: unknown): unknown {
  const fields = definition as { name?: unknown; function?: { name?: unknown } } | null
  return fields?.name ?? fields?.function?.name ?? definition
}

function shortMessage(error: unknown): unknown {
  if (error === null || error === undefined) return null
  const { type, message, statusCode } = error as Record<string, unknown>
  return {
    type: absent(type),
    message: typeof message === 'string' ? message.slice(0, 200) : null,
    statusCode: statusCode ?? null,
  }
}

type ExpectedMessage = {
  role: string | null
  text?: string | null
  toolCalls?: unknown[]
  toolCallId?: string
  toolResult?: unknown
  reasoning?: string
  media?: string[]
}

function messages(expected: unknown, actual: Message[]): Pair {
  const wanted = (expected ?? []) as ExpectedMessage[]
  return {
    expected: wanted.map(wantedMessage),
    actual: actual.map((message, index) => readMessage(message, wanted[index])),
  }
}

/** A tool's answer is compared as the value, not as its text as well. */
function wantedMessage(message: ExpectedMessage): unknown {
  return {
    role: message.role ?? null,
    text: message.toolResult === undefined ? absent(message.text) : null,
    toolCalls: message.toolCalls ?? [],
    toolCallId: message.toolCallId ?? null,
    toolResult: message.toolResult ?? null,
    reasoning: message.reasoning ?? null,
    media: message.media ?? [],
  }
}

function readMessage(message: Message, wanted: ExpectedMessage | undefined): unknown {
  const { role, parts } = message
  const response = parts.find((part) => part.type === 'tool_call_response')
  const reasoning = texts(parts, 'reasoning')
  return {
    role: absent(role),
    text: wanted?.toolResult === undefined ? texts(parts, 'text') : null,
    toolCalls: parts.flatMap((part) =>
      part.type === 'tool_call'
        ? [{ id: part.id, name: part.name, arguments: part.arguments }]
        : [],
    ),
    toolCallId: response?.type === 'tool_call_response' ? response.id : null,
    toolResult: response?.type === 'tool_call_response' ? response.response : null,
    reasoning,
    media: parts.flatMap((part) => ('modality' in part ? [part.modality] : [])),
  }
}

function texts(parts: readonly MessagePart[], type: 'text' | 'reasoning'): string | null {
  const found = parts.flatMap((part) =>
    part.type === type && 'content' in part && typeof part.content === 'string'
      ? [part.content]
      : [],
  )
  return found.length === 0 ? null : found.join('')
}
