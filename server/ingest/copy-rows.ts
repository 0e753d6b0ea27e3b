import { dayOf, type CopyBuffer } from '../db/copy-buffer.ts'
import { QUARANTINE_DAY } from '../spans/partitions.ts'
import type { SpanRecord } from '../spans/span.ts'

export const SPAN_COLUMNS =
  'slot, day, project_id, trace_id, span_id, parent_span_id, started_at, ended_at, duration_us, chunk_id, chunk_ix, otel_kind, otel_status, flags, name, service, environment, release, scope, type, task, operation, operation_raw, provider, provider_raw, request_model, response_model, response_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, reasoning_tokens, audio_input_tokens, audio_output_tokens, image_input_tokens, cost_nano_usd, cost_reason, price_version, sender_cost_nano_usd, ttft_us, finish_reasons, error_type, error_message, error_status_code, session_id, user_id, tags, prompt_name, prompt_version, agent_name, tool_name, dialect, attribute_hashes'
const COLUMN_COUNT = SPAN_COLUMNS.split(',').length

/** Bits of column `flags`. */
export const SPAN_FLAGS = {
  countsTokens: 1,
  error: 2,
  streamingKnown: 4,
  streaming: 8,
  quarantined: 16,
  providerInferred: 32,
  repeatsCall: 64,
  sampled: 128,
} as const

/** Where a span's row goes and where its body lies. */
export type RowPlace = { slot: number; projectId: string; chunkId: string; chunkIndex: number }

/** The day of a span's partition, days since the Unix epoch. */
export function partitionDay(span: SpanRecord): number {
  return span.quarantined ? QUARANTINE_DAY : dayOf(span.startUs)
}

/**
 * The day a span may be stored under from an earlier arrival, or null. The borders of quarantine
 * move forward with the clock: what lay in the future may now be in range, and what was in range
 * may now be too old. A span that had ended when it came was no future span in the last hour, so
 * the usual traffic has no other day.
 */
export function earlierDay(span: SpanRecord, receivedAtMs: number): number | null {
  const receivedUs = receivedAtMs * 1_000
  const isFuture = Math.max(span.startUs, span.endUs) > receivedUs
  if (span.quarantined) return isFuture ? null : dayOf(span.startUs)
  return isFuture ? QUARANTINE_DAY : null
}

/** Appends one row of table `spans`; the order is SPAN_COLUMNS'. */
export function writeSpanRow(out: CopyBuffer, span: SpanRecord, place: RowPlace): void {
  out.startRow(COLUMN_COUNT)
  writeKey(out, span, place)
  writeText(out, span)
  writeNumbers(out, span)
  writeTail(out, span)
}

function writeKey(out: CopyBuffer, span: SpanRecord, place: RowPlace): void {
  out.int4(place.slot)
  out.date(partitionDay(span))
  out.text(place.projectId)
  out.hex(span.traceId, 16)
  out.hex(span.spanId, 8)
  out.hex(span.parentSpanId, 8)
  out.timestamp(span.startUs)
  out.timestamp(span.endUs)
  out.int8(span.durationUs)
  out.hex(place.chunkId, 16)
  out.int4(place.chunkIndex)
  out.int2(span.otelKind)
  out.int2(span.otelStatus)
  out.int2(flagsOf(span))
}

function writeText(out: CopyBuffer, span: SpanRecord): void {
  out.text(span.name)
  out.text(span.service)
  out.text(span.environment)
  out.text(span.release)
  out.text(span.scope)
  out.text(span.type)
  out.text(span.task)
  out.text(span.operation)
  out.text(span.operationRaw)
  out.text(span.provider)
  out.text(span.providerRaw)
  out.text(span.requestModel)
  out.text(span.responseModel)
  out.text(span.responseId)
}

function writeNumbers(out: CopyBuffer, span: SpanRecord): void {
  const { usage } = span
  out.int8(usage.input)
  out.int8(usage.output)
  out.int8(usage.cacheRead)
  out.int8(usage.cacheWrite)
  out.int8(usage.cacheWrite1h)
  out.int8(usage.reasoning)
  out.int8(usage.audioInput)
  out.int8(usage.audioOutput)
  out.int8(usage.imageInput)
  out.int8(span.costNanoUsd)
  out.text(span.costReason)
  out.text(span.priceVersion)
  out.int8(span.senderCostNanoUsd)
  out.int8(span.ttftUs)
}

function writeTail(out: CopyBuffer, span: SpanRecord): void {
  out.textArray(span.finishReasons)
  out.text(span.errorType)
  out.text(span.errorMessage)
  out.int4(span.errorStatusCode)
  out.text(span.sessionId)
  out.text(span.userId)
  out.textArray(span.tags)
  out.text(span.promptName)
  out.text(span.promptVersion)
  out.text(span.agentName)
  out.text(span.toolName)
  out.text(span.dialect)
  out.int4Array(span.attributeHashes)
}

/** The part of a span that column `flags` holds. */
type Flagged = Pick<
  SpanRecord,
  | 'countsTokens'
  | 'repeatsCall'
  | 'sampled'
  | 'status'
  | 'streaming'
  | 'quarantined'
  | 'providerInferred'
>

export function flagsOf(span: Flagged): number {
  return (
    (span.countsTokens ? SPAN_FLAGS.countsTokens : 0) |
    (span.status === 'error' ? SPAN_FLAGS.error : 0) |
    (span.streaming === null ? 0 : SPAN_FLAGS.streamingKnown) |
    (span.streaming === true ? SPAN_FLAGS.streaming : 0) |
    (span.quarantined ? SPAN_FLAGS.quarantined : 0) |
    (span.sampled === true ? SPAN_FLAGS.sampled : 0) |
    (span.providerInferred ? SPAN_FLAGS.providerInferred : 0) |
    (span.repeatsCall === true ? SPAN_FLAGS.repeatsCall : 0)
  )
}
