import type { CopyBuffer } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import { toLedgerRows, toLedgerText, type LedgerEntry, type LedgerRow } from './ledger-entry.ts'

export const LEDGER_COLUMNS =
  'slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason, received, stored, duplicate, conflict, rejected, unmapped, sdk_dropped, requests'
const COLUMN_COUNT = LEDGER_COLUMNS.split(',').length

/** Counts what was not counted with the spans it stored: before the sender is answered. */
export async function recordLedger(sql: Sql, entries: readonly LedgerEntry[]): Promise<void> {
  await insertLedgerRows(sql, entries.flatMap(toLedgerRows))
}

export async function insertLedgerRows(sql: Sql, rows: readonly LedgerRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map(({ projectId, minuteMs, signal, source, reason, ...counts }) => ({
    slot: slotOf(projectId),
    project_id: projectId,
    minute: minuteMs,
    signal,
    dialect: toLedgerText(source.dialect),
    sdk: toLedgerText(source.sdk),
    sdk_version: toLedgerText(source.sdkVersion),
    service: toLedgerText(source.service),
    reason: toLedgerText(reason),
    received: counts.received,
    stored: counts.stored,
    duplicate: counts.duplicate,
    conflict: counts.conflict,
    rejected: counts.rejected,
    unmapped: counts.unmapped,
    sdk_dropped: counts.sdkDropped,
    requests: counts.requests,
  }))
  await sql`insert into ledger_deltas ${sql(values)}`
}

/** Appends one row of `ledger_deltas`; the order is LEDGER_COLUMNS'. */
export function writeLedgerRow(out: CopyBuffer, row: LedgerRow): void {
  const { source } = row
  out.startRow(COLUMN_COUNT)
  out.int4(slotOf(row.projectId))
  out.text(row.projectId)
  out.timestamp(row.minuteMs * 1_000)
  out.text(row.signal)
  out.text(toLedgerText(source.dialect))
  out.text(toLedgerText(source.sdk))
  out.text(toLedgerText(source.sdkVersion))
  out.text(toLedgerText(source.service))
  out.text(toLedgerText(row.reason))
  out.int8(row.received)
  out.int8(row.stored)
  out.int8(row.duplicate)
  out.int8(row.conflict)
  out.int8(row.rejected)
  out.int8(row.unmapped)
  out.int8(row.sdkDropped)
  out.int8(row.requests)
}
