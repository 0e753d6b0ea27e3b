import { useEffect, useRef } from 'react'
import { countText } from '../../lib/format.ts'
import type { Suggestion } from './completion.ts'
import type { Suggestions } from './use-suggestions.ts'

type SuggestionListProps = {
  id: string
  suggestions: Suggestions
  highlighted: number
  onAccept: (suggestion: Suggestion) => void
}

export function SuggestionList({ id, suggestions, highlighted, onAccept }: SuggestionListProps) {
  const { items, isLoading, failure } = suggestions
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.children[highlighted]?.scrollIntoView({ block: 'nearest' })
  }, [highlighted])
  return (
    <div className="suggestions" data-testid="suggestions" aria-busy={isLoading}>
      <ul ref={list} id={id} role="listbox" aria-label="Suggestions">
        {items.map((suggestion, index) => (
          <li
            key={suggestion.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === highlighted}
            className="suggestion"
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onAccept(suggestion)}
          >
            <span className="mono suggestion-label">{suggestion.label}</span>
            {suggestion.detail !== undefined && <span className="t3">{suggestion.detail}</span>}
            {suggestion.count !== undefined && (
              <span className="num t3 suggestion-count">{countText(suggestion.count)}</span>
            )}
          </li>
        ))}
      </ul>
      {failure !== null && <p className="suggestions-note crit">Values: {failure}</p>}
      <p className="suggestions-note t3">
        <kbd className="kbd">↑</kbd> <kbd className="kbd">↓</kbd> choose{' '}
        <kbd className="kbd">Tab</kbd> take <kbd className="kbd">Enter</kbd> search
      </p>
    </div>
  )
}
