import * as z from 'zod/mini'

export const FILTER_FIELDS = [
  'name',
  'type',
  'task',
  'service',
  'environment',
  'release',
  'provider',
  'model',
  'operation',
  'tool',
  'status',
  'error.type',
  'user',
  'session',
  'prompt',
  'tag',
  'latency',
  'ttft',
  'cost',
  'tokens',
  'text',
] as const
export const FILTER_OPS = ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'has', 'exists'] as const
export const MAX_FILTER_TERMS = 20

export const FilterOp = z.enum(FILTER_OPS)
export type FilterOp = z.infer<typeof FilterOp>

/** One term of a filter. `field` is one of FILTER_FIELDS, `attr.KEY` or `score.NAME`. */
export type FilterTerm = { field: string; op: FilterOp; value: string }

export type FilterParse =
  | { status: 'ok'; term: FilterTerm }
  | { status: 'invalid'; message: string }

/** Reads `field:op:value`, split at the first two colons only, so values may hold colons. */
export function parseFilterTerm(raw: string): FilterParse {
  const first = raw.indexOf(':')
  const second = first < 0 ? -1 : raw.indexOf(':', first + 1)
  if (first <= 0 || second < 0) {
    const at = first <= 0 ? 0 : first + 1
    return invalid(`'${clip(raw)}' is not field:op:value, see position ${at}`)
  }
  const field = raw.slice(0, first)
  const op = raw.slice(first + 1, second)
  if (!isFilterField(field)) return invalid(`unknown filter field '${clip(field)}' at position 0`)
  const known = FILTER_OPS.find((candidate) => candidate === op)
  if (known === undefined) {
    return invalid(
      `unknown operator '${clip(op)}' at position ${first + 1}; use ${FILTER_OPS.join(' ')}`,
    )
  }
  return { status: 'ok', term: { field, op: known, value: raw.slice(second + 1) } }
}

export function formatFilterTerm(term: FilterTerm): string {
  return `${term.field}:${term.op}:${term.value}`
}

/** The members of an `in` list; a comma inside a value is percent-encoded. */
export function inListValues(value: string): string[] {
  return value.split(',').map((part) => part.replaceAll(/%2[cC]/g, ',').replaceAll('%25', '%'))
}

function isFilterField(field: string): boolean {
  if (/^(attr|score)\../.test(field)) return true
  return FILTER_FIELDS.some((known) => known === field)
}

function invalid(message: string): FilterParse {
  return { status: 'invalid', message }
}

function clip(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value
}
