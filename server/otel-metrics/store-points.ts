import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'

export type SeriesKind = 'gauge' | 'sum' | 'histogram'

/** Upper bounds in rising order; the last count is of what lies above them. */
export type PointBuckets = { bounds: number[]; counts: number[] }

/** One data point and the series it belongs to. Times in whole microseconds. */
export type SeriesPoint = {
  /** 32 hex digits that stand for the series: its name, kind and all attributes. */
  seriesId: string
  name: string
  unit: string
  kind: SeriesKind
  attributes: Readonly<Record<string, string>>
  atUs: number
  startUs: number
  isCumulative: boolean
  value: number | null
  /** Values that a histogram holds. */
  count: number | null
  buckets: PointBuckets | null
}

export type PointFate = 'stored' | 'duplicate' | 'too_many_series'

/** A sender whose attributes have no end must not fill the table. */
export const MAX_SERIES = 1_000

/** Stores the points that are not stored yet and says what became of each. */
export async function storePoints(
  sql: Sql,
  projectId: string,
  points: readonly SeriesPoint[],
): Promise<PointFate[]> {
  if (points.length === 0) return []
  const known = await makeSeries(sql, projectId, points)
  const kept = points.filter(({ seriesId }) => known.has(seriesId))
  const added = await insertPoints(sql, projectId, kept)
  return points.map((point) => {
    if (!known.has(point.seriesId)) return 'too_many_series'
    return added.delete(keyOf(point.seriesId, point.atUs, point.startUs)) ? 'stored' : 'duplicate'
  })
}

/** The series of the points that are kept, new ones up to the limit of the project. */
async function makeSeries(
  sql: Sql,
  projectId: string,
  points: readonly SeriesPoint[],
): Promise<Set<string>> {
  const slot = slotOf(projectId)
  const series = [...new Map(points.map((point) => [point.seriesId, point])).values()]
  const rows = series.map(({ seriesId, name, unit, kind, attributes }) => {
    return { series_id: seriesId, name, unit, kind, attributes }
  })
  rows.sort((a, b) => (a.series_id < b.series_id ? -1 : 1))
  await sql`
    with fresh as (
      select r.*, row_number() over (order by r.series_id) as nth
      from jsonb_to_recordset(${sql.json(rows)}::jsonb)
        as r(series_id uuid, name text, unit text, kind text, attributes jsonb)
      where not exists (
        select from otel_series s
        where s.slot = ${slot} and s.project_id = ${projectId} and s.series_id = r.series_id
      )
    )
    insert into otel_series (slot, project_id, series_id, name, unit, kind, attributes)
    select ${slot}, ${projectId}, f.series_id, f.name, f.unit, f.kind, f.attributes from fresh f
    where f.nth + (
      select count(*) from otel_series s where s.slot = ${slot} and s.project_id = ${projectId}
    ) <= ${MAX_SERIES}
    on conflict do nothing`
  const known = await sql<{ id: string }[]>`
    select replace(s.series_id::text, '-', '') as id from otel_series s
    where s.slot = ${slot} and s.project_id = ${projectId}
      and s.series_id = any(${rows.map((row) => row.series_id)}::uuid[])`
  return new Set(known.map(({ id }) => id))
}

async function insertPoints(
  sql: Sql,
  projectId: string,
  points: readonly SeriesPoint[],
): Promise<Set<string>> {
  if (points.length === 0) return new Set()
  const rows = points.map((point) => ({
    series_id: point.seriesId,
    at_us: point.atUs,
    start_us: point.startUs,
    is_cumulative: point.isCumulative,
    value: point.value,
    count: point.count,
    buckets: point.buckets,
  }))
  // In one order, so that two requests with the same points cannot wait for each other.
  rows.sort((a, b) =>
    a.series_id < b.series_id ? -1 : a.series_id > b.series_id ? 1 : a.at_us - b.at_us,
  )
  const added = await sql<{ id: string; at: number; startedAt: number }[]>`
    insert into otel_points (slot, project_id, series_id, at, started_at, is_cumulative, value,
      count, buckets)
    select ${slotOf(projectId)}, ${projectId}, r.series_id,
      'epoch'::timestamptz + r.at_us * interval '1 microsecond',
      'epoch'::timestamptz + r.start_us * interval '1 microsecond',
      r.is_cumulative, r.value, r.count, r.buckets
    from jsonb_to_recordset(${sql.json(rows)}::jsonb) as r(series_id uuid, at_us int8,
      start_us int8, is_cumulative boolean, value float8, count float8, buckets jsonb)
    on conflict do nothing
    returning replace(series_id::text, '-', '') as id, at, started_at`
  return new Set(
    added.map(({ id, at, startedAt }) => {
      return keyOf(id, Math.round(at * 1_000), Math.round(startedAt * 1_000))
    }),
  )
}

function keyOf(seriesId: string, atUs: number, startUs: number): string {
  return `${seriesId} ${atUs} ${startUs}`
}

/** As long as the minutes of other metrics. */
export async function deleteExpiredPoints(sql: Sql): Promise<void> {
  await sql`delete from otel_points where at < sightline_now() - interval '15 days'`
  await sql`
    delete from otel_series s
    where s.created_at < clock_timestamp() - interval '15 days' and not exists (
      select from otel_points p
      where p.slot = s.slot and p.project_id = s.project_id and p.series_id = s.series_id
    )`
}
