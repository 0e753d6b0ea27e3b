import type { Score } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { newId } from '../platform/ids.ts'
import { slotOf } from '../projects/slot.ts'
import type { NewScore } from './parse-score.ts'
import { scoreColumns, toScore, type ScoreRow } from './score-row.ts'

/** The same id again replaces the score; without a time of its own it keeps that of the first. */
export async function saveScore(sql: Sql, projectId: string, score: NewScore): Promise<Score> {
  const { atMs, traceId, spanId, responseId, name, value, label, comment, source } = score
  const at = atMs ?? null
  const [row] = await sql<ScoreRow[]>`
    insert into scores as sc (slot, project_id, id, at, trace_id, span_id, response_id, name, value,
      label, comment, source)
    values (${slotOf(projectId)}, ${projectId}, ${score.id ?? newId()},
      coalesce(${at}::timestamptz, sightline_now()), ${traceId ?? null}::uuid,
      ('x' || ${spanId ?? null}::text)::bit(64)::int8, ${responseId ?? null}, ${name},
      ${value ?? null}, ${label ?? null}, ${comment ?? null}, ${source})
    on conflict (slot, project_id, id) do update set
      at = coalesce(${at}::timestamptz, sc.at), trace_id = excluded.trace_id,
      span_id = excluded.span_id, response_id = excluded.response_id, name = excluded.name,
      value = excluded.value, label = excluded.label, comment = excluded.comment,
      source = excluded.source
    returning ${scoreColumns(sql)}`
  if (row === undefined) throw new Error('an upsert of a score returned no row')
  return toScore(row)
}
