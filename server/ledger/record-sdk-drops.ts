import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import { minuteOf, toLedgerText, type LedgerSource } from './ledger-entry.ts'

/** What an instance of an SDK says it has dropped since it started. */
export type SdkDrops = {
  instance: string
  dropped: number
  source: LedgerSource
}

/**
 * Counts what instances dropped beyond what they told before. The difference is made in the row
 * itself: told twice, or by two requests at once, it counts once, and a lower number is an old one.
 */
export async function recordSdkDrops(
  sql: Sql,
  { projectId, drops, nowMs }: { projectId: string; drops: readonly SdkDrops[]; nowMs: number },
): Promise<void> {
  if (drops.length === 0) return
  const slot = slotOf(projectId)
  await sql`
    with sent as (
      select * from jsonb_to_recordset(${sql.json(toRows(drops))}::jsonb) as r(instance text,
        dropped int8, dialect text, sdk text, sdk_version text, service text)
    ), told as (
      insert into ledger_sdk_instances as known
        (slot, project_id, instance, dropped, added, seen_at)
      select ${slot}, ${projectId}, instance, dropped, dropped, ${nowMs}::timestamptz from sent
      order by instance
      on conflict (slot, project_id, instance) do update
        set dropped = greatest(known.dropped, excluded.dropped),
          added = greatest(excluded.dropped - known.dropped, 0),
          seen_at = greatest(known.seen_at, excluded.seen_at)
      returning instance, added
    )
    insert into ledger_deltas (slot, project_id, minute, signal, dialect, sdk, sdk_version, service,
      reason, received, stored, duplicate, conflict, rejected, unmapped, sdk_dropped, requests)
    select ${slot}, ${projectId}, ${minuteOf(nowMs)}::timestamptz, 'traces',
      sent.dialect, sent.sdk, sent.sdk_version, sent.service, '', 0, 0, 0, 0, 0, 0,
      sum(told.added), 0
    from told join sent on sent.instance = told.instance
    where told.added > 0
    group by sent.dialect, sent.sdk, sent.sdk_version, sent.service`
}

/** One row an instance: of what a request tells twice the larger. */
function toRows(drops: readonly SdkDrops[]) {
  const rows = new Map<string, ReturnType<typeof toRow>>()
  for (const drop of drops) {
    const row = toRow(drop)
    const known = rows.get(row.instance)
    if (known === undefined || known.dropped < row.dropped) rows.set(row.instance, row)
  }
  return [...rows.values()]
}

function toRow({ instance, dropped, source }: SdkDrops) {
  return {
    instance: toLedgerText(instance),
    dropped,
    dialect: toLedgerText(source.dialect),
    sdk: toLedgerText(source.sdk),
    sdk_version: toLedgerText(source.sdkVersion),
    service: toLedgerText(source.service),
  }
}
