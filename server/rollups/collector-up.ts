import type { Sql } from '../db/client.ts'

/** A look is due every 10 s; after a longer silence the process stood still, and that is a gap. */
const UNBROKEN_MS = 45_000

/** Notes that this collector runs in the current minute; call it several times a minute. */
export async function recordCollectorUp(sql: Sql, collectorId: string): Promise<void> {
  await createCollectorUp(sql, collectorId)()
}

/**
 * As recordCollectorUp, to be called again and again: the minutes since the last call are noted
 * too, so that neither a slow call nor a database clock that was set ahead leaves a false gap.
 */
export function createCollectorUp(sql: Sql, collectorId: string): () => Promise<void> {
  let last: { minute: number; calledAtMs: number } | undefined
  return async function record() {
    const calledAtMs = performance.now()
    const isUnbroken = last !== undefined && calledAtMs - last.calledAtMs < UNBROKEN_MS
    const since = isUnbroken ? (last?.minute ?? null) : null
    const [row] = await sql<{ minute: number }[]>`
      with clock as (select date_trunc('minute', sightline_now()) as minute),
      noted as (
        insert into collector_up (minute, collector_id)
        select generate_series(
          greatest(coalesce(${since}::timestamptz, minute), minute - interval '1 day'),
          minute, interval '1 minute'), ${collectorId}
        from clock
        on conflict do nothing)
      select minute from clock`
    if (row !== undefined) last = { minute: row.minute, calledAtMs }
  }
}
