import type { SpanSummary } from '../contract/index.ts'
import type { SpanRecord } from '../spans/span.ts'

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const STATUS_CODES = ['UNSET', 'OK', 'ERROR']

/** A record in the API's names and units: ms, USD. */
export function summariseSpan(record: SpanRecord): SpanSummary {
  return {
    traceId: record.traceId,
    spanId: record.spanId,
    parentSpanId: record.parentSpanId,
    name: record.name,
    otelKind: KINDS[record.otelKind] ?? 'UNSPECIFIED',
    otelStatus: STATUS_CODES[record.otelStatus] ?? 'UNSET',
    startTime: record.startUs / 1_000,
    endTime: record.endUs / 1_000,
    durationMs: toMs(record.durationUs),
    service: record.service,
    environment: record.environment,
    release: record.release,
    scope: record.scope,
    type: record.type,
    task: record.task,
    operation: record.operation,
    operationRaw: record.operationRaw,
    provider: record.provider,
    providerRaw: record.providerRaw,
    providerInferred: record.providerInferred,
    requestModel: record.requestModel,
    responseModel: record.responseModel,
    model: record.model,
    responseId: record.responseId,
    ...tokensOf(record),
    countsTokens: record.countsTokens,
    cost: {
      totalUsd: toUsd(record.costNanoUsd),
      buckets: [],
      source: record.costNanoUsd === null ? null : 'price-book',
      priceVersion: record.priceVersion,
      reason: record.costReason,
      senderUsd: toUsd(record.senderCostNanoUsd),
    },
    streaming: record.streaming,
    ttftMs: toMs(record.ttftUs),
    finishReasons: record.finishReasons,
    status: record.status,
    error:
      record.status === 'ok'
        ? null
        : {
            type: record.errorType,
            message: record.errorMessage,
            statusCode: record.errorStatusCode,
          },
    sessionId: record.sessionId,
    userId: record.userId,
    tags: record.tags,
    promptName: record.promptName,
    promptVersion: record.promptVersion,
    agentName: record.agentName,
    toolName: record.toolName,
  }
}

function toMs(us: number | null): number | null {
  return us === null ? null : us / 1_000
}

function toUsd(nanoUsd: number | null): number | null {
  return nanoUsd === null ? null : nanoUsd / 1e9
}

function tokensOf({ usage }: SpanRecord) {
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    cacheReadTokens: usage.cacheRead,
    cacheWriteTokens: usage.cacheWrite,
    reasoningTokens: usage.reasoning,
    audioInputTokens: usage.audioInput,
    audioOutputTokens: usage.audioOutput,
    imageInputTokens: usage.imageInput,
  } satisfies Partial<SpanSummary>
}
