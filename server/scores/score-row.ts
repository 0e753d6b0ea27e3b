import { ScoreSource, type Score } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'

/** Columns of `scores sc` as `toScore` reads them. */
export function scoreColumns(sql: ReadSql): ReturnType<ReadSql> {
  return sql`sc.id, replace(sc.trace_id::text, '-', '') as trace_id,
    lpad(to_hex(sc.span_id), 16, '0') as span_id, sc.response_id, sc.name, sc.value, sc.label,
    sc.comment, sc.source, sc.at`
}

export type ScoreRow = Omit<Score, 'source'> & { source: string }

export function toScore(row: ScoreRow): Score {
  const source = ScoreSource.options.find((one) => one === row.source)
  return { ...row, source: source ?? 'code' }
}
