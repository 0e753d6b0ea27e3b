import type { FacetList, FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { textColumn } from './filter-columns.ts'
import { ATTRIBUTE } from './filter-sql.ts'
import type { Fragment } from './span-scope.ts'

export type FacetQuery = {
  projectId: string
  range: TimeRange
  filters: FilterTerm[]
  field: string
  /** Keeps the values that hold this, in either case. */
  contains: string | undefined
  limit: number
}
export type FacetItem = FacetList['items'][number]

/** The keys of attributes themselves. */
export const ATTRIBUTE_KEYS = 'attr'

export function isBodyField(field: string): boolean {
  return field === ATTRIBUTE_KEYS || field.startsWith(ATTRIBUTE)
}

/** The value of a field on `s`, and what has to be joined to it for that. */
export function facetValue(read: ReadSql, field: string): { value: Fragment; more: Fragment } {
  const more: Fragment = read``
  switch (field) {
    case 'status':
      return { more, value: read`(case when s.flags & 2 <> 0 then 'error' else 'ok' end)` }
    case 'tag':
      return { more: read`cross join lateral unnest(s.tags) as tag`, value: read`tag` }
    case 'prompt':
      return { more, value: read`s.prompt_name` }
    default: {
      const value = textColumn(read, field)
      if (value !== undefined) return { more, value }
      throw new InvalidValueError(
        `field=${JSON.stringify(field.slice(0, 60))} has no values to count; use a text field, status, type, tag, attr or attr.KEY`,
        'field',
      )
    }
  }
}
