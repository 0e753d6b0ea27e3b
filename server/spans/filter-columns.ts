import type { ReadSql } from '../db/read-within.ts'
import type { Fragment } from './span-scope.ts'

export type NumericColumn = { column: Fragment; scale: number }

const TEXT_COLUMNS: Record<string, string> = {
  name: 'name',
  type: 'type',
  task: 'task',
  service: 'service',
  environment: 'environment',
  release: 'release',
  provider: 'provider',
  tool: 'tool_name',
  operation: 'operation',
  'error.type': 'error_type',
  user: 'user_id',
  session: 'session_id',
}

/** The column of `s` that a text field of the filter looks at. */
export function textColumn(sql: ReadSql, field: string): Fragment | undefined {
  if (field === 'model') return modelColumn(sql)
  const column = TEXT_COLUMNS[field]
  return column === undefined ? undefined : sql`s.${sql(column)}`
}

/** The column of `s` that an amount is read from, and how many of its units one unit of the filter is. */
export function numericColumn(sql: ReadSql, field: string): NumericColumn | undefined {
  switch (field) {
    case 'latency':
      return { column: sql`s.duration_us`, scale: 1_000 }
    case 'ttft':
      return { column: sql`s.ttft_us`, scale: 1_000 }
    case 'cost':
      return { column: sql`s.cost_nano_usd`, scale: 1e9 }
    case 'tokens':
      return {
        column: sql`(case when s.input_tokens is null and s.output_tokens is null then null
          else coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0) end)`,
        scale: 1,
      }
    default:
      return undefined
  }
}

export function modelColumn(sql: ReadSql): Fragment {
  return sql`coalesce(s.response_model, s.request_model)`
}
