import type { Sql } from '../db/client.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { storedDays, utcDay, type Fragment } from '../spans/span-scope.ts'
import { owner } from '../spans/trace-probe.ts'

/** What a score names; ids as hex, a span always with its trace. */
export type ScoreTarget = {
  id: string
  traceId: string | null
  spanId: string | null
  responseId: string | null
}

/** Days of the spans' starts, `YYYY-MM-DD`; null = every stored one. */
export type DayRange = { low: string; high: string } | null

const MS_PER_DAY = 86_400_000

/** The days from the one before the first instant to the one after the last. */
export function daysAround(fromMs: number, toMs: number): DayRange {
  return { low: utcDay(fromMs - MS_PER_DAY), high: utcDay(toMs + MS_PER_DAY) }
}

/** What is copied from a score's span, so that its metrics need no span. */
const COPIED = [
  'home_day',
  'home_trace',
  'home_span',
  'model',
  'provider',
  'operation',
  'task',
  'service',
  'environment',
  'release',
  'prompt_name',
  'prompt_version',
  'user_id',
  'session_id',
  'is_error',
  'error_type',
]

/**
 * Looks the spans of these scores up and writes what is known of them on the scores' rows; a score
 * whose span is not stored yet stays as it is. Returns the scores that changed. Each kind of target
 * has a statement of its own, which is planned faster than one for all.
 */
export async function joinScores(
  sql: Sql,
  projectId: string,
  { targets, days }: { targets: readonly ScoreTarget[]; days: DayRange },
): Promise<Set<string>> {
  const kinds = Object.groupBy(targets, kindOf)
  const changed = new Set<string>()
  const finders = {
    span: kinds.span && namedSpan(sql),
    trace: kinds.trace && answeringCall(sql),
    answer: kinds.answer && answerOf(sql),
  }
  for (const kind of ['span', 'trace', 'answer'] as const) {
    const own = kinds[kind]
    const finder = finders[kind]
    if (own === undefined || finder === undefined) continue
    const rows = await update(sql, projectId, { targets: own, days, finder })
    for (const { id } of rows) changed.add(id)
  }
  return changed
}

function kindOf({
  traceId,
  spanId,
  responseId,
}: ScoreTarget): 'span' | 'trace' | 'answer' | 'none' {
  if (traceId !== null) return spanId === null ? 'trace' : 'span'
  return responseId === null ? 'none' : 'answer'
}

type Wanted = { targets: readonly ScoreTarget[]; days: DayRange; finder: Fragment }

/**
 * Only while the score still names the same: it may be replaced meanwhile. Rows are locked in the
 * order of their ids, so that two batches that concern the same scores wait for each other.
 */
function update(sql: Sql, projectId: string, { targets, days, finder }: Wanted) {
  const columns = (alias: string): Fragment => columnList(sql, alias)
  const own = sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
  const texts = (name: keyof ScoreTarget) => targets.map((target) => target[name])
  return sql<{ id: string }[]>`
    with found as materialized (
      select k.id, k.response_id, home.*
      from unnest(${texts('id')}::text[], ${texts('traceId')}::uuid[], ${texts('spanId')}::text[],
        ${texts('responseId')}::text[]) as k(id, trace_id, span_hex, response_id)
      cross join ${owner(sql, projectId)}
      cross join ${dayRange(sql, days)}
      cross join lateral (${finder}) home
    ), changed as materialized (
      select sc.id from scores sc join found on found.id = sc.id
      where ${own} and sc.response_id is not distinct from found.response_id
        and row(${columns('sc')}) is distinct from row(${columns('found')})
      order by sc.id
      for update of sc
    )
    update scores sc set (${columns('')}, changed_at) =
      row(${columns('found')}, clock_timestamp())
    from found join changed on changed.id = found.id
    where ${own} and sc.id = found.id
    returning sc.id`
}

function columnList(sql: ReadSql, alias: string): Fragment {
  const names = COPIED.map((name) => (alias === '' ? name : `${alias}.${name}`))
  return sql.unsafe(names.join(', ')) as unknown as Fragment
}

function dayRange(sql: ReadSql, days: DayRange): Fragment {
  if (days === null) {
    return sql`(select min(day) as low, max(day) as high from ${storedDays(sql)}
      where day > '0001-01-01') as range`
  }
  return sql`(select ${days.low}::date as low, ${days.high}::date as high) as range`
}

function homeOf(sql: ReadSql): Fragment {
  return sql`s.day as home_day, s.trace_id as home_trace, s.span_id as home_span,
    coalesce(s.response_model, s.request_model) as model, s.provider, s.operation, s.task,
    s.service, s.environment, s.release, s.prompt_name, s.prompt_version, s.user_id, s.session_id,
    s.flags & 2 <> 0 as is_error, s.error_type`
}

/**
 * One probe of the primary key a day. As elsewhere, `offset 0` and the hidden owner keep it one
 * whatever the planner believes of a partition without statistics.
 */
function namedSpan(sql: ReadSql): Fragment {
  return sql`
    select s.* from generate_series(range.low::timestamp, range.high::timestamp, interval '1 day') as d(at)
    cross join lateral (
      select ${homeOf(sql)} from spans s
      where s.slot = owner.slot and s.day = d.at::date and s.project_id = owner.project_id
        and s.trace_id = k.trace_id and s.span_id = ('x' || k.span_hex)::bit(64)::int8
      offset 0
    ) s
    limit 1`
}

/** By the response's id alone; of two reports of one call the one that counts. */
function answerOf(sql: ReadSql): Fragment {
  return sql`
    select ${homeOf(sql)} from (
      select * from spans s
      where s.slot = owner.slot and s.project_id = owner.project_id
        and s.response_id = k.response_id and s.day between range.low and range.high
      offset 0
    ) s
    order by s.flags & 1 <> 0 desc, s.started_at desc, s.span_id
    limit 1`
}

/**
 * Of a score of a whole trace: the call with the response it names, else the root where that is a
 * model call, else the model call that ended last, whose answer the user saw; without one the root.
 */
function answeringCall(sql: ReadSql): Fragment {
  return sql`
    select ${homeOf(sql)}
    from generate_series(range.low::timestamp, range.high::timestamp, interval '1 day') as d(at)
    cross join lateral (
      select * from spans s
      where s.slot = owner.slot and s.day = d.at::date and s.project_id = owner.project_id
        and s.trace_id = k.trace_id
      offset 0
    ) s
    order by coalesce(s.response_id = k.response_id, false) desc, s.flags & 1 <> 0 desc,
      s.parent_span_id is null desc, case when s.flags & 1 <> 0 then s.ended_at end desc,
      s.started_at, s.span_id
    limit 1`
}
