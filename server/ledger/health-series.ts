import { MINUTE_MS, type IngestHealth } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { PackedRow, RowCursor } from '../rollups/packed-row.ts'
import { readRows, type StoredRow } from '../rollups/read-rows.ts'
import { MAX_SERIES, TUPLE_FIELDS } from '../rollups/series.ts'
import { Sketch } from '../rollups/sketch.ts'
import { minuteOf } from './ledger-entry.ts'

const HOUR_MS = 60 * MINUTE_MS
const LAG_MS = 10 * MINUTE_MS
const NO_RANGE = { from: 0, to: 0 }
const OTHER = '__other__'
const FIELDS = ['service', 'model', 'operation', 'release', 'prompt', 'error.type'] as const

/** received - end of the calls that ended in the last minutes, 95th percentile. */
export async function readLag(sql: Sql, projectId: string, nowMs: number): Promise<number | null> {
  const lag = new Sketch()
  for (const { data } of await readMinuteRows(sql, projectId, { nowMs, backMs: LAG_MS })) {
    new RowCursor(data).addLateness(lag)
  }
  return lag.quantile(0.95)
}

/** How many values the fields of charts have in the last hour. */
export async function readCardinality(
  sql: Sql,
  projectId: string,
  nowMs: number,
): Promise<IngestHealth['cardinality']> {
  const minutes = new Map<number, PackedRow>()
  const rows = await readMinuteRows(sql, projectId, { nowMs, backMs: HOUR_MS })
  for (const { bucketMs, data } of rows) {
    const row = minutes.get(bucketMs) ?? new PackedRow()
    minutes.set(bucketMs, row)
    row.merge(data)
  }
  return countValues([...minutes.values()])
}

async function readMinuteRows(
  sql: Sql,
  projectId: string,
  { nowMs, backMs }: { nowMs: number; backMs: number },
): Promise<StoredRow[]> {
  const range = { from: minuteOf(nowMs) - backMs, to: minuteOf(nowMs) + MINUTE_MS }
  const tiles = [{ stepMs: MINUTE_MS, fromMs: range.from, toMs: range.to }]
  const { rows } = await readRows(sql, { projectId, tiles, deltas: range, up: NO_RANGE })
  return rows
}

function countValues(rows: readonly PackedRow[]): IngestHealth['cardinality'] {
  const tuples = rows.flatMap((row) => [...row.seriesByKey.values()].map(({ tuple }) => tuple))
  const series = Math.max(0, ...rows.map((row) => row.seriesByKey.size))
  const valuesOf = (at: number) => new Set(tuples.flatMap((tuple) => tuple[at] ?? []))
  const fields = FIELDS.map((field) => {
    const values = valuesOf(TUPLE_FIELDS.indexOf(field))
    const folded = values.delete(OTHER)
    return { field, values: values.size, limit: null, folded }
  })
  const folded = fields.some((field) => field.folded)
  return [{ field: 'series a minute', values: series, limit: MAX_SERIES, folded }, ...fields]
}
