import type { Sql } from '../db/client.ts'
import { saveSeen, type SeenRelease } from './save-seen.ts'

/**
 * Releases of spans that nobody watched: stored before this version, or just before a crash. Past
 * days are looked through once; today and yesterday at every start.
 */
export async function findStoredReleases(sql: Sql, signal: AbortSignal): Promise<void> {
  for (const day of await listDays(sql)) {
    if (signal.aborted) return
    // The one read of spans over all projects: a whole day's partition, away from any request.
    const seen = await sql<SeenRelease[]>`
      select project_id, release, coalesce(service, '') as service,
        coalesce(environment, '') as environment, min(started_at) as at
      from spans where day = ${day} and release is not null
      group by 1, 2, 3, 4`
    await saveSeen(sql, seen)
    await sql`
      insert into release_days select ${day}::date
      where ${day}::date < (sightline_now() at time zone 'UTC')::date - 1
      on conflict do nothing`
  }
}

/** Days with a partition, newest first; the first day of the calendar holds quarantined spans. */
async function listDays(sql: Sql): Promise<string[]> {
  const rows = await sql<{ day: string }[]>`
    select d.day from (
      select to_date(right(child.relname, 8), 'YYYYMMDD') as day
      from pg_inherits join pg_class child on child.oid = inhrelid
      where inhparent = 'spans'::regclass and child.relname ~ '_[0-9]{8}$'
    ) d
    where d.day > '0001-01-01' and not exists (select 1 from release_days done where done.day = d.day)
    order by d.day desc`
  return rows.map((row) => row.day)
}
