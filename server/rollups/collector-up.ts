import type { Sql } from '../db/client.ts'

/** Notes that this collector runs in the current minute; call it several times a minute. */
export async function recordCollectorUp(sql: Sql, collectorId: string): Promise<void> {
  await sql`
    insert into collector_up (minute, collector_id)
    select date_trunc('minute', sightline_now()), ${collectorId}
    on conflict do nothing`
}
