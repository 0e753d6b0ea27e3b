import type { TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { inProject, startsWithin, type Fragment } from './span-scope.ts'
import type { TraceDays } from './trace-probe.ts'

export type FewQuery = {
  projectId: string
  range: TimeRange
  /** Conditions on the columns of `s`. */
  conditions: (read: ReadSql) => Fragment
}

const FEW_SPANS = 2_000
const FEW_WITHIN_MS = 700
const TIMED_OUT = '57014'

/**
 * The traces of a filter that keeps next to nothing: walking the range would not find them soon.
 * undefined where there are many, or where no index tells in time.
 */
export async function findFewTraces(sql: Sql, query: FewQuery): Promise<TraceDays[] | undefined> {
  const { projectId, range, conditions } = query
  try {
    const rows = await readWithin(
      sql,
      (read) => read<(TraceDays & { spans: number })[]>`
        select trace_id::text, min(day) as low, max(day) as high, count(*) as spans
        from (
          select s.trace_id, s.day from spans s
          where ${inProject(read, projectId)} and ${startsWithin(read, range)}
            and ${conditions(read)}
          limit ${FEW_SPANS + 1}
        ) few
        group by trace_id`,
      FEW_WITHIN_MS,
    )
    const spans = rows.reduce((sum, row) => sum + row.spans, 0)
    return spans > FEW_SPANS ? undefined : rows
  } catch (error) {
    if (isTimeout(error)) return undefined
    throw error
  }
}

/** A statement that took longer than it may. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === TIMED_OUT
}
