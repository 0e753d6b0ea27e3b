import type { ReadSql } from '../db/read-within.ts'
import type { Fragment } from './span-scope.ts'

export type NumericColumn = { column: Fragment; scale: number }

/** The column of `s` that a text field of the filter looks at. */
export function textColumn(sql: ReadSql, field: string): Fragment | undefined {
  switch (field) {
    case 'name':
      return sql`s.name`
    case 'type':
      return sql`s.type`
    case 'task':
      return sql`s.task`
    case 'service':
      return sql`s.service`
    case 'environment':
      return sql`s.environment`
    case 'release':
      return sql`s.release`
    case 'provider':
      return sql`s.provider`
    default:
      return callColumn(sql, field)
  }
}

function callColumn(sql: ReadSql, field: string): Fragment | undefined {
  switch (field) {
    case 'model':
      return modelColumn(sql)
    case 'tool':
      return sql`s.tool_name`
    case 'operation':
      return sql`s.operation`
    case 'error.type':
      return sql`s.error_type`
    case 'user':
      return sql`s.user_id`
    case 'session':
      return sql`s.session_id`
    default:
      return undefined
  }
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
