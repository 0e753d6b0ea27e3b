import { dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import type { LedgerSignal } from '../ledger/ledger-entry.ts'
import { slotOf } from '../projects/slot.ts'
import type { SpanRecord } from '../spans/span.ts'
import { partitionDay } from './copy-rows.ts'

type StoredRow = {
  ix: number
  startedAt: number
  endedAt: number
  name: string
  inputTokens: number | null
  outputTokens: number | null
  otelKind: number
  otelStatus: number
  parentSpanId: string | null
  attributeHashes: number[] | null
}

type Sent = { projectId: string; record: SpanRecord; day?: number; signal?: LedgerSignal }

export type StoredMatch = { index: number; isEqual: boolean }

/** Which of the spans are stored already (by index), under `day` or their own, and whether with the same content. */
export async function findStored(sql: Sql, spans: readonly Sent[]): Promise<StoredMatch[]> {
  const keys = spans.map(({ projectId, record, day }, index) => ({
    ix: index,
    slot: slotOf(projectId),
    day: dayText(day ?? partitionDay(record)),
    project_id: projectId,
    trace_id: record.traceId,
    span_id: record.spanId,
  }))
  const rows = await sql<StoredRow[]>`
    select k.ix, s.started_at, s.ended_at, s.name, s.input_tokens, s.output_tokens, s.otel_kind,
      s.otel_status, lpad(to_hex(s.parent_span_id), 16, '0') as parent_span_id, s.attribute_hashes
    from jsonb_to_recordset(${sql.json(keys)}::jsonb)
      as k(ix int, slot int, day date, project_id text, trace_id uuid, span_id text)
    join spans s on s.slot = k.slot and s.day = k.day and s.project_id = k.project_id
      and s.trace_id = k.trace_id and s.span_id = ('x' || k.span_id)::bit(64)::int8`
  return rows.flatMap((row) => {
    const sent = spans[row.ix]
    return sent === undefined ? [] : [{ index: row.ix, isEqual: isSameContent(row, sent) }]
  })
}

/**
 * The attribute hashes stand for every attribute and resource attribute. Only what no later span or
 * log may amend is compared.
 */
function isSameContent(row: StoredRow, { record, signal }: Sent): boolean {
  // A span that was derived from a log record gets its parent later.
  const isSameParent = signal === 'logs' || row.parentSpanId === record.parentSpanId
  return (
    isSameParent &&
    Math.round(row.startedAt * 1_000) === record.startUs &&
    Math.round(row.endedAt * 1_000) === record.endUs &&
    row.name === record.name &&
    row.inputTokens === record.usage.input &&
    row.outputTokens === record.usage.output &&
    row.otelKind === record.otelKind &&
    row.otelStatus === record.otelStatus &&
    isSameList(row.attributeHashes ?? [], record.attributeHashes)
  )
}

export function isSameRecord(a: SpanRecord, b: SpanRecord): boolean {
  return (
    a.startUs === b.startUs &&
    a.endUs === b.endUs &&
    a.name === b.name &&
    a.usage.input === b.usage.input &&
    a.usage.output === b.usage.output &&
    a.parentSpanId === b.parentSpanId &&
    a.otelKind === b.otelKind &&
    a.otelStatus === b.otelStatus &&
    isSameList(a.attributeHashes, b.attributeHashes)
  )
}

function isSameList(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at])
}
