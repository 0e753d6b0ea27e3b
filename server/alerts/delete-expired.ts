import type { Sql } from '../db/client.ts'

const ROWS_AT_ONCE = 5_000

/** Evaluations, settled messages and the delivery log are kept for 30 days. */
export async function deleteExpiredAlertRows(sql: Sql): Promise<void> {
  await sql`
    delete from alert_evaluations where ctid = any(array(select ctid from alert_evaluations
      where tick < sightline_now() - interval '30 days' limit ${ROWS_AT_ONCE}))`
  await sql`
    delete from alert_outbox where ctid = any(array(select ctid from alert_outbox
      where status <> 'pending' and created_at < sightline_now() - interval '30 days'
      limit ${ROWS_AT_ONCE}))`
  await sql`
    delete from alert_deliveries where ctid = any(array(select ctid from alert_deliveries
      where attempted_at < sightline_now() - interval '30 days' limit ${ROWS_AT_ONCE}))`
}
