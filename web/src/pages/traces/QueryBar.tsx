import { IconSearch, IconX } from '@tabler/icons-react'
import { useId, useRef, useState } from 'react'
import { printTerm, type QueryToken } from '../../lib/query-text.ts'
import type { FacetRange } from './Facets.tsx'
import { SuggestionList } from './SuggestionList.tsx'
import { useDraft, type Draft } from './use-draft.ts'
import { useQueryCombo } from './use-query-combo.ts'

/** A term that the server refused, by its number in the filter. */
export type RefusedTerm = { index: number; message: string }

type QueryBarProps = {
  filters: readonly string[]
  range: FacetRange
  refused: RefusedTerm | null
  onFilters: (filters: string[]) => void
}

/** The filter as one line of text: what is typed here is what the URL holds, and the other way. */
export function QueryBar({ filters, range, refused, onFilters }: QueryBarProps) {
  const input = useRef<HTMLInputElement>(null)
  const ids = { list: useId(), issue: useId() }
  const line = useDraft(filters)
  const { draft, parsed, setDraft } = line
  const [scrolled, setScrolled] = useState(0)
  const combo = useQueryCombo({ input, line, filters, range, onFilters })
  const { at, isListed } = combo
  const issue = issueOf(parsed.tokens, draft, refusedToken(parsed.tokens, filters, refused))
  const onClear = (): void => {
    setDraft({ text: '', caret: 0, isAsked: false })
    onFilters([])
    input.current?.focus()
  }
  return (
    <form role="search" className="query" onSubmit={combo.onSubmit} data-invalid={issue !== null}>
      <IconSearch size={15} aria-hidden="true" className="query-icon" />
      <div className="query-line">
        <div className="query-paint" aria-hidden="true">
          <div style={{ transform: `translateX(${-scrolled}px)` }}>
            <Painted text={draft.text} tokens={parsed.tokens} wrong={issue?.token ?? null} />
          </div>
        </div>
        <input
          ref={input}
          className="query-input"
          data-testid="query-input"
          role="combobox"
          aria-label="Filter traces"
          aria-autocomplete="list"
          aria-expanded={isListed}
          aria-controls={ids.list}
          aria-activedescendant={at >= 0 && isListed ? `${ids.list}-${at}` : undefined}
          aria-invalid={issue !== null}
          aria-describedby={issue === null ? undefined : ids.issue}
          placeholder="model:gpt-5-mini  status:error  dur>4s  words"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={draft.text}
          onChange={combo.onChange}
          onSelect={combo.onSelect}
          onClick={combo.open}
          onBlur={combo.close}
          onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
          onKeyDown={combo.onKeyDown}
        />
        {isListed && (
          <SuggestionList
            id={ids.list}
            suggestions={combo.suggestions}
            highlighted={at}
            onAccept={combo.onAccept}
          />
        )}
      </div>
      {draft.text !== '' && (
        <button
          type="button"
          className="query-clear"
          aria-label="Clear the filter"
          onClick={onClear}
        >
          <IconX size={14} aria-hidden="true" />
        </button>
      )}
      <kbd className="kbd">/</kbd>
      {issue !== null && (
        <p className="query-issue" id={ids.issue} role="alert" data-testid="query-issue">
          <b className="mono">{draft.text.slice(issue.token.from, issue.token.to)}</b>{' '}
          {issue.message}
        </p>
      )}
    </form>
  )
}

/** One chip a term, each with its own way out. */
export function QueryChips({ filters, onFilters }: Pick<QueryBarProps, 'filters' | 'onFilters'>) {
  if (filters.length === 0) return null
  return (
    <ul className="query-chips" aria-label="Filters in force">
      {filters.map((raw) => (
        <li key={raw} className="chip" data-filter={raw}>
          <span className="mono">{printTerm(raw)}</span>
          <button
            type="button"
            aria-label={`Remove filter ${printTerm(raw)}`}
            onClick={() => onFilters(filters.filter((one) => one !== raw))}
          >
            <IconX size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  )
}

type Issue = { token: QueryToken; message: string }

/** A word that is still being typed is not wrong yet. */
function issueOf(tokens: readonly QueryToken[], draft: Draft, refused: Issue | null): Issue | null {
  for (const token of tokens) {
    const isBusy = !draft.isAsked && draft.caret >= token.from && draft.caret <= token.to
    if (token.issue !== null && !isBusy) return { token, message: token.issue }
  }
  return refused
}

function refusedToken(
  tokens: readonly QueryToken[],
  filters: readonly string[],
  refused: RefusedTerm | null,
): Issue | null {
  const raw = refused === null ? undefined : filters[refused.index]
  const token = tokens.find(({ terms }) => raw !== undefined && terms.includes(raw))
  return refused === null || token === undefined ? null : { token, message: refused.message }
}

type PaintedProps = { text: string; tokens: readonly QueryToken[]; wrong: QueryToken | null }

/** The line in colour, under the transparent text of the field. */
function Painted({ text, tokens, wrong }: PaintedProps) {
  return tokens.map((token, index) => {
    const { from, to, field, valueFrom } = token
    const isWrong = token === wrong
    return (
      <span key={index}>
        {text.slice(tokens[index - 1]?.to ?? 0, from)}
        <span className={isWrong ? 'query-wrong' : undefined}>
          {field !== null && <span className="query-field">{text.slice(from, valueFrom)}</span>}
          <span className={field === null ? 'query-word' : 'query-value'}>
            {text.slice(valueFrom, to)}
          </span>
        </span>
      </span>
    )
  })
}
