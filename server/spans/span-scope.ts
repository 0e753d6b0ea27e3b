import type { TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'

export type Fragment = ReturnType<ReadSql>

/** The day after the one that quarantined spans are stored under. */
const FIRST_LISTED_MS = Date.UTC(1970, 0, 1) - 719_161 * 86_400_000

/** Every statement on `spans` names slot and project: together they lead its key. */
export function inProject(sql: ReadSql, projectId: string): Fragment {
  return sql`s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}`
}

/**
 * Spans that start in the range; the day bounds prune partitions. Quarantined ones are no part of
 * it: their partition is the first day of the calendar.
 */
export function startsWithin(sql: ReadSql, range: TimeRange): Fragment {
  return sql`s.day >= ${utcDay(Math.max(range.from, FIRST_LISTED_MS))} and s.day <= ${utcDay(range.to)}
    and ${startsBetween(sql, range)}`
}

/** The same without the day, so that an index alone can answer; with the quarantined ones. */
export function startsBetween(sql: ReadSql, { from, to }: TimeRange): Fragment {
  return sql`s.started_at >= ${instant(sql, toUs(from))} and s.started_at < ${instant(sql, toUs(to))}`
}

/**
 * No quarantined span. Their flag would say the same, but the planner takes a condition on bits to
 * keep 1 row of 200 and plans for that.
 */
export function isListed(sql: ReadSql): Fragment {
  return sql`s.day > '0001-01-01'`
}

/**
 * Every day that has a partition, as `d(day)`: a trace is looked up by id with one probe of the
 * primary key in each. Without the day PostgreSQL before 18 would read the whole index.
 */
export function storedDays(sql: ReadSql): Fragment {
  return sql`(select to_date(right(child.relname, 8), 'YYYYMMDD') as day
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = 'spans'::regclass and child.relname ~ '_[0-9]{8}$') d`
}

/** A timestamptz from whole microseconds, exact where a double of seconds is not. */
export function instant(sql: ReadSql, epochUs: number): Fragment {
  return sql`('epoch'::timestamptz + ${epochUs}::int8 * interval '1 microsecond')`
}

export function toUs(epochMs: number): number {
  return Math.round(epochMs * 1_000)
}

export function utcDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
