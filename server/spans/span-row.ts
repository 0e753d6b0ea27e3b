import { CostReason, SpanType, type SpanSummary } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import type { Fragment } from './span-scope.ts'

const OTEL_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const OTEL_STATUSES = ['UNSET', 'OK', 'ERROR']
const TYPES = new Map<string, SpanType>(SpanType.options.map((type) => [type, type]))
const REASONS = new Map<string, CostReason>(CostReason.options.map((reason) => [reason, reason]))
const FLAG = { countsTokens: 1, error: 2, streamingKnown: 4, streaming: 8, providerInferred: 32 }

/** A row of `spans` as `spanColumns` selects it. */
export type SpanRow = {
  traceHex: string
  spanHex: string
  parentHex: string | null
  startedAt: number
  endedAt: number
  durationUs: number | null
  otelKind: number
  otelStatus: number
  flags: number
  name: string
  service: string | null
  environment: string | null
  release: string | null
  scope: string | null
  type: string
  task: string | null
  operation: string | null
  operationRaw: string | null
  provider: string | null
  providerRaw: string | null
  requestModel: string | null
  responseModel: string | null
  responseId: string | null
  inputTokens: number | null
  outputTokens: number | null
  cacheReadTokens: number | null
  cacheWriteTokens: number | null
  reasoningTokens: number | null
  audioInputTokens: number | null
  audioOutputTokens: number | null
  imageInputTokens: number | null
  costNanoUsd: number | null
  costReason: string | null
  priceVersion: string | null
  senderCostNanoUsd: number | null
  ttftUs: number | null
  finishReasons: string[] | null
  errorType: string | null
  errorMessage: string | null
  errorStatusCode: number | null
  sessionId: string | null
  userId: string | null
  tags: string[] | null
  promptName: string | null
  promptVersion: string | null
  agentName: string | null
  toolName: string | null
}

/** span_id is an int8 over the whole 64 bits, beyond what a JavaScript number holds. */
export function spanColumns(sql: ReadSql): Fragment {
  return sql`replace(s.trace_id::text, '-', '') as trace_hex,
    lpad(to_hex(s.span_id), 16, '0') as span_hex, lpad(to_hex(s.parent_span_id), 16, '0') as parent_hex,
    s.started_at, s.ended_at, s.duration_us, s.otel_kind, s.otel_status, s.flags, s.name, s.service,
    s.environment, s.release, s.scope, s.type, s.task, s.operation, s.operation_raw, s.provider,
    s.provider_raw, s.request_model, s.response_model, s.response_id, s.input_tokens,
    s.output_tokens, s.cache_read_tokens, s.cache_write_tokens, s.reasoning_tokens,
    s.audio_input_tokens, s.audio_output_tokens, s.image_input_tokens, s.cost_nano_usd,
    s.cost_reason, s.price_version, s.sender_cost_nano_usd, s.ttft_us, s.finish_reasons,
    s.error_type, s.error_message, s.error_status_code, s.session_id, s.user_id, s.tags,
    s.prompt_name, s.prompt_version, s.agent_name, s.tool_name`
}

/** The spanId of a query as the int8 of the column. */
export function spanKey(sql: ReadSql, spanId: string): Fragment {
  return sql`('x' || ${spanId}::text)::bit(64)::int8`
}

export function toSpanSummary(row: SpanRow): SpanSummary {
  const isError = (row.flags & FLAG.error) !== 0
  return {
    traceId: row.traceHex,
    spanId: row.spanHex,
    parentSpanId: row.parentHex,
    name: row.name,
    otelKind: OTEL_KINDS[row.otelKind] ?? 'UNSPECIFIED',
    otelStatus: OTEL_STATUSES[row.otelStatus] ?? 'UNSET',
    startTime: row.startedAt,
    endTime: row.endedAt,
    durationMs: toMs(row.durationUs),
    service: row.service,
    environment: row.environment,
    release: row.release,
    scope: row.scope,
    ...callPart(row),
    ...tokenPart(row),
    cost: costPart(row),
    streaming: (row.flags & FLAG.streamingKnown) === 0 ? null : (row.flags & FLAG.streaming) !== 0,
    ttftMs: toMs(row.ttftUs),
    finishReasons: row.finishReasons ?? [],
    status: isError ? 'error' : 'ok',
    error: isError
      ? { type: row.errorType, message: row.errorMessage, statusCode: row.errorStatusCode }
      : null,
    sessionId: row.sessionId,
    userId: row.userId,
    tags: row.tags ?? [],
    promptName: row.promptName,
    promptVersion: row.promptVersion,
    agentName: row.agentName,
    toolName: row.toolName,
  }
}

function callPart(row: SpanRow) {
  return {
    type: TYPES.get(row.type) ?? 'other',
    task: row.task,
    operation: row.operation,
    operationRaw: row.operationRaw,
    provider: row.provider,
    providerRaw: row.providerRaw,
    providerInferred: (row.flags & FLAG.providerInferred) !== 0,
    requestModel: row.requestModel,
    responseModel: row.responseModel,
    model: row.responseModel ?? row.requestModel,
    responseId: row.responseId,
  } satisfies Partial<SpanSummary>
}

function tokenPart(row: SpanRow) {
  return {
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cacheReadTokens: row.cacheReadTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    reasoningTokens: row.reasoningTokens,
    audioInputTokens: row.audioInputTokens,
    audioOutputTokens: row.audioOutputTokens,
    imageInputTokens: row.imageInputTokens,
    countsTokens: (row.flags & FLAG.countsTokens) !== 0,
  } satisfies Partial<SpanSummary>
}

/** The price per bucket is worked out on the whole span only. */
function costPart(row: SpanRow): SpanSummary['cost'] {
  return {
    totalUsd: toUsd(row.costNanoUsd),
    buckets: [],
    source: row.costNanoUsd === null ? null : 'price-book',
    priceVersion: row.priceVersion,
    reason: row.costReason === null ? null : (REASONS.get(row.costReason) ?? null),
    senderUsd: toUsd(row.senderCostNanoUsd),
  }
}

export function toMs(us: number | null): number | null {
  return us === null ? null : us / 1_000
}

export function toUsd(nanoUsd: number | null): number | null {
  return nanoUsd === null ? null : nanoUsd / 1e9
}
