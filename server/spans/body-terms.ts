import { inListValues, type FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { MAX_HASHED_UNITS } from './attribute-hash.ts'
import type { ChunkSpan } from './chunk-span.ts'
import {
  ATTRIBUTE,
  hasAttribute,
  refusal,
  spanCondition,
  storable,
  wrongOperator,
  type PlacedTerm,
} from './filter-sql.ts'
import type { Fragment } from './span-scope.ts'
import { createTextSearch } from './text-search.ts'

/** A term that only a span's body can answer. */
export type BodyTest = {
  /** What the columns of `s` say of it already. */
  hint: Fragment | undefined
  test(span: ChunkSpan): boolean
  /** False only where no span of a chunk of these bytes passes. */
  mayBeIn?: (bytes: Buffer) => boolean
}

export type SplitTerms = { columnTerms: FilterTerm[]; bodyTests: BodyTest[] }

/** Checks the whole filter, then parts the terms on columns from those on bodies. */
export function splitBodyTerms(sql: ReadSql, terms: readonly FilterTerm[]): SplitTerms {
  const split: SplitTerms = { columnTerms: [], bodyTests: [] }
  for (const [index, term] of terms.entries()) {
    const placed = { term, index }
    if (term.field === 'text') split.bodyTests.push(textTest(placed))
    else if (term.field.startsWith(ATTRIBUTE)) split.bodyTests.push(attributeTest(sql, placed))
    else {
      // Throws for what it refuses; a fragment is not run by itself.
      void spanCondition(sql, placed)
      split.columnTerms.push(term)
    }
  }
  return split
}

function textTest(placed: PlacedTerm): BodyTest {
  const { op, value } = placed.term
  if (op !== 'has' && op !== 'eq') throw wrongOperator(placed, ['has', 'eq'])
  if (value === '') throw refusal(placed, `say which text is looked for: text:has:refund`)
  const search = createTextSearch(value)
  return {
    hint: undefined,
    mayBeIn: search.mayBeIn,
    test: (span) => span.someText(search.isIn),
  }
}

function attributeTest(sql: ReadSql, placed: PlacedTerm): BodyTest {
  const { field, op, value } = placed.term
  const key = field.slice(ATTRIBUTE.length)
  switch (op) {
    case 'eq':
      return isOneOf(sql, key, [storable(value)])
    case 'in':
      return isOneOf(sql, key, inListValues(value).map(storable))
    case 'ne':
      return { hint: undefined, test: (span) => !span.values(key).includes(storable(value)) }
    case 'has': {
      if (value === '') throw refusal(placed, `say which text the value of '${key}' has`)
      const search = createTextSearch(value)
      return { hint: undefined, test: (span) => span.values(key).some(search.isIn) }
    }
    case 'exists': {
      if (!['', 'true', 'false'].includes(value)) {
        throw refusal(placed, `'exists' takes true or false`)
      }
      const isWanted = value !== 'false'
      return { hint: undefined, test: (span) => span.values(key).length > 0 === isWanted }
    }
    default:
      throw wrongOperator(placed, ['eq', 'ne', 'in', 'has', 'exists'])
  }
}

/** Found by hash, which two values may share. Longer values are not hashed at ingest. */
function isOneOf(sql: ReadSql, key: string, values: string[]): BodyTest {
  const isHashed = values.every((value) => value.length <= MAX_HASHED_UNITS)
  return {
    hint: isHashed ? hasAttribute(sql, key, values) : undefined,
    test: (span) => span.values(key).some((value) => values.includes(value)),
  }
}
