import type { ReadSql } from '../db/read-within.ts'
import type { Fragment } from './span-scope.ts'

/**
 * The trace of span `s` has a score `sc` of this name that the verdict keeps: by the trace's own id,
 * or where the score has none by this span or its response. Each arm has its index.
 */
export function hasScore(sql: ReadSql, name: string, verdict: Fragment): Fragment {
  return sql`exists (
    select from scores sc
    where sc.slot = s.slot and sc.project_id = s.project_id and sc.name = ${name} and ${verdict}
      and (sc.trace_id = s.trace_id
        or (sc.trace_id is null and sc.span_id is not null and sc.span_id = s.span_id)
        or (sc.trace_id is null and sc.response_id is not null and sc.response_id = s.response_id)))`
}
