import type { LedgerWhere } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { storedDays } from '../spans/span-scope.ts'
import { minuteOf } from './ledger-entry.ts'
import { ledgerRows, toSource } from './read-ledger.ts'

const UNKNOWN: LedgerWhere = {
  state: 'unknown',
  project: null,
  receivedAt: null,
  reason: null,
  source: null,
}

/** What became of a trace: stored, else what was noted when its spans were refused. */
export async function findTrace(
  sql: Sql,
  projectId: string,
  traceId: string,
): Promise<LedgerWhere> {
  return readWithin(sql, async (read) => {
    const stored = await findStored(read, projectId, traceId)
    return stored ?? (await findRefused(read, projectId, traceId)) ?? UNKNOWN
  })
}

type StoredRow = { receivedAt: number; dialect: string; service: string | null }

async function findStored(
  read: ReadSql,
  projectId: string,
  traceId: string,
): Promise<LedgerWhere | undefined> {
  const [row] = await read<StoredRow[]>`
    select b.received_at, s.dialect, s.service
    from (select day from ${storedDays(read)} union all select '0001-01-01'::date) d
    cross join (select ${slotOf(projectId)}::int4 as slot, ${projectId}::text as project_id offset 0) owner
    cross join lateral (
      select * from spans s
      where s.slot = owner.slot and s.day = d.day and s.project_id = owner.project_id
        and s.trace_id = ${traceId}::uuid
      limit 1
    ) s
    join span_bodies b on b.slot = s.slot and b.day = s.day and b.project_id = s.project_id
      and b.chunk_id = s.chunk_id
    order by b.received_at
    limit 1`
  if (row === undefined) return undefined
  return {
    state: 'stored',
    project: projectId,
    receivedAt: row.receivedAt,
    reason: null,
    source: await findSource(read, projectId, row),
  }
}

type SourceRow = { dialect: string; sdk: string; sdkVersion: string; service: string }

/** The row of a span does not say which SDK sent it; the ledger of its minute does. */
async function findSource(
  read: ReadSql,
  projectId: string,
  { receivedAt, dialect, service }: StoredRow,
): Promise<LedgerWhere['source']> {
  const range = { from: minuteOf(receivedAt), to: minuteOf(receivedAt) + 1 }
  const [row] = await read<SourceRow[]>`
    select dialect, sdk, sdk_version, service from ${ledgerRows(read, [projectId], range)}
    where l.dialect = ${dialect} and l.service = ${service ?? ''} and l.stored > 0
    order by l.stored desc limit 1`
  return toSource(row ?? { dialect, sdk: '', sdkVersion: '', service: service ?? '' })
}

type RefusedRow = { receivedAt: number; reason: string; detail: string | null }

async function findRefused(
  read: ReadSql,
  projectId: string,
  traceId: string,
): Promise<LedgerWhere | undefined> {
  const [row] = await read<RefusedRow[]>`
    select received_at, reason, detail from dead_letter
    where project_id = ${projectId} and trace_id = ${traceId}
    order by received_at desc limit 1`
  if (row === undefined) return undefined
  return {
    state: row.reason === 'conflict' ? 'duplicate' : 'rejected',
    project: projectId,
    receivedAt: row.receivedAt,
    reason: row.reason,
    source: await findRefusedSource(read, projectId, row),
  }
}

/** As for a stored one; null where several senders were refused so in that minute. */
async function findRefusedSource(
  read: ReadSql,
  projectId: string,
  { receivedAt, reason }: RefusedRow,
): Promise<LedgerWhere['source']> {
  const range = { from: minuteOf(receivedAt), to: minuteOf(receivedAt) + 1 }
  const rows = await read<SourceRow[]>`
    select distinct dialect, sdk, sdk_version, service from ${ledgerRows(read, [projectId], range)}
    where l.signal = 'traces' and l.rejected > 0 and l.reason = ${reason}
    limit 2`
  const [only, another] = rows
  return only === undefined || another !== undefined ? null : toSource(only)
}
