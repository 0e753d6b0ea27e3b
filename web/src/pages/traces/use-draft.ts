import { useMemo, useState } from 'react'
import { parseQuery, printQuery, type ParsedQuery } from '../../lib/query-text.ts'

/** `isAsked` = not being typed any more: faults are shown now. */
export type Draft = { text: string; caret: number; isAsked: boolean }
export type DraftLine = {
  draft: Draft
  parsed: ParsedQuery
  /** null goes back to what the URL says. */
  setDraft: (next: Draft | null) => void
}

/** The typed line for as long as it says what the URL says, or is still being typed. */
export function useDraft(filters: readonly string[]): DraftLine {
  const key = JSON.stringify(filters)
  const [held, setHeld] = useState<{ key: string; draft: Draft | null }>({ key, draft: null })
  const typed = held.draft
  // A filter changed elsewhere, by a facet or the way back, replaces what was typed.
  const isStale =
    typed !== null && held.key !== key && JSON.stringify(parseQuery(typed.text).terms) !== key
  const printed = useMemo(() => printQuery(filters), [filters])
  const draft =
    typed === null || isStale ? { text: printed, caret: printed.length, isAsked: true } : typed
  const parsed = useMemo(() => parseQuery(draft.text), [draft.text])
  return { draft, parsed, setDraft: (next) => setHeld({ key, draft: next }) }
}
