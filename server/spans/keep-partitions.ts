import { dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import { dropPartitionsBefore, ensurePartitions, QUARANTINE_DAY } from './partitions.ts'

const DAYS_AHEAD = 7
const DAY_MS = 86_400_000

/** Chunks a run; what is left waits for the next. */
const MAX_QUARANTINED = 1_000

/** Makes the partitions of the coming week and drops those past the retention. */
export async function keepPartitions(
  sql: Sql,
  { nowMs, retentionDays }: { nowMs: number; retentionDays: number },
): Promise<string[]> {
  const today = Math.floor(nowMs / DAY_MS)
  const ahead = Array.from({ length: DAYS_AHEAD + 1 }, (_, offset) => today + offset)
  await ensurePartitions(sql, [QUARANTINE_DAY, today - 1, ...ahead])
  return dropPartitionsBefore(sql, today - retentionDays)
}

/** Spans and records with impossible times have no day that passes: they are kept so long from their receipt. */
export async function deleteExpiredQuarantine(sql: Sql, retentionDays: number): Promise<void> {
  const day = dayText(QUARANTINE_DAY)
  await sql`
    with gone as materialized (
      delete from span_bodies where day = ${day}::date and (slot, project_id, chunk_id) in (
        select slot, project_id, chunk_id from span_bodies
        where day = ${day}::date
          and received_at < sightline_now() - ${retentionDays} * interval '1 day'
        limit ${MAX_QUARANTINED}
      )
      returning slot, project_id, chunk_id
    ), spans_gone as (
      delete from spans s using gone where s.day = ${day}::date and s.slot = gone.slot
        and s.project_id = gone.project_id and s.chunk_id = gone.chunk_id
    )
    delete from span_logs l using gone where l.day = ${day}::date and l.slot = gone.slot
      and l.project_id = gone.project_id and l.chunk_id = gone.chunk_id`
}
