import type { Sql } from '../db/client.ts'

const MAX_ROWS = 20_000

/**
 * Adds deltas to the minutes they belong to, each exactly once: it is gone from the one table with
 * the statement that adds it to the other. Answers how many were folded.
 */
export async function foldLedger(sql: Sql): Promise<number> {
  const [row] = await sql<{ folded: number }[]>`
    with gone as (
      delete from ledger_deltas where id in (
        select id from ledger_deltas order by id limit ${MAX_ROWS} for update skip locked
      )
      returning *
    ), added as (
      insert into ledger as kept (slot, project_id, minute, signal, dialect, sdk, sdk_version,
        service, reason, received, stored, duplicate, conflict, rejected, unmapped, sdk_dropped,
        requests)
      select slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason,
        sum(received), sum(stored), sum(duplicate), sum(conflict), sum(rejected), sum(unmapped),
        sum(sdk_dropped), sum(requests)
      from gone
      group by slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason
      order by slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason
      on conflict (slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason)
      do update set received = kept.received + excluded.received,
        stored = kept.stored + excluded.stored, duplicate = kept.duplicate + excluded.duplicate,
        conflict = kept.conflict + excluded.conflict, rejected = kept.rejected + excluded.rejected,
        unmapped = kept.unmapped + excluded.unmapped,
        sdk_dropped = kept.sdk_dropped + excluded.sdk_dropped,
        requests = kept.requests + excluded.requests
    )
    select count(*) as folded from gone`
  return row?.folded ?? 0
}

/** Minutes are kept as long as 5-minute rollups, and instances that have been silent so long. */
export async function deleteExpiredLedger(sql: Sql): Promise<void> {
  await sql`delete from ledger where minute < sightline_now() - interval '35 days'`
  await sql`delete from ledger_sdk_instances where seen_at < sightline_now() - interval '35 days'`
}
