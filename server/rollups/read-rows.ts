import { MINUTE_MS } from '../contract/index.ts'
import type { TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import type { Tile } from './bucket.ts'

export type RowsQuery = {
  projectId: string
  /** Stored rows to read; of one step no two may overlap. */
  tiles: readonly Tile[]
  /** Minutes whose deltas, not folded yet, are wanted too. */
  deltas: TimeRange
  /** Minutes to look up in `collector_up`. */
  up: TimeRange
}

/** A delta belongs to every step; a folded row to its own alone. */
export type StoredRow = { stepMs: number; bucketMs: number; isDelta: boolean; data: Buffer }

export type StoredRows = {
  /** Everything acknowledged up to here is in the rows. */
  storedThroughMs: number
  /** Folded rows of the tiles, then deltas as rows of one minute; in no order. */
  rows: StoredRow[]
  /** Minutes in which a collector ran, ascending. */
  upMinutesMs: number[]
}

type ReadRow = { kind: string; stepMs: number | null; at: number; data: Buffer | null }

/**
 * Rows, deltas, collector minutes and the clock in one statement: one snapshot, in which a folded
 * delta is never both gone and missing. `now()` is the transaction's start and so never later than
 * the snapshot; statement_timestamp() may be, as it moves on between Bind and Execute.
 */
export async function readRows(sql: Sql, query: RowsQuery): Promise<StoredRows> {
  const { projectId, tiles, deltas, up } = query
  const slot = slotOf(projectId)
  const read = await sql<ReadRow[]>`
    select 'now' as kind, null::int8 as step_ms, sightline_now(now()) as at, null::bytea as data
    union all
    select 'row', r.step_ms, r.bucket, r.data
    from unnest(
      ${tiles.map((tile) => tile.stepMs)}::int8[],
      ${tiles.map((tile) => tile.fromMs)}::timestamptz[],
      ${tiles.map((tile) => tile.toMs)}::timestamptz[]
    ) as tile(step_ms, from_at, to_at)
    join rollups r on r.slot = ${slot} and r.project_id = ${projectId}
      and r.step_ms = tile.step_ms and r.bucket >= tile.from_at and r.bucket < tile.to_at
    union all
    select 'delta', ${MINUTE_MS}::int8, d.bucket, d.data from rollup_deltas d
    where d.slot = ${slot} and d.project_id = ${projectId}
      and d.bucket >= ${deltas.from} and d.bucket < ${deltas.to}
    union all
    select distinct 'up', null::int8, minute, null::bytea from collector_up
    where minute >= ${up.from} and minute < ${up.to}`
  const stored: StoredRows = { storedThroughMs: 0, rows: [], upMinutesMs: [] }
  for (const { kind, stepMs, at, data } of read) {
    if (data !== null && stepMs !== null) {
      stored.rows.push({ stepMs, bucketMs: at, isDelta: kind === 'delta', data })
    } else if (kind === 'up') stored.upMinutesMs.push(at)
    else stored.storedThroughMs = Math.floor(at)
  }
  stored.upMinutesMs.sort((a, b) => a - b)
  return stored
}

/** Half-open intervals in which a collector ran, within `range`; its last minute ends now. */
export function upIntervals(
  minutesMs: readonly number[],
  range: TimeRange,
  storedThroughMs: number,
): [number, number][] {
  const intervals: [number, number][] = []
  for (const minuteMs of minutesMs) {
    const from = Math.max(minuteMs, range.from)
    const to = Math.min(minuteMs + MINUTE_MS, range.to, storedThroughMs)
    if (to <= from) continue
    const last = intervals.at(-1)
    if (last !== undefined && last[1] === from) last[1] = to
    else intervals.push([from, to])
  }
  return intervals
}
