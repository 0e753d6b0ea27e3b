import { statfs } from 'node:fs/promises'
import type { IngestHealth } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'

export type DiskParts = {
  /** Where the database lives on a disk of ours; undefined: elsewhere. */
  dataDir: string | undefined
  retentionDays: number
}

type DayRow = { day: string; bytes: number }

/**
 * Room of the database. The pace is yesterday's partitions, less what retention drops a day once
 * the oldest day is at its end.
 */
export async function readDisk(
  read: ReadSql,
  { dataDir, retentionDays }: DiskParts,
): Promise<IngestHealth['disk']> {
  const [size] = await read<{ bytes: number }[]>`
    select pg_database_size(current_database()) as bytes`
  const freeBytes = dataDir === undefined ? null : await readFreeBytes(dataDir)
  const days = freeBytes === null ? [] : await readDays(read)
  const yesterday = days.at(-2)?.bytes ?? 0
  const dropped = days.length > retentionDays ? (days[0]?.bytes ?? 0) : 0
  const netBytes = yesterday - dropped
  return {
    databaseBytes: size?.bytes ?? 0,
    freeBytes,
    daysLeft: freeBytes === null || netBytes <= 0 ? null : freeBytes / netBytes,
  }
}

/** Bytes of the partitions of each day up to today's. */
async function readDays(read: ReadSql): Promise<DayRow[]> {
  return read<DayRow[]>`
    select right(child.relname, 8) as day,
      sum(pg_total_relation_size(child.oid))::int8 as bytes
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent in ('spans'::regclass, 'span_bodies'::regclass)
      and child.relname ~ '_[0-9]{8}$'
      and right(child.relname, 8) <= to_char(sightline_now() at time zone 'UTC', 'YYYYMMDD')
    group by 1 order by 1`
}

async function readFreeBytes(dataDir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dataDir)
    return bavail * bsize
  } catch {
    // Some file systems do not tell: the page then shows no room left, rather than a wrong one.
    return null
  }
}
