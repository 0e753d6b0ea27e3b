import type { Sql } from '../db/client.ts'

/** Notes of refused and conflicting spans are kept as long as an evaluation of an alert. */
export async function deleteExpiredDeadLetters(sql: Sql): Promise<void> {
  await sql`delete from dead_letter where received_at < sightline_now() - interval '30 days'`
}
