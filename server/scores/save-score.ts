import type { Score } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { newId } from '../platform/ids.ts'
import { slotOf } from '../projects/slot.ts'
import { daysAround, joinScores } from './join-scores.ts'
import type { NewScore } from './parse-score.ts'
import { placeTargets } from './place-targets.ts'
import { scoreColumns, toScore, type ScoreRow } from './score-row.ts'
import { noteWaitingScore } from './waiting-scores.ts'

/**
 * Saved in one statement and answered in their order. The same id again replaces a score, which
 * without a time of its own keeps that of the first; of one id given twice here the last counts.
 */
export async function saveScores(
  sql: Sql,
  projectId: string,
  scores: readonly NewScore[],
): Promise<Score[]> {
  const { rows, saved } = await save(sql, projectId, scores)
  const scoreById = new Map(saved.map(({ row }) => [row.id, toScore(row)]))
  return rows.flatMap((row) => scoreById.get(row.id) ?? [])
}

/** Saved likewise; answers the ids of those that were not there before. */
export async function saveNewScores(
  sql: Sql,
  projectId: string,
  scores: readonly NewScore[],
): Promise<string[]> {
  const { saved } = await save(sql, projectId, scores)
  return saved.flatMap(({ row, isNew }) => (isNew ? [row.id] : []))
}

async function save(sql: Sql, projectId: string, scores: readonly NewScore[]) {
  const rows = scores.map(toRow)
  const rowById = new Map(rows.map((row) => [row.id, row]))
  // A span that is committed from here on finds its score, one that was is found below.
  noteWaitingScore(sql, projectId)
  const upserted = await upsert(sql, projectId, [...rowById.values()])
  const saved = upserted.map(({ isNew, ...row }) => ({ row, isNew }))
  await joinSaved(
    sql,
    projectId,
    saved.map(({ row }) => row),
  )
  return { rows, saved }
}

/** Most judge what has just happened; only what is not found there is looked for on every day. */
async function joinSaved(sql: Sql, projectId: string, saved: readonly ScoreRow[]): Promise<void> {
  const times = saved.map((row) => row.at)
  const targets = await placeTargets(sql, projectId, saved)
  const near = daysAround(Math.min(...times), Math.max(...times))
  const joined = await joinScores(sql, projectId, { targets, days: near })
  const rest = targets.filter((target) => !joined.has(target.id))
  await joinScores(sql, projectId, { targets: rest, days: null })
}

type NewRow = ReturnType<typeof toRow>

function toRow(score: NewScore) {
  return {
    id: score.id ?? newId(),
    at: score.atMs === undefined ? null : new Date(score.atMs).toISOString(),
    trace_id: score.traceId ?? null,
    span_id: score.spanId ?? null,
    response_id: score.responseId ?? null,
    name: score.name,
    value: score.value ?? null,
    label: score.label ?? null,
    comment: score.comment ?? null,
    source: score.source,
  }
}

/** A row that replaces another has the transaction in `xmax` that locked it. */
type SavedRow = ScoreRow & { isNew: boolean }

/** A replaced score may have moved to another span: it waits for it anew. */
function upsert(sql: Sql, projectId: string, rows: readonly NewRow[]): Promise<SavedRow[]> {
  return sql<SavedRow[]>`
    insert into scores as sc (slot, project_id, id, at, trace_id, span_id, response_id, name, value,
      label, comment, source)
    select ${slotOf(projectId)}, ${projectId}, given.id, coalesce(given.at, sightline_now()),
      given.trace_id, ('x' || given.span_id)::bit(64)::int8, given.response_id, given.name,
      given.value, given.label, given.comment, given.source
    from jsonb_to_recordset(${sql.json(rows)}::jsonb) as given(id text, at timestamptz, trace_id uuid,
      span_id text, response_id text, name text, value float8, label text, comment text, source text)
    order by given.id
    on conflict (slot, project_id, id) do update set
      at = case when excluded.id = any(${timed(rows)}::text[]) then excluded.at else sc.at end,
      previous_at = sc.at, trace_id = excluded.trace_id,
      span_id = excluded.span_id, response_id = excluded.response_id, name = excluded.name,
      value = excluded.value, label = excluded.label, comment = excluded.comment,
      source = excluded.source, changed_at = clock_timestamp(),
      home_day = null, home_trace = null, home_span = null, model = null, provider = null,
      operation = null, task = null, service = null, environment = null, release = null,
      prompt_name = null, prompt_version = null, user_id = null, session_id = null,
      is_error = null, error_type = null
    returning ${scoreColumns(sql)}, sc.xmax = 0 as is_new`
}

function timed(rows: readonly NewRow[]): string[] {
  return rows.flatMap((row) => (row.at === null ? [] : [row.id]))
}
