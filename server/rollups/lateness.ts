import { MINUTE_MS } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { databaseNow } from '../platform/query-params.ts'
import { DAY_MS, FIVE_MINUTES_MS, ceilTo, floorTo } from './bucket.ts'
import { RowCursor } from './packed-row.ts'
import { readRows } from './read-rows.ts'
import { Sketch } from './sketch.ts'

const GRAIN_MS = 15_000
const MIN_LATENESS_MS = 30_000
const MAX_LATENESS_MS = 15 * 60_000
const CACHE_MS = 60_000
const MAX_CACHED_PROJECTS = 1_000

type Cached = { latenessMs: number; readAtMs: number }
const cachedBySql = new WeakMap<Sql, Map<string, Cached>>()

/**
 * How long after its end a call of this project may still arrive: p99 of received - end over the
 * last 24 h, rounded up to 15 s, within 30 s to 15 min. Known for up to 60 s before it is read anew.
 */
export async function projectLatenessMs(
  sql: Sql,
  projectId: string,
  options: { maxAgeMs?: number } = {},
): Promise<number> {
  const cache = cachedBySql.get(sql) ?? new Map<string, Cached>()
  cachedBySql.set(sql, cache)
  const known = cache.get(projectId)
  const startedAtMs = performance.now()
  if (known !== undefined && startedAtMs - known.readAtMs < (options.maxAgeMs ?? CACHE_MS)) {
    return known.latenessMs
  }
  const latenessMs = await readLateness(sql, projectId)
  if (cache.size >= MAX_CACHED_PROJECTS) cache.clear()
  cache.set(projectId, { latenessMs, readAtMs: startedAtMs })
  return latenessMs
}

/** Only rows of minutes in which a collector ran: what ended before waited for us, or is history. */
async function readLateness(sql: Sql, projectId: string): Promise<number> {
  const nowMs = await databaseNow(sql)
  const range = {
    from: floorTo(nowMs - DAY_MS, FIVE_MINUTES_MS),
    to: ceilTo(nowMs + 1, FIVE_MINUTES_MS),
  }
  const { rows, upMinutesMs, storedThroughMs } = await readRows(sql, {
    projectId,
    tiles: [{ stepMs: FIVE_MINUTES_MS, fromMs: range.from, toMs: range.to }],
    deltas: range,
    up: range,
  })
  const upMinutes = new Set(upMinutesMs)
  const lateness = new Sketch()
  for (const { bucketMs, stepMs, data } of rows) {
    const endMs = Math.min(bucketMs + stepMs, storedThroughMs)
    let minuteMs = bucketMs
    while (minuteMs < endMs && upMinutes.has(minuteMs)) minuteMs += MINUTE_MS
    if (minuteMs >= endMs) new RowCursor(data).addLateness(lateness)
  }
  return toLateness(lateness.quantile(0.99))
}

/** The delay of a project from the p99 of its calls' lateness. */
function toLateness(p99Ms: number | null): number {
  const raised = ceilTo(p99Ms ?? 0, GRAIN_MS)
  return Math.min(MAX_LATENESS_MS, Math.max(MIN_LATENESS_MS, raised))
}
