import { inListValues, type FilterOp, type FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { attributeHash } from './attribute-hash.ts'
import type { Fragment } from './span-scope.ts'

const TRACE_FIELDS = ['latency', 'cost', 'tokens']
const ATTRIBUTE = 'attr.'

/** Terms that look at one span; all must hold on it together. Columns are those of `s`. */
export function spanConditions(sql: ReadSql, terms: readonly FilterTerm[]): Fragment {
  return all(
    sql,
    terms.map((term, index) => spanCondition(sql, term, index)),
  )
}

/** On traces `latency`, `cost` and `tokens` mean the trace; the other terms mean one of its spans. */
export function splitTraceTerms(terms: readonly FilterTerm[]): {
  spanTerms: FilterTerm[]
  traceTerms: FilterTerm[]
} {
  const isTraceTerm = (term: FilterTerm) => TRACE_FIELDS.includes(term.field)
  return {
    spanTerms: terms.filter((term) => !isTraceTerm(term)),
    traceTerms: terms.filter(isTraceTerm),
  }
}

/** The same on a row `t(duration_us, cost_nano_usd, total_tokens)` that stands for a trace. */
export function traceConditions(sql: ReadSql, terms: readonly FilterTerm[]): Fragment {
  const columns: Record<string, NumericColumn> = {
    latency: { column: sql`t.duration_us`, scale: 1_000 },
    cost: { column: sql`t.cost_nano_usd`, scale: 1e9 },
    tokens: { column: sql`t.total_tokens`, scale: 1 },
  }
  return all(
    sql,
    terms.map((term, index) => {
      const column = columns[term.field]
      return column === undefined ? sql`false` : numericCondition(sql, column, { term, index })
    }),
  )
}

type NumericColumn = { column: Fragment; scale: number }
type PlacedTerm = { term: FilterTerm; index: number }

function spanCondition(sql: ReadSql, term: FilterTerm, index: number): Fragment {
  const placed = { term, index }
  if (term.field.startsWith(ATTRIBUTE)) return attributeCondition(sql, placed)
  if (term.field === 'status') return statusCondition(sql, placed)
  if (term.field === 'tag') return tagCondition(sql, placed)
  if (term.field === 'prompt') return promptCondition(sql, placed)
  const numeric = numericColumn(sql, term.field)
  if (numeric !== undefined) return numericCondition(sql, numeric, placed)
  const text = textColumn(sql, term.field)
  if (text !== undefined) return textCondition(sql, text, placed)
  const what = term.field === 'text' ? 'text search' : `the field '${term.field}'`
  throw refusal(placed, `not yet: ${what}`)
}

function textColumn(sql: ReadSql, field: string): Fragment | undefined {
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
      return sql`coalesce(s.response_model, s.request_model)`
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

function numericColumn(sql: ReadSql, field: string): NumericColumn | undefined {
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

/** `ne` holds where nothing was sent: an unknown model is not the model asked for. */
function textCondition(sql: ReadSql, column: Fragment, placed: PlacedTerm): Fragment {
  const { op, value } = placed.term
  switch (op) {
    case 'eq':
      return sql`${column} = ${storable(value)}`
    case 'ne':
      return sql`${column} is distinct from ${storable(value)}`
    case 'in':
      return sql`${column} = any(${inListValues(value).map(storable)}::text[])`
    case 'has':
      return sql`strpos(lower(${column}), lower(${storable(value)})) > 0`
    case 'exists':
      return existence(sql, column, placed)
    default:
      throw wrongOperator(placed, ['eq', 'ne', 'in', 'has', 'exists'])
  }
}

function numericCondition(
  sql: ReadSql,
  { column, scale }: NumericColumn,
  placed: PlacedTerm,
): Fragment {
  const { op, value } = placed.term
  const scaled = (raw: string) => Math.round(parseNumber(raw, placed) * scale)
  switch (op) {
    case 'eq':
      return sql`${column} = ${scaled(value)}::float8`
    case 'ne':
      return sql`${column} is distinct from ${scaled(value)}::float8`
    case 'gt':
      return sql`${column} > ${parseNumber(value, placed) * scale}::float8`
    case 'gte':
      return sql`${column} >= ${parseNumber(value, placed) * scale}::float8`
    case 'lt':
      return sql`${column} < ${parseNumber(value, placed) * scale}::float8`
    case 'lte':
      return sql`${column} <= ${parseNumber(value, placed) * scale}::float8`
    case 'in':
      return sql`${column} = any(${inListValues(value).map(scaled)}::float8[])`
    case 'exists':
      return existence(sql, column, placed)
    case 'has':
      throw wrongOperator(placed, ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'exists'])
  }
}

function statusCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { op, value } = placed.term
  const wanted = op === 'in' ? inListValues(value) : [value]
  const isOneOf: Fragment = sql`(case when s.flags & 2 <> 0 then 'error' else 'ok' end) = any(${wanted.map(storable)}::text[])`
  switch (op) {
    case 'eq':
    case 'in':
      return isOneOf
    case 'ne':
      return sql`not ${isOneOf}`
    case 'exists':
      return existence(sql, sql`s.flags`, placed)
    default:
      throw wrongOperator(placed, ['eq', 'ne', 'in', 'exists'])
  }
}

/** By name alone or as `name@version`, the way groups of metrics are named. */
function promptCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { op, value } = placed.term
  const wanted = (op === 'in' ? inListValues(value) : [value]).map(storable)
  const isOneOf: Fragment = sql`(s.prompt_name = any(${wanted}::text[])
    or s.prompt_name || '@' || s.prompt_version = any(${wanted}::text[]))`
  switch (op) {
    case 'eq':
    case 'in':
      return isOneOf
    case 'ne':
      return sql`${isOneOf} is not true`
    default:
      return textCondition(sql, sql`s.prompt_name`, placed)
  }
}

function tagCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { op, value } = placed.term
  const tags = sql`coalesce(s.tags, '{}')`
  switch (op) {
    case 'eq':
    case 'has':
      return sql`${storable(value)} = any(${tags})`
    case 'ne':
      return sql`${storable(value)} <> all(${tags})`
    case 'in':
      return sql`${tags} && ${inListValues(value).map(storable)}::text[]`
    case 'exists':
      return existence(sql, sql`nullif(${tags}, '{}')`, placed)
    default:
      throw wrongOperator(placed, ['eq', 'ne', 'in', 'has', 'exists'])
  }
}

function attributeCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { field, op, value } = placed.term
  if (op !== 'eq' && op !== 'in') throw wrongOperator(placed, ['eq', 'in'])
  const key = field.slice(ATTRIBUTE.length)
  const values = op === 'in' ? inListValues(value) : [value]
  return sql`s.attribute_hashes && ${values.map((one) => attributeHash(key, one))}::int4[]`
}

function existence(sql: ReadSql, column: Fragment, placed: PlacedTerm): Fragment {
  switch (placed.term.value) {
    case '':
    case 'true':
      return sql`${column} is not null`
    case 'false':
      return sql`${column} is null`
    default:
      throw refusal(placed, `'exists' takes true or false`)
  }
}

function parseNumber(raw: string, placed: PlacedTerm): number {
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isFinite(value)) {
    throw refusal(placed, `'${placed.term.field}' is compared with a number, not '${clip(raw)}'`)
  }
  return value
}

/** PostgreSQL's text holds no NUL; at ingest it became U+FFFD, so a filter means that one too. */
function storable(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').toWellFormed()
}

function all(sql: ReadSql, conditions: Fragment[]): Fragment {
  return conditions.reduce((joined, one) => sql`${joined} and ${one}`, sql`true`)
}

function wrongOperator(placed: PlacedTerm, possible: FilterOp[]): InvalidValueError {
  const { field, op } = placed.term
  return refusal(placed, `'${clip(field)}' has no operator '${op}'; use ${possible.join(' ')}`)
}

function refusal({ index }: PlacedTerm, message: string): InvalidValueError {
  return new InvalidValueError(`filter term ${index + 1}: ${message}`, 'f')
}

function clip(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value
}
