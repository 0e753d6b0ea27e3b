import type { Sql } from '../db/client.ts'

/** How long each stored step is kept, in days: a 14-day backtest runs on minutes. */
const KEPT_DAYS = [
  { stepMs: 60_000, days: 15 },
  { stepMs: 300_000, days: 35 },
  { stepMs: 3_600_000, days: 400 },
]

export async function deleteExpiredRollups(sql: Sql): Promise<void> {
  for (const { stepMs, days } of KEPT_DAYS) {
    await sql`
      delete from rollups
      where step_ms = ${stepMs} and bucket < sightline_now() - make_interval(days => ${days})`
  }
  await sql`delete from collector_up where minute < sightline_now() - interval '400 days'`
}
