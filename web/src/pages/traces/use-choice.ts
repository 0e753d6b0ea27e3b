import { useMemo, useState } from 'react'
import { completionAt, type Suggestion } from './completion.ts'
import type { FacetRange } from './Facets.tsx'
import type { Draft } from './use-draft.ts'
import { useSuggestions } from './use-suggestions.ts'

/** What is offered at the caret, and which of it is highlighted. */
export function useChoice(draft: Draft, filters: readonly string[], range: FacetRange) {
  const [isOpen, setOpen] = useState(false)
  const [highlighted, setHighlighted] = useState<string | null>(null)
  const completion = useMemo(
    () => (isOpen ? completionAt(draft.text, draft.caret) : ({ kind: 'none' } as const)),
    [isOpen, draft.text, draft.caret],
  )
  const suggestions = useSuggestions(completion, filters, range)
  const { items } = suggestions
  const at = items.findIndex(({ id }) => id === highlighted)
  const isListed = isOpen && (items.length > 0 || suggestions.isLoading)
  const isTyped = completion.kind !== 'none' && completion.typed !== ''
  const chosen: Suggestion | undefined = isListed ? items[at] : undefined

  const move = (step: 1 | -1): void => {
    setOpen(true)
    if (items.length === 0) return
    const next = at < 0 && step < 0 ? items.length - 1 : at + step
    setHighlighted(items[(next + items.length) % items.length]?.id ?? null)
  }
  return {
    completion,
    suggestions,
    at,
    isListed,
    chosen,
    /** What Tab takes: the highlighted one, else the first that fits what was typed. */
    first: chosen ?? (isListed && isTyped ? items[0] : undefined),
    move,
    open: () => {
      setHighlighted(null)
      setOpen(true)
    },
    close: () => setOpen(false),
  }
}
