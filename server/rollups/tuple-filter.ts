import { SPAN_TYPES, SpanStatus, inListValues } from '../contract/index.ts'
import type { FilterTerm } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { TUPLE_FIELDS, clipTupleText } from './series.ts'
import type { SeriesTuple } from './series.ts'

export type TupleMatcher = (tuple: SeriesTuple) => boolean

const CLOSED_VALUES: Record<string, readonly string[]> = {
  status: SpanStatus.options,
  type: SPAN_TYPES,
}

/**
 * The filter as a test of series; undefined where a term asks for more than series know, so that
 * spans must answer. `ne` also holds where the field was not sent.
 */
export function tupleMatcher(terms: readonly FilterTerm[]): TupleMatcher | undefined {
  const matchers: TupleMatcher[] = []
  for (const term of terms) {
    const index = TUPLE_FIELDS.findIndex((field) => field === term.field)
    if (index < 0) return undefined
    matchers.push(termMatcher(term, index))
  }
  return (tuple) => matchers.every((matches) => matches(tuple))
}

function termMatcher(term: FilterTerm, index: number): TupleMatcher {
  switch (term.op) {
    case 'eq':
      return anyOf(term, [term.value], index)
    case 'ne': {
      const isEqual = anyOf(term, [term.value], index)
      return (tuple) => !isEqual(tuple)
    }
    case 'in':
      return anyOf(term, inListValues(term.value), index)
    case 'has': {
      if (CLOSED_VALUES[term.field] !== undefined) throw wrongOperator(term)
      const part = term.value.toLowerCase()
      return (tuple) => tuple[index]?.toLowerCase().includes(part) === true
    }
    case 'exists': {
      const isWanted = existsValue(term)
      return (tuple) => (tuple[index] !== null) === isWanted
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      throw wrongOperator(term)
  }
}

/** A prompt is found by its name alone too, whatever its version. */
function anyOf(term: FilterTerm, values: readonly string[], index: number): TupleMatcher {
  const wanted = new Set(values.map((value) => knownValue(term, value)))
  if (term.field !== 'prompt') return (tuple) => wanted.has(tuple[index] ?? null)
  return (tuple) => {
    const label = tuple[index] ?? null
    if (label === null) return false
    return wanted.has(label) || wanted.has(label.slice(0, Math.max(0, label.lastIndexOf('@'))))
  }
}

function wrongOperator(term: FilterTerm): InvalidValueError {
  return new InvalidValueError(
    `'${term.field}' has no operator '${term.op}'; use eq ne in has exists`,
    'f',
  )
}

function existsValue(term: FilterTerm): boolean {
  if (term.value === '' || term.value === 'true') return true
  if (term.value === 'false') return false
  throw new InvalidValueError(
    `'${term.field}:exists' takes true or false, not '${term.value.slice(0, 60)}'`,
    'f',
  )
}

function knownValue(term: FilterTerm, value: string): string | null {
  const known = CLOSED_VALUES[term.field]
  if (known !== undefined && !known.includes(value)) {
    throw new InvalidValueError(
      `'${value.slice(0, 60)}' is no value of field '${term.field}'; use ${known.join(' ')}`,
      'f',
    )
  }
  return clipTupleText(value)
}
