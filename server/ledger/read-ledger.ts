import type { Ledger, LedgerItem, LedgerTotals, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { CANARY } from './canary-project.ts'
import { minuteOf, type LedgerSignal } from './ledger-entry.ts'

const MAX_ITEMS = 10_000

type Row = Omit<LedgerTotals, 'rejectedSpans' | 'refusedRequests'> & {
  reason: string
  rejected: number
  requests: number
}
type ItemRow = Row & {
  minute: number
  signal: LedgerSignal
  dialect: string
  sdk: string
  sdkVersion: string
  service: string
}

/**
 * The ledger of the minutes that begin in the range; the minute that `from` lies in is among them.
 * Folded rows and deltas are read in one snapshot, in which a delta that is being folded is never
 * both gone and missing.
 */
export async function readLedger(sql: Sql, projectId: string, range: TimeRange): Promise<Ledger> {
  const { rows, sums } = await readWithin(sql, async (read) => {
    return {
      rows: await readItems(read, projectId, range),
      sums: await readSums(read, projectId, range),
    }
  })
  const bySignal = { traces: emptyTotals(), logs: emptyTotals(), metrics: emptyTotals() }
  const totals = emptyTotals()
  for (const row of sums) {
    addRow(bySignal[row.signal], row)
    addRow(totals, row)
  }
  return {
    totals,
    bySignal,
    items: toItems(rows.slice(0, MAX_ITEMS)),
    isComplete: rows.length <= MAX_ITEMS,
  }
}

/** Every row of `ledger` and `ledger_deltas` of the projects, as `l`. */
export function ledgerRows(sql: ReadSql, projectIds: readonly string[], { from, to }: TimeRange) {
  const of = (table: 'ledger' | 'ledger_deltas') => sql`
    select t.* from unnest(
      ${projectIds.map(slotOf)}::int4[], ${[...projectIds]}::text[]) as p(slot, project_id)
    cross join lateral (
      select minute, signal, dialect, sdk, sdk_version, service, reason, received, stored,
        duplicate, conflict, rejected, unmapped, sdk_dropped, requests, project_id
      from ${sql(table)} t
      where t.slot = p.slot and t.project_id = p.project_id
        and t.minute >= ${minuteOf(from)}::timestamptz and t.minute < ${to}::timestamptz
    ) t`
  return sql`(${of('ledger')} union all ${of('ledger_deltas')}) l`
}

function sums(sql: ReadSql) {
  return sql`sum(received)::int8 as received_spans, sum(stored)::int8 as stored_spans,
    sum(duplicate)::int8 as duplicate_spans, sum(conflict)::int8 as conflict_spans,
    sum(rejected)::int8 as rejected, sum(sdk_dropped)::int8 as sdk_dropped_spans,
    sum(unmapped)::int8 as unmapped_spans, sum(requests)::int8 as requests`
}

function readItems(read: ReadSql, projectId: string, range: TimeRange): Promise<ItemRow[]> {
  return read<ItemRow[]>`
    select minute, signal, dialect, sdk, sdk_version, service, reason, ${sums(read)}
    from ${ledgerRows(read, [...new Set([projectId, CANARY])], range)}
    group by minute, signal, dialect, sdk, sdk_version, service, reason
    order by minute desc, signal, dialect, sdk, sdk_version, service, reason
    limit ${MAX_ITEMS + 1}`
}

function readSums(read: ReadSql, projectId: string, range: TimeRange) {
  return read<(Row & { signal: LedgerSignal })[]>`
    select signal, reason, ${sums(read)} from ${ledgerRows(read, [projectId], range)}
    group by signal, reason`
}

/** Rows of one minute, signal and source stand together: one for each reason. */
function toItems(rows: readonly ItemRow[]): LedgerItem[] {
  const items: LedgerItem[] = []
  let key = ''
  for (const row of rows) {
    const { minute, signal, dialect, sdk, sdkVersion, service } = row
    const own = JSON.stringify([minute, signal, dialect, sdk, sdkVersion, service])
    if (own !== key) {
      const source = { dialect, sdk, sdkVersion, service }
      items.push({ minute, source: toSource(source), signal, ...emptyTotals() })
      key = own
    }
    const item = items.at(-1)
    if (item !== undefined) addRow(item, row)
  }
  return items
}

type SourceTexts = { dialect: string; sdk: string; sdkVersion: string; service: string }

export function toSource({ dialect, sdk, sdkVersion, service }: SourceTexts): LedgerItem['source'] {
  const orNull = (text: string): string | null => (text === '' ? null : text)
  return {
    dialect: orNull(dialect),
    sdk: orNull(sdk),
    sdkVersion: orNull(sdkVersion),
    service: orNull(service),
  }
}

function emptyTotals(): LedgerTotals {
  return {
    receivedSpans: 0,
    storedSpans: 0,
    duplicateSpans: 0,
    conflictSpans: 0,
    rejectedSpans: {},
    sdkDroppedSpans: 0,
    unmappedSpans: 0,
    refusedRequests: {},
  }
}

function addRow(totals: LedgerTotals, row: Row): void {
  totals.receivedSpans += row.receivedSpans
  totals.storedSpans += row.storedSpans
  totals.duplicateSpans += row.duplicateSpans
  totals.conflictSpans += row.conflictSpans
  totals.sdkDroppedSpans += row.sdkDroppedSpans
  totals.unmappedSpans += row.unmappedSpans
  addTo(totals.rejectedSpans, row.reason, row.rejected)
  addTo(totals.refusedRequests, row.reason, row.requests)
}

function addTo(counts: Record<string, number>, reason: string, count: number): void {
  if (count > 0) counts[reason] = (counts[reason] ?? 0) + count
}
