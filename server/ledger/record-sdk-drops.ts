import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import { minuteOf, toLedgerText, type LedgerSource } from './ledger-entry.ts'

/** What an instance of an SDK says it has dropped since it started. */
export type SdkDrops = {
  projectId: string
  instance: string
  dropped: number
  source: LedgerSource
}

/**
 * Counts what an instance dropped beyond what it told before. The difference is made in the row
 * itself: told twice, or by two requests at once, it counts once, and a lower number is an old one.
 */
export async function recordSdkDrops(sql: Sql, drops: SdkDrops, nowMs: number): Promise<void> {
  const { projectId, instance, dropped, source } = drops
  const slot = slotOf(projectId)
  await sql`
    with told as (
      insert into ledger_sdk_instances as known
        (slot, project_id, instance, dropped, added, seen_at)
      values (${slot}, ${projectId}, ${toLedgerText(instance)}, ${dropped}, ${dropped}, ${nowMs})
      on conflict (slot, project_id, instance) do update
        set dropped = greatest(known.dropped, excluded.dropped),
          added = greatest(excluded.dropped - known.dropped, 0),
          seen_at = greatest(known.seen_at, excluded.seen_at)
      returning added
    )
    insert into ledger_deltas (slot, project_id, minute, signal, dialect, sdk, sdk_version, service,
      reason, received, stored, duplicate, conflict, rejected, unmapped, sdk_dropped, requests)
    select ${slot}, ${projectId}, ${minuteOf(nowMs)}::timestamptz, 'traces',
      ${toLedgerText(source.dialect)}, ${toLedgerText(source.sdk)},
      ${toLedgerText(source.sdkVersion)}, ${toLedgerText(source.service)}, '',
      0, 0, 0, 0, 0, 0, added, 0
    from told where added > 0`
}
