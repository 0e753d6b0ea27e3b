import { dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'

/** Spans with impossible times share this one day, so that no sender can make endless partitions. */
export const QUARANTINE_DAY = -719_162
const LOCK_KEY = 7_416_012
const TABLES = ['spans', 'span_bodies', 'span_logs'] as const

/** Makes the partitions of the given days (days since the Unix epoch) where they are missing. */
export async function ensurePartitions(sql: Sql, days: number[]): Promise<void> {
  for (const day of days) {
    const from = dayText(day)
    const to = dayText(day + 1)
    const suffix = day === QUARANTINE_DAY ? 'quarantine' : from.replaceAll('-', '')
    const statements = TABLES.map(
      (table) =>
        `create table if not exists ${table}_${suffix} partition of ${table} for values from ('${from}') to ('${to}');`,
    )
    // One simple-protocol message is one implicit transaction; the lock keeps two makers from colliding on the name.
    await sql
      .unsafe(
        `set local lock_timeout = '4s'; select pg_advisory_xact_lock(${LOCK_KEY}); ${statements.join(' ')}`,
      )
      .simple()
  }
}

/** Drops the partitions that lie wholly before `day`. */
export async function dropPartitionsBefore(sql: Sql, day: number): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select child.relname as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent in ('spans'::regclass, 'span_bodies'::regclass, 'span_logs'::regclass)
      and child.relname ~ '_[0-9]{8}$'
      and right(child.relname, 8) < ${dayText(day).replaceAll('-', '')}`
  for (const { name } of rows) await sql`drop table if exists ${sql(name)}`
  return rows.map((row) => row.name)
}
