import type { Sql } from '../db/client.ts'
import { dropPartitionsBefore, ensurePartitions, QUARANTINE_DAY } from './partitions.ts'

const DAYS_AHEAD = 7
const DAY_MS = 86_400_000

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
