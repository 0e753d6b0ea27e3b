import type { ChangeEvent, KeyboardEvent, RefObject, SubmitEvent } from 'react'
import { parseQuery } from '../../lib/query-text.ts'
import { accepted, type Suggestion } from './completion.ts'
import type { FacetRange } from './Facets.tsx'
import { useChoice } from './use-choice.ts'
import type { DraftLine } from './use-draft.ts'

type ComboInput = {
  input: RefObject<HTMLInputElement | null>
  line: DraftLine
  filters: readonly string[]
  range: FacetRange
  onFilters: (filters: string[]) => void
}

/** The query bar as a combobox: what typing, the arrow keys, Tab, Enter and Escape do. */
export function useQueryCombo({ input, line, filters, range, onFilters }: ComboInput) {
  const { draft, setDraft } = line
  const choice = useChoice(draft, filters, range)
  const { completion, isListed, chosen, first } = choice

  const apply = (text: string): void => {
    const { isValid, terms } = parseQuery(text)
    if (!isValid) return
    choice.close()
    onFilters(terms)
  }
  const onAccept = (suggestion: Suggestion): void => {
    if (completion.kind === 'none') return
    const next = accepted(draft.text, completion, suggestion)
    setDraft({ ...next, isAsked: suggestion.isFinal })
    choice.open()
    if (suggestion.isFinal) apply(next.text)
    const field = input.current
    field?.focus()
    // After the value has been drawn, or the caret would jump to its end.
    requestAnimationFrame(() => field?.setSelectionRange(next.caret, next.caret))
  }
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    setDraft({ ...draft, isAsked: true })
    apply(draft.text)
  }
  const onEscape = (): void => {
    if (isListed) return choice.close()
    setDraft(null)
    input.current?.blur()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const keys: Record<string, (() => void) | undefined> = {
      ArrowDown: () => choice.move(1),
      ArrowUp: () => choice.move(-1),
      Enter: chosen && (() => onAccept(chosen)),
      Tab: first && !event.shiftKey ? () => onAccept(first) : undefined,
      Escape: onEscape,
    }
    const run = keys[event.key]
    if (run === undefined || event.nativeEvent.isComposing) return
    event.preventDefault()
    run()
  }
  const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    const { value, selectionStart } = currentTarget
    setDraft({ text: value, caret: selectionStart ?? value.length, isAsked: false })
    choice.open()
  }
  const onSelect = (): void => {
    const caret = input.current?.selectionStart ?? 0
    if (caret !== draft.caret) setDraft({ ...draft, caret })
  }
  return { ...choice, onAccept, onSubmit, onKeyDown, onChange, onSelect }
}
