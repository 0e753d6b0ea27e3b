import * as z from 'zod/mini'
import type { FilterTerm, ScoreList, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { instant, toUs, type Fragment } from '../spans/span-scope.ts'
import { onEveryDay, spansOfTraces } from '../spans/trace-probe.ts'
import { scoreColumns, toScore, type ScoreRow } from './score-row.ts'
import { matchesSpans, scoresOf } from './score-scope.ts'

/** Place in the list: after this score. */
export const ScoreCursor = z.object({ us: z.number().check(z.int()), id: z.string() })
export type ScoreCursor = z.infer<typeof ScoreCursor>

export type ScoresQuery = {
  projectId: string
  /** undefined: scores of a trace, whenever they were given. */
  range: TimeRange | undefined
  name: string | undefined
  traceId: string | undefined
  filters: FilterTerm[]
  limit: number
  after: ScoreCursor | undefined
}

/** Scores, newest first. */
export async function listScores(sql: Sql, query: ScoresQuery): Promise<ScoreList> {
  const { projectId, range, name, filters, limit, after } = query
  const rows = await readWithin(
    sql,
    (read) => read<ScoreRow[]>`
      select ${scoreColumns(read)} from scores sc
      where ${scoresOf(read, projectId)} and ${within(read, range)}
        and ${name === undefined ? read`true` : read`sc.name = ${name}`}
        and ${ofTrace(read, query)} and ${matchesSpans(read, projectId, filters)}
        and ${after === undefined ? read`true` : read`(sc.at, sc.id) < (${instant(read, after.us)}, ${after.id})`}
      order by sc.at desc, sc.id desc
      limit ${limit + 1}`,
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(toScore),
    nextCursor:
      rows.length > limit && last !== undefined
        ? encodeCursor({ us: toUs(last.at), id: last.id } satisfies ScoreCursor)
        : null,
  }
}

function within(read: ReadSql, range: TimeRange | undefined): Fragment {
  if (range === undefined) return read`true`
  const { from, to } = range
  return read`sc.at >= ${instant(read, toUs(from))} and sc.at < ${instant(read, toUs(to))}`
}

/** By the trace's own id, or where a score has none by the ids of its spans and their answers. */
function ofTrace(read: ReadSql, { projectId, traceId }: ScoresQuery): Fragment {
  if (traceId === undefined) return read`true`
  const trace = onEveryDay(read, read`select ${traceId}::uuid as trace_id`)
  const spans = spansOfTraces(read, trace, projectId)
  return read`sc.id in (
    select sc.id from scores sc
    where ${scoresOf(read, projectId)} and sc.trace_id = ${traceId}::uuid
    union all
    select known.id from ${spans} cross join lateral (
      select sc.id from scores sc
      where ${scoresOf(read, projectId)} and sc.trace_id is null and sc.span_id = s.span_id
      union all
      select sc.id from scores sc
      where ${scoresOf(read, projectId)} and sc.trace_id is null and sc.response_id = s.response_id
    ) known
  )`
}
