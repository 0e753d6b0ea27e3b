import type { FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { spanConditions } from '../spans/filter-sql.ts'
import { inProject, type Fragment } from '../spans/span-scope.ts'

/** A trace is looked for on the days before its score, so far back, and on the day after. */
const MAX_AGE_DAYS = 35

export function scoresOf(sql: ReadSql, projectId: string): Fragment {
  return sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
}

/**
 * The score's span, or where it names none any span of its trace, matches all terms. A score that
 * knows only a response id has no trace to look at and matches no filter.
 */
export function matchesSpans(
  sql: ReadSql,
  projectId: string,
  terms: readonly FilterTerm[],
): Fragment {
  if (terms.length === 0) return sql`true`
  const spanOn = (day: Fragment): Fragment =>
    sql`${inProject(sql, projectId)} and s.day = ${day} and s.trace_id = sc.trace_id`
  return sql`exists (
    select from (
      select d.at::date as day
      from generate_series(sc.at::date + 1, sc.at::date - ${MAX_AGE_DAYS}::int,
        interval '-1 day') as d(at)
      where exists (select from spans s where ${spanOn(sql`d.at::date`)} offset 0)
      limit 1
    ) home
    cross join lateral generate_series(home.day - 1, home.day + 1, interval '1 day') as near(at)
    cross join lateral (
      select from spans s
      where ${spanOn(sql`near.at::date`)} and s.flags & 16 = 0
        and (sc.span_id is null or s.span_id = sc.span_id) and ${spanConditions(sql, terms)}
      limit 1
    ) matching
  )`
}
