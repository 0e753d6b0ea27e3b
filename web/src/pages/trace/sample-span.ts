import type { SpanSummary } from '@sightline/server/contract'

/** A span of tests: at `start` for `ms`, counted from an instant of their own. */
export function sampleSpan(
  spanId: string,
  {
    start = 0,
    ms = 100,
    parent = null,
    ...rest
  }: { start?: number; ms?: number; parent?: string | null } & Partial<SpanSummary> = {},
): SpanSummary {
  return {
    traceId: 't',
    spanId,
    parentSpanId: parent,
    name: spanId,
    otelKind: 'INTERNAL',
    otelStatus: 'UNSET',
    startTime: SAMPLE_START + start,
    endTime: SAMPLE_START + start + ms,
    durationMs: ms,
    ...NOTHING_ELSE,
    ...rest,
  }
}

export const SAMPLE_START = 1_764_000_000_000

const NOTHING_ELSE = {
  service: 'chat',
  environment: null,
  release: null,
  scope: null,
  type: 'chain',
  task: null,
  operation: null,
  operationRaw: null,
  provider: null,
  providerRaw: null,
  providerInferred: false,
  requestModel: null,
  responseModel: null,
  model: null,
  responseId: null,
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  audioInputTokens: null,
  audioOutputTokens: null,
  imageInputTokens: null,
  countsTokens: false,
  cost: {
    totalUsd: null,
    buckets: [],
    source: null,
    priceVersion: null,
    reason: null,
    senderUsd: null,
  },
  streaming: null,
  ttftMs: null,
  finishReasons: [],
  status: 'ok',
  error: null,
  sessionId: null,
  userId: null,
  tags: [],
  promptName: null,
  promptVersion: null,
  agentName: null,
  toolName: null,
} satisfies Partial<SpanSummary>
