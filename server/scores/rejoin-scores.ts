import type { Sql } from '../db/client.ts'
import { joinScores, type ScoreTarget } from './join-scores.ts'
import { placeTargets } from './place-targets.ts'

const PAGE = 1_000
const MAX_PAGES = 20

type Waiting = ScoreTarget & { slot: number; projectId: string }

/**
 * Looks once more for the spans of scores that still wait: for those of a process that was killed
 * between a span and its score, and those given by a span's id alone.
 */
export async function rejoinScores(sql: Sql): Promise<void> {
  let after: Pick<Waiting, 'slot' | 'projectId' | 'id'> = { slot: -1, projectId: '', id: '' }
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const waiting = await readPage(sql, after)
    for (const [projectId, scores] of Map.groupBy(waiting, (score) => score.projectId)) {
      const targets = await placeTargets(sql, projectId, scores)
      await joinScores(sql, projectId, { targets, days: null })
    }
    const last = waiting.at(-1)
    if (last === undefined || waiting.length < PAGE) return
    after = last
  }
}

function readPage(
  sql: Sql,
  { slot, projectId, id }: Pick<Waiting, 'slot' | 'projectId' | 'id'>,
): Promise<Waiting[]> {
  return sql<Waiting[]>`
    select slot, project_id, id, replace(trace_id::text, '-', '') as trace_id,
      lpad(to_hex(span_id), 16, '0') as span_id, response_id
    from scores
    where home_span is null and changed_at > clock_timestamp() - interval '2 days'
      and (slot, project_id, id) > (${slot}, ${projectId}, ${id})
    order by slot, project_id, id
    limit ${PAGE}`
}
