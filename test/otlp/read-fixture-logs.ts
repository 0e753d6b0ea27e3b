import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodeLogsJson } from '../../server/ingest/decode-logs-json.ts'
import { decodeLogsProtobuf } from '../../server/ingest/decode-logs-protobuf.ts'
import { eventNameOf } from '../../server/ingest/log-events.ts'
import { isSpanEvent, type SpanLog, toSpanLog } from '../../server/ingest/log-span-events.ts'
import type { LogRecord } from '../../server/ingest/messages/log-messages.ts'
import type { SpanRecord } from '../../server/spans/span.ts'

/** The log records of a case that belong to its spans, by span id, in their order. */
export function readSpanLogs(files: readonly URL[]): Map<string, SpanLog[]> {
  const logs = files
    .flatMap(decode)
    .filter((record) => record.spanId !== '' && isSpanEvent(eventNameOf(record)))
    .map((record) => toSpanLog(record, 0))
    .toSorted((a, b) => a.timeUs - b.timeUs || a.observedUs - b.observedUs)
  return Map.groupBy(logs, ({ spanId }) => spanId)
}

function decode(file: URL) {
  const sent = readFileSync(file)
  const body = file.pathname.endsWith('.gz') ? gunzipSync(sent) : sent
  const isJson = /\.json(\.gz)?$/.test(file.pathname)
  return (isJson ? decodeLogsJson(body) : decodeLogsProtobuf(body)).records
}

/** As the store would give them back with their span. */
export function asStored(logs: readonly SpanLog[]): LogRecord[] {
  return logs.map(({ stored, timeUs, observedUs }) => ({
    ...stored,
    at: timeUs / 1_000,
    observedAt: observedUs / 1_000,
    receivedAt: 0,
  }))
}

/** The finish reasons that only log records tell. */
export function addFinishReasons(record: SpanRecord, logs: readonly SpanLog[]): void {
  if (record.finishReasons.length > 0) return
  record.finishReasons = logs
    .toSorted((a, b) => (a.choiceIndex ?? 0) - (b.choiceIndex ?? 0))
    .flatMap(({ finishReason }) => (finishReason === null ? [] : [finishReason]))
}
