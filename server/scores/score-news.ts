import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'

/** Minutes in which scores are no longer what they were, and when this was read. */
export type ScoreNews = { minutesMs: number[]; readAtMs: number }

/** A statement may have set its time and not be committed yet. */
const OVERLAP_MS = 5_000

/** What changed since an earlier look; null = only when this look is. */
export async function readScoreNews(
  sql: Sql,
  projectId: string,
  sinceMs: number | null,
): Promise<ScoreNews> {
  const [clock] = await sql<{ now: number }[]>`select clock_timestamp() as now`
  const readAtMs = clock?.now ?? 0
  if (sinceMs === null) return { minutesMs: [], readAtMs }
  const rows = await sql<{ minute: number }[]>`
    select distinct date_trunc('minute', place.at) as minute
    from scores sc cross join lateral (values (sc.at), (sc.previous_at)) as place(at)
    where sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}
      and sc.changed_at >= ${sinceMs - OVERLAP_MS} and place.at is not null`
  return { minutesMs: rows.map(({ minute }) => minute), readAtMs }
}
