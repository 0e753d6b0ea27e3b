import type { FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { spanConditions } from '../spans/filter-sql.ts'
import type { Fragment } from '../spans/span-scope.ts'
import { owner } from '../spans/trace-probe.ts'

export function scoresOf(sql: ReadSql, projectId: string): Fragment {
  return sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
}

/** Fields whose values stand on the score itself, copied from its span. */
const COPIED = new Set([
  'model',
  'provider',
  'operation',
  'task',
  'service',
  'environment',
  'release',
  'prompt',
  'user',
  'session',
  'status',
  'error.type',
])

/**
 * What metrics group by is looked for on the score, so that a filter keeps just the scores of that
 * group; all else on its span, or of a score of a whole trace on any one span of it. A score whose
 * span has not come has no values.
 */
export function matchesSpans(
  sql: ReadSql,
  projectId: string,
  terms: readonly FilterTerm[],
): Fragment {
  const copied = terms.filter((term) => COPIED.has(term.field))
  const others = terms.filter((term) => !COPIED.has(term.field))
  const onScore = copied.length === 0 ? sql`true` : matchesCopies(sql, copied)
  const onSpans = others.length === 0 ? sql`true` : matchesStored(sql, projectId, others)
  return sql`${onScore} and ${onSpans}`
}

/** The score as a row of spans, so that the same conditions serve. */
function matchesCopies(sql: ReadSql, terms: readonly FilterTerm[]): Fragment {
  return sql`sc.home_span is not null and exists (
    select from (
      select sc.model as response_model, null::text as request_model, sc.provider, sc.operation,
        sc.task, sc.service, sc.environment, sc.release, sc.prompt_name, sc.prompt_version,
        sc.user_id, sc.session_id, sc.error_type, case when sc.is_error then 2 else 0 end as flags
    ) s
    where ${spanConditions(sql, terms)}
  )`
}

/** The days of a trace lie around that of the span that was found. */
function matchesStored(sql: ReadSql, projectId: string, terms: readonly FilterTerm[]): Fragment {
  return sql`sc.home_span is not null and exists (
    select from ${owner(sql, projectId)}
    cross join generate_series(sc.home_day - 1, sc.home_day + 1, interval '1 day') as near(at)
    cross join lateral (
      select * from spans s
      where s.slot = owner.slot and s.day = near.at::date and s.project_id = owner.project_id
        and s.trace_id = sc.home_trace
      offset 0
    ) s
    where (s.span_id = sc.home_span or (sc.span_id is null and sc.response_id is null))
      and ${spanConditions(sql, terms)}
  )`
}
