import type { Sql } from '../db/client.ts'
import { HOUR_MS, STORED_STEPS_MS, floorTo } from './bucket.ts'
import { PackedRow } from './packed-row.ts'

export type CompactOptions = {
  /** A bucket is folded once it has so many deltas … */
  minDeltas?: number
  /** … or its oldest delta is older than this (real time). */
  maxAgeMs?: number
}

const DEFAULT_MIN_DELTAS = 32
const DEFAULT_MAX_AGE_MS = 5_000
/** Deltas folded by one statement; what is left over is folded by the next. */
const MAX_DELTAS_PER_FOLD = 2_000
/** Rounds of one call, so that a flood of deltas cannot keep it busy for ever. */
const MAX_FOLDS = 500
/** SQLSTATE of the guard's division by zero, a deadlock and a serialisation failure. */
const RETRYABLE = new Set(['22012', '40P01', '40001'])
/** The driver infers `bytea` from the first Buffer of an array, so its type is named. */
const BYTEA_ARRAY_OID = 1001

type DueHour = { slot: number; projectId: string; hour: number }
type Delta = { id: number; bucket: number; data: Buffer }
type StepRow = { stepMs: number; bucket: number; version: number; row: PackedRow }

/**
 * Folds due deltas into the rows of every stored step, an hour of one project per statement. Each
 * delta is folded exactly once: two compactors or a kill -9 leave rows and deltas as they were
 * before or after a whole fold, and what another one took first is simply not folded here.
 */
export async function compactDeltas(
  sql: Sql,
  options: CompactOptions = {},
): Promise<{ folded: number }> {
  let folded = 0
  let folds = 0
  for (const due of await listDueHours(sql, options)) {
    for (let more = true; more && folds < MAX_FOLDS; folds += 1) {
      const deltas = await listDeltas(sql, due)
      if (deltas.length === 0) break
      if (!(await foldHour(sql, due, deltas))) break
      folded += deltas.length
      more = deltas.length === MAX_DELTAS_PER_FOLD
    }
  }
  return { folded }
}

/**
 * Hours that hold a bucket with enough deltas or an old one, newest first. The one read over all
 * projects: deltas live for seconds, so the table is small, and no list of projects can be behind.
 */
async function listDueHours(sql: Sql, options: CompactOptions): Promise<DueHour[]> {
  const minDeltas = options.minDeltas ?? DEFAULT_MIN_DELTAS
  const maxAgeMs = options.maxAgeMs ?? DEFAULT_MAX_AGE_MS
  return sql<DueHour[]>`
    select distinct slot, project_id, date_trunc('hour', bucket) as hour from (
      select slot, project_id, bucket from rollup_deltas
      group by slot, project_id, bucket
      having count(*) >= ${minDeltas}
        or min(created_at) <= clock_timestamp() - ${maxAgeMs} * interval '1 millisecond'
    ) as due
    order by hour desc
    limit ${MAX_FOLDS}`
}

async function listDeltas(sql: Sql, due: DueHour): Promise<Delta[]> {
  return sql<Delta[]>`
    select id, bucket, data from rollup_deltas
    where slot = ${due.slot} and project_id = ${due.projectId}
      and bucket >= ${due.hour} and bucket < ${due.hour + HOUR_MS}
    order by bucket, id
    limit ${MAX_DELTAS_PER_FOLD}`
}

/** False when another compactor was faster; nothing has changed then. */
async function foldHour(sql: Sql, due: DueHour, deltas: readonly Delta[]): Promise<boolean> {
  const rows = await loadStepRows(sql, due, deltas)
  for (const delta of deltas) {
    for (const stepMs of STORED_STEPS_MS) {
      rows.get(rowKey(stepMs, floorTo(delta.bucket, stepMs)))?.row.merge(delta.data)
    }
  }
  try {
    await writeFold(sql, due, { deltas, rows: [...rows.values()] })
    return true
  } catch (error) {
    if (RETRYABLE.has(sqlStateOf(error))) return false
    throw error
  }
}

/** The rows the deltas fold into, as stored now; a row not stored yet has version 0. */
async function loadStepRows(
  sql: Sql,
  due: DueHour,
  deltas: readonly Delta[],
): Promise<Map<string, StepRow>> {
  const rows = new Map<string, StepRow>()
  for (const { bucket } of deltas) {
    for (const stepMs of STORED_STEPS_MS) {
      const at = floorTo(bucket, stepMs)
      const key = rowKey(stepMs, at)
      if (!rows.has(key)) rows.set(key, { stepMs, bucket: at, version: 0, row: new PackedRow() })
    }
  }
  const wanted = [...rows.values()]
  const stored = await sql<{ stepMs: number; bucket: number; version: number; data: Buffer }[]>`
    select step_ms, bucket, version, data from rollups
    where slot = ${due.slot} and project_id = ${due.projectId}
      and (step_ms, bucket) in (
        select * from unnest(
          ${wanted.map((row) => row.stepMs)}::int8[],
          ${wanted.map((row) => row.bucket)}::timestamptz[]))`
  for (const { stepMs, bucket, version, data } of stored) {
    const target = rows.get(rowKey(stepMs, bucket))
    if (target === undefined) continue
    target.version = version
    target.row.merge(data)
  }
  return rows
}

/**
 * Deletes exactly the deltas read and writes rows that must still have the version read. Where
 * either is no longer so, the division by zero fails the statement and undoes both.
 */
async function writeFold(
  sql: Sql,
  due: DueHour,
  fold: { deltas: readonly Delta[]; rows: readonly StepRow[] },
): Promise<void> {
  const { deltas, rows } = fold
  await sql`
    with gone as (
      delete from rollup_deltas
      where slot = ${due.slot} and project_id = ${due.projectId}
        and bucket >= ${due.hour} and bucket < ${due.hour + HOUR_MS}
        and id = any(${deltas.map((delta) => delta.id)}::int8[])
      returning id
    ), written as (
      insert into rollups as kept (slot, project_id, step_ms, bucket, version, data)
      select ${due.slot}, ${due.projectId}, step_ms, bucket, version, data
      from unnest(
        ${rows.map((row) => row.stepMs)}::int8[],
        ${rows.map((row) => row.bucket)}::timestamptz[],
        ${rows.map((row) => row.version + 1)}::int8[],
        ${sql.array(
          rows.map((row) => row.row.encode()),
          BYTEA_ARRAY_OID,
        )}::bytea[]
      ) as fresh(step_ms, bucket, version, data)
      on conflict (slot, project_id, step_ms, bucket)
      do update set data = excluded.data, version = excluded.version
      where kept.version = excluded.version - 1
      returning 1
    )
    select 1 / case
      when (select count(*) from gone) = ${deltas.length}
        and (select count(*) from written) = ${rows.length} then 1
      else 0 end as done`
}

function rowKey(stepMs: number, bucketMs: number): string {
  return `${stepMs}:${bucketMs}`
}

function sqlStateOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : ''
}
