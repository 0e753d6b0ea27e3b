import type { CostReason, SpanStatus, SpanType } from '../contract/index.ts'

/**
 * Token counts as OTel defines them: `input` includes cache reads and writes, `output` includes
 * reasoning. null = the sender did not say.
 */
export type TokenUsage = {
  input: number | null
  output: number | null
  cacheRead: number | null
  cacheWrite: number | null
  /** Of `cacheWrite` what is kept for an hour, at a price of its own. */
  cacheWrite1h: number | null
  reasoning: number | null
  audioInput: number | null
  audioOutput: number | null
  imageInput: number | null
}

/**
 * The narrow, typed part of a span: all that a list, a filter, a chart or a rollup needs, and one
 * row of table `spans`. Times are microseconds since the epoch, durations microseconds, money
 * nano-USD. Bodies (attributes, messages) live in the chunk and are read from there.
 */
export type SpanRecord = {
  /** 32 lower-case hex digits. */
  traceId: string
  /** 16 lower-case hex digits. */
  spanId: string
  parentSpanId: string | null
  name: string
  /** OTLP SpanKind 0-5 and StatusCode 0-2, as sent. */
  otelKind: number
  otelStatus: number
  startUs: number
  endUs: number
  /** null where the end lies before the start. */
  durationUs: number | null
  service: string | null
  environment: string | null
  release: string | null
  scope: string | null
  type: SpanType
  task: string | null
  operation: string | null
  operationRaw: string | null
  provider: string | null
  providerRaw: string | null
  providerInferred: boolean
  requestModel: string | null
  responseModel: string | null
  /** Response model, else request model. */
  model: string | null
  responseId: string | null
  usage: TokenUsage
  /** True on leaf model spans only: their usage and cost enter sums. */
  countsTokens: boolean
  /** A leaf by its dialect, but the same call as another span, which counts for both. */
  repeatsCall?: boolean
  costNanoUsd: number | null
  costReason: CostReason | null
  priceVersion: string | null
  /** The sender's own figure, never used for sums. */
  senderCostNanoUsd: number | null
  /** Its sender keeps only a share of such spans. */
  sampled?: boolean
  streaming: boolean | null
  ttftUs: number | null
  finishReasons: string[]
  status: SpanStatus
  errorType: string | null
  errorMessage: string | null
  errorStatusCode: number | null
  sessionId: string | null
  userId: string | null
  tags: string[]
  promptName: string | null
  promptVersion: string | null
  agentName: string | null
  toolName: string | null
  /** Times outside the accepted range: stored and readable, outside lists, rollups and alerts. */
  quarantined: boolean
  dialect: string
  /** 32-bit hashes of `key=value` of every attribute and resource attribute, for attribute filters. */
  attributeHashes: number[]
}

/** A request-like span: it counts in `requests`, `latency_*`, `cost` and the other call metrics. */
export function isModelCall(span: Pick<SpanRecord, 'type' | 'countsTokens'>): boolean {
  return span.countsTokens && (span.type === 'llm' || span.type === 'embedding')
}
