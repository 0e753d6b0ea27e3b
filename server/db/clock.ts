import type { Clock } from '../platform/clock.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import type { Sql } from './client.ts'

const REFRESH_MS = 1_000

/**
 * Follows `sightline_now()`: only the database's time counts, and hot paths cannot ask it for each
 * span. Looks once a second, so a moved test clock is seen within that.
 */
export async function startClock(sql: Sql, log: Log): Promise<Clock & AsyncDisposable> {
  let aheadMs = 0

  async function look(): Promise<void> {
    const startedAt = Date.now()
    const [row] = await sql<{ now: number }[]>`select sightline_now() as now`
    const roundTripMs = Date.now() - startedAt
    if (row !== undefined) aheadMs = row.now - (startedAt + roundTripMs / 2)
  }

  await look()
  const task = startIntervalTask({ name: 'clock', intervalMs: REFRESH_MS, log }, look)
  return {
    nowMs: () => Date.now() + aheadMs,
    [Symbol.asyncDispose]: () => task[Symbol.asyncDispose](),
  }
}
