import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { facetQuery } from '../../api/traces-queries.ts'
import {
  keySuggestions,
  ownSuggestions,
  valueSuggestions,
  type Completion,
  type Suggestion,
} from './completion.ts'
import type { FacetRange } from './Facets.tsx'
import { withoutChoices } from './filter-edit.ts'

const DEBOUNCE_MS = 120
const MAX_VALUES = 20

export type Suggestions = { items: Suggestion[]; isLoading: boolean; failure: string | null }

/** Fields and comparisons at once, values and attribute keys as the server has seen them. */
export function useSuggestions(
  completion: Completion,
  filters: readonly string[],
  range: FacetRange,
): Suggestions {
  const asked = askedOf(completion, filters)
  const isAsked = asked !== null
  const { field, q: wanted, f } = asked ?? NOTHING
  const [q] = useDebouncedValue(wanted, DEBOUNCE_MS)
  const facet = useQuery(
    facetQuery({ field, q: q === '' ? undefined : q, ...range, f, limit: MAX_VALUES }, isAsked),
  )
  const items = useMemo(() => {
    const own = ownSuggestions(completion)
    if (!isAsked || facet.data === undefined) return own
    // What was asked for the word as it was a moment ago may not fit it any more.
    const fitting = facet.data.items.filter(({ value }) => fits(value, wanted))
    const told = completion.kind === 'field' ? keySuggestions(fitting) : valueSuggestions(fitting)
    return [...told, ...own]
  }, [completion, facet.data, isAsked, wanted])
  return {
    items,
    isLoading: isAsked && facet.isFetching,
    failure: isAsked && facet.isError ? facet.error.message : null,
  }
}

type Asked = { field: string; q: string; f: string[] }
const NOTHING: Asked = { field: '', q: '', f: [] }

const fits = (value: string, wanted: string): boolean =>
  value.toLowerCase().includes(wanted.toLowerCase())

function askedOf(completion: Completion, filters: readonly string[]): Asked | null {
  if (completion.kind === 'value') {
    const { info, typed, others } = completion
    if (info.unit !== undefined || info.kind === 'words') return null
    return { field: info.field, q: typed, f: withoutChoices(others, info.field) }
  }
  if (completion.kind !== 'field' || !completion.typed.startsWith('attr.')) return null
  return { field: 'attr', q: completion.typed.slice('attr.'.length), f: [...filters] }
}
