import { MINUTE_MS } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import { ALL_KEPT, DAY_MS, FIVE_MINUTES_MS, HOUR_MS, ceilTo, floorTo } from './bucket.ts'
import type { KeptSince } from './bucket.ts'

/** An hour less than housekeeping keeps rows, so that none goes while it is read. */
const KEPT_MS = { minutes: 15 * DAY_MS - HOUR_MS, fiveMinutes: 35 * DAY_MS - HOUR_MS }

type Ages = { now: number; minute: number | null; fiveMinutes: number | null; hour: number | null }

/**
 * Since when the finer steps of a project are whole. Where they begin with the hours, nothing has
 * expired yet, however old it is (history that was just written); else retention's limits count.
 */
export async function readKeptSince(sql: Sql, projectId: string): Promise<KeptSince> {
  const slot = slotOf(projectId)
  const oldest = (stepMs: number) => sql`
    select min(bucket) from rollups
    where slot = ${slot} and project_id = ${projectId} and step_ms = ${stepMs}`
  const [ages] = await sql<Ages[]>`
    select sightline_now(now()) as now, (${oldest(MINUTE_MS)}) as minute,
      (${oldest(FIVE_MINUTES_MS)}) as five_minutes, (${oldest(HOUR_MS)}) as hour`
  if (ages === undefined || ages.hour === null) return ALL_KEPT
  const { now, hour } = ages
  const isWhole = (oldestMs: number | null): boolean =>
    oldestMs !== null && floorTo(oldestMs, HOUR_MS) <= hour
  return {
    minutesFromMs: isWhole(ages.minute) ? -Infinity : ceilTo(now - KEPT_MS.minutes, HOUR_MS),
    fiveMinutesFromMs: isWhole(ages.fiveMinutes)
      ? -Infinity
      : ceilTo(now - KEPT_MS.fiveMinutes, HOUR_MS),
  }
}
