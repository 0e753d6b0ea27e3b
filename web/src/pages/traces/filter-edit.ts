import {
  formatFilterTerm,
  inListValues,
  parseFilterTerm,
  type FilterTerm,
} from '@sightline/server/contract'

/** What the filter says of one field's values; other comparisons of the field are left alone. */
export type FieldChoice = { included: readonly string[]; excluded: readonly string[] }

export function choiceOf(filters: readonly string[], field: string): FieldChoice {
  const included: string[] = []
  const excluded: string[] = []
  for (const { op, value } of termsOf(filters, field)) {
    if (op === 'eq') included.push(value)
    if (op === 'in') included.push(...inListValues(value))
    if (op === 'ne') excluded.push(value)
  }
  return { included, excluded }
}

/** A value more to look for, or one less; several of a field become a list. */
export function toggleIncluded(filters: readonly string[], field: string, value: string): string[] {
  const { included } = choiceOf(filters, field)
  const wanted = included.includes(value)
    ? included.filter((one) => one !== value)
    : [...included, value]
  const rest = filters.filter(
    (raw) => !isChoice(raw, field, ['eq', 'in']) && raw !== neTerm(field, value),
  )
  return wanted.length === 0 ? rest : [...rest, includeTerm(field, wanted)]
}

export function toggleExcluded(filters: readonly string[], field: string, value: string): string[] {
  const term = neTerm(field, value)
  if (filters.includes(term)) return filters.filter((raw) => raw !== term)
  const { included } = choiceOf(filters, field)
  const without = included.includes(value) ? toggleIncluded(filters, field, value) : filters
  return [...without, term]
}

/** The filter without what it says of a field: under it the field's other values can be counted. */
export function withoutChoices(filters: readonly string[], field: string): string[] {
  return filters.filter((raw) => !isChoice(raw, field, ['eq', 'in', 'ne']))
}

function includeTerm(field: string, values: readonly string[]): string {
  const [first = ''] = values
  if (values.length === 1) return formatFilterTerm({ field, op: 'eq', value: first })
  const value = values.map((one) => one.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',')
  return formatFilterTerm({ field, op: 'in', value })
}

const neTerm = (field: string, value: string): string =>
  formatFilterTerm({ field, op: 'ne', value })

function termsOf(filters: readonly string[], field: string): FilterTerm[] {
  return filters.flatMap((raw) => {
    const parsed = parseFilterTerm(raw)
    return parsed.status === 'ok' && parsed.term.field === field ? [parsed.term] : []
  })
}

function isChoice(raw: string, field: string, ops: readonly string[]): boolean {
  return termsOf([raw], field).some(({ op }) => ops.includes(op))
}
