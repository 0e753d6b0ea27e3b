import { inListValues, type FilterOp, type FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { attributeHash } from './attribute-hash.ts'
import { modelColumn, numericColumn, textColumn, type NumericColumn } from './filter-columns.ts'
import { hasScore } from './score-condition.ts'
import type { Fragment } from './span-scope.ts'

const TRACE_FIELDS = ['latency', 'cost', 'tokens']
export const ATTRIBUTE = 'attr.'
const SCORE = 'score.'

/** Terms that look at one span; all must hold on it together. Columns are those of `s`. */
export function spanConditions(sql: ReadSql, terms: readonly FilterTerm[]): Fragment {
  return all(
    sql,
    terms.map((term, index) => spanCondition(sql, { term, index })),
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

/** A term and its index in the filter it was given in, for messages. */
export type PlacedTerm = { term: FilterTerm; index: number }

/** One term on the columns of `s`; throws InvalidValueError for what it refuses. */
export function spanCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { term } = placed
  if (term.field.startsWith(ATTRIBUTE)) return attributeCondition(sql, placed)
  if (term.field.startsWith(SCORE)) return scoreCondition(sql, placed)
  if (term.field === 'status') return statusCondition(sql, placed)
  if (term.field === 'tag') return tagCondition(sql, placed)
  if (term.field === 'prompt') return promptCondition(sql, placed)
  const numeric = numericColumn(sql, term.field)
  if (numeric !== undefined) return numericCondition(sql, numeric, placed)
  if (term.field === 'model') return modelCondition(sql, placed)
  const text = textColumn(sql, term.field)
  if (text !== undefined) return textCondition(sql, text, placed)
  throw refusal(placed, `'${term.field}' is looked for in the lists of traces and spans only`)
}

/** Scores of the span's whole trace: a label in words, a value in numbers. */
function scoreCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { field, op, value } = placed.term
  const has = (verdict: Fragment): Fragment =>
    hasScore(sql, storable(field.slice(SCORE.length)), verdict)
  switch (op) {
    case 'exists':
      return existence(sql, sql`(case when ${has(sql`true`)} then true end)`, placed)
    case 'eq':
      return has(scoreIsOneOf(sql, [value]))
    case 'ne':
      return sql`not ${has(scoreIsOneOf(sql, [value]))}`
    case 'in':
      return has(scoreIsOneOf(sql, inListValues(value)))
    case 'has':
      return has(textCondition(sql, sql`sc.label`, placed))
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return has(numericCondition(sql, { column: sql`sc.value`, scale: 1 }, placed))
  }
}

function scoreIsOneOf(sql: ReadSql, wanted: readonly string[]): Fragment {
  const numbers = wanted.filter((one) => one.trim() !== '').map(Number)
  return sql`(sc.label = any(${wanted.map(storable)}::text[])
    or sc.value = any(${numbers.filter(Number.isFinite)}::float8[]))`
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

const MODEL_INDEX_OPS = ['eq', 'in', 'has']

/** What the index of models asks for besides: the planner does not conclude it from the value. */
function modelCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const model = textCondition(sql, modelColumn(sql), placed)
  if (!MODEL_INDEX_OPS.includes(placed.term.op)) return model
  return sql`(${model} and (s.response_model is not null or s.request_model is not null))`
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

/** Written as the partial index of failed spans has it, so that it serves. */
function statusCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { op, value } = placed.term
  switch (op) {
    case 'eq':
      return statusIn(sql, [value])
    case 'in':
      return statusIn(sql, inListValues(value))
    case 'ne':
      return sql`not ${statusIn(sql, [value])}`
    case 'exists':
      return existence(sql, sql`s.flags`, placed)
    default:
      throw wrongOperator(placed, ['eq', 'ne', 'in', 'exists'])
  }
}

function statusIn(sql: ReadSql, wanted: readonly string[]): Fragment {
  if (wanted.includes('error')) {
    return wanted.includes('ok') ? sql`true` : sql`(s.flags & 2 <> 0)`
  }
  return wanted.includes('ok') ? sql`(s.flags & 2 = 0)` : sql`false`
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

/** By hash alone: whoever shows single spans looks into their bodies besides (`body-terms.ts`). */
function attributeCondition(sql: ReadSql, placed: PlacedTerm): Fragment {
  const { field, op, value } = placed.term
  if (op !== 'eq' && op !== 'in') throw wrongOperator(placed, ['eq', 'in'])
  const values = op === 'in' ? inListValues(value) : [value]
  return hasAttribute(sql, field.slice(ATTRIBUTE.length), values)
}

export function hasAttribute(sql: ReadSql, key: string, values: readonly string[]): Fragment {
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
export function storable(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').toWellFormed()
}

function all(sql: ReadSql, conditions: Fragment[]): Fragment {
  return conditions.reduce((joined, one) => sql`${joined} and ${one}`, sql`true`)
}

export function wrongOperator(placed: PlacedTerm, possible: FilterOp[]): InvalidValueError {
  const { field, op } = placed.term
  return refusal(placed, `'${clip(field)}' has no operator '${op}'; use ${possible.join(' ')}`)
}

export function refusal({ index }: PlacedTerm, message: string): InvalidValueError {
  return new InvalidValueError(`filter term ${index + 1}: ${message}`, 'f')
}

function clip(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value
}
