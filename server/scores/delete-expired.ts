import type { Sql } from '../db/client.ts'

/** Scores outlive the spans they judge: their trend is kept as long as hourly rollups. */
export async function deleteExpiredScores(sql: Sql): Promise<void> {
  await sql`delete from scores where at < sightline_now() - interval '400 days'`
}
