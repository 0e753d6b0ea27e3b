import { parseFilterTerm } from '@sightline/server/contract'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { countText } from '../lib/format.ts'

/** Why there is nothing to show; `null` for what is not known yet. */
export type EmptyReason =
  | { status: 'checking' }
  | { status: 'nothing-sent' }
  | { status: 'nothing-in-range'; lastAt: number | null; onLastRange: (() => void) | null }
  | {
      status: 'filtered-out'
      filters: readonly { raw: string; count: number | null; onRemove: () => void }[]
      onClear: () => void
    }

type EmptyStateProps = {
  reason: EmptyReason
  /** What there is none of, such as `traces`. */
  what: string
  /** A link to the page that helps to connect; the router is the page's. */
  startLink: ReactNode
  timeText: (at: number) => string
}

/** Which of three: nothing was ever sent, nothing in this range, or the filters leave nothing. */
export function EmptyState({ reason, what, startLink, timeText }: EmptyStateProps) {
  switch (reason.status) {
    case 'checking':
      return (
        <div className="empty" aria-busy="true">
          <b>No {what} here.</b> Looking why.
        </div>
      )
    case 'nothing-sent':
      return (
        <div className="empty" data-testid="empty" data-reason="nothing-sent">
          <b>Nothing has been sent yet.</b>
          <p>
            {startLink} to see {what} here.
          </p>
        </div>
      )
    case 'nothing-in-range':
      return (
        <div className="empty" data-testid="empty" data-reason="nothing-in-range">
          <b>No {what} in this range.</b>
          {reason.lastAt !== null && (
            <p>
              The last came at <span className="num">{timeText(reason.lastAt)}</span>.
            </p>
          )}
          {reason.onLastRange !== null && (
            <button type="button" className="btn" onClick={reason.onLastRange}>
              Show that range
            </button>
          )}
        </div>
      )
    case 'filtered-out':
      return <FilteredOut reason={reason} what={what} />
  }
}

type FilteredOutProps = {
  reason: Extract<EmptyReason, { status: 'filtered-out' }>
  what: string
}

function FilteredOut({ reason, what }: FilteredOutProps) {
  return (
    <div className="empty" data-testid="empty" data-reason="filtered-out">
      <b>No {what} in this range pass all filters.</b>
      <ul className="empty-filters" aria-label="Filters, each with what it alone leaves">
        {reason.filters.map(({ raw, count, onRemove }) => (
          <li key={raw}>
            <span className="chip">
              {filterText(raw)}
              <button
                type="button"
                className="chip-remove"
                aria-label={`Remove filter ${raw}`}
                onClick={onRemove}
              >
                <IconX size={12} aria-hidden="true" />
              </button>
            </span>
            <span className="num t2" data-testid="filter-count">
              {count === null ? 'count unknown' : `alone leaves ${countText(count)}`}
            </span>
          </li>
        ))}
      </ul>
      {reason.filters.length > 1 && (
        <button type="button" className="btn" onClick={reason.onClear}>
          Remove all filters
        </button>
      )}
    </div>
  )
}

function filterText(raw: string): ReactNode {
  const parsed = parseFilterTerm(raw)
  if (parsed.status === 'invalid') return raw
  const { field, op, value } = parsed.term
  return (
    <>
      {field} {op === 'eq' ? '' : op} <b>{value}</b>
    </>
  )
}
