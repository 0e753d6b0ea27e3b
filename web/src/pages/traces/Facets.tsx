import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconChevronDown, IconSearch } from '@tabler/icons-react'
import { useId, useState, type MouseEvent } from 'react'
import { facetQuery } from '../../api/traces-queries.ts'
import { countText } from '../../lib/format.ts'
import { clockText, dayText, type Zone } from '../../lib/zone.ts'
import { failureOf, type Failure } from '../../ui/ErrorState.tsx'
import { choiceOf, withoutChoices } from './filter-edit.ts'

export type FacetRange = { from: number; to?: number }
export type FacetsProps = {
  filters: readonly string[]
  range: FacetRange
  zone: Zone
  /** False while the list is read: a search in bodies is not to wait for its counts. */
  isReady: boolean
  onInclude: (field: string, value: string) => void
  onExclude: (field: string, value: string) => void
}

const FACETS = [
  { field: 'status', title: 'Status', isOpen: true, note: 'of any span' },
  { field: 'service', title: 'Service', isOpen: true },
  { field: 'model', title: 'Model', isOpen: true },
  { field: 'release', title: 'Release', isOpen: true },
  { field: 'error.type', title: 'Error', isOpen: true },
  { field: 'name', title: 'Name', isOpen: true },
  { field: 'environment', title: 'Environment', isOpen: false },
  { field: 'operation', title: 'Operation', isOpen: false },
  { field: 'provider', title: 'Provider', isOpen: false },
  { field: 'prompt', title: 'Prompt', isOpen: false },
  { field: 'tag', title: 'Tag', isOpen: false },
  { field: 'user', title: 'User', isOpen: false },
  { field: 'session', title: 'Session', isOpen: false },
] as const

const FEW = 5
const MANY = 50

/** Values of the main fields with the number of traces that have them. */
export function Facets(props: FacetsProps) {
  return (
    <div className="facets" data-testid="facets">
      {FACETS.map((facet) => (
        <Facet key={facet.field} {...facet} {...props} />
      ))}
      <p className="facets-hint t3">
        Counts are traces. Click looks for a value, <kbd className="kbd">Alt</kbd> or{' '}
        <kbd className="kbd">Shift</kbd> and click leaves it out.
      </p>
    </div>
  )
}

type FacetProps = FacetsProps & { field: string; title: string; isOpen: boolean; note?: string }

function Facet({ field, title, note, isOpen: isOpenAtFirst, ...props }: FacetProps) {
  const choice = choiceOf(props.filters, field)
  const chosen = choice.included.length + choice.excluded.length
  const [isOpen, setOpen] = useState(isOpenAtFirst || chosen > 0)
  const bodyId = useId()
  return (
    <section className="facet" aria-label={title} data-testid={`facet-${field}`}>
      <h3>
        <button
          type="button"
          className="facet-head"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronDown size={14} aria-hidden="true" />
          {title}
          {note !== undefined && <span className="facet-of t3">{note}</span>}
          {chosen > 0 && <span className="facet-chosen num">{chosen}</span>}
        </button>
      </h3>
      <div id={bodyId} hidden={!isOpen}>
        {isOpen && <FacetValues field={field} title={title} {...props} />}
      </div>
    </section>
  )
}

type FacetValuesProps = FacetsProps & { field: string; title: string }

function FacetValues({ field, title, filters, range, zone, isReady, ...props }: FacetValuesProps) {
  const [isLong, setLong] = useState(false)
  const [search, setSearch] = useState('')
  const [q] = useDebouncedValue(search.trim(), 200)
  const facet = useQuery(
    facetQuery(
      {
        field,
        q: q === '' ? undefined : q,
        ...range,
        f: withoutChoices(filters, field),
        limit: isLong ? MANY : FEW + 1,
      },
      isReady,
    ),
  )
  if (facet.isPending) return <FacetSkeleton />
  if (isFilterRefused(facet.error)) return <p className="facet-note t3">not counted</p>
  if (facet.isError) {
    return <FacetError failure={failureOf(facet.error)} onRetry={() => void facet.refetch()} />
  }
  const { items, isComplete, countedFrom } = facet.data
  const onToggle = (): void => {
    setLong(!isLong)
    setSearch('')
  }
  return (
    <div className={facet.isPlaceholderData ? 'dimmed' : undefined}>
      {isLong && <FacetSearch title={title} search={search} onSearch={setSearch} />}
      <FacetList
        items={isLong ? items : items.slice(0, FEW)}
        field={field}
        title={title}
        filters={filters}
        {...props}
      />
      {!isComplete && (
        <p className="facet-note t3">
          of the newest, since {dayText(countedFrom, zone)} {clockText(countedFrom, zone)}
        </p>
      )}
      <FacetMore isLong={isLong} hasMore={items.length > FEW} onToggle={onToggle} />
    </div>
  )
}

type FacetMoreProps = { isLong: boolean; hasMore: boolean; onToggle: () => void }

function FacetMore({ isLong, hasMore, onToggle }: FacetMoreProps) {
  if (!hasMore && !isLong) return null
  return (
    <button type="button" className="facet-more" onClick={onToggle}>
      {isLong ? 'Show fewer' : 'Show more'}
    </button>
  )
}

/** The query bar says what is wrong with the filter; not each facet has to. */
function isFilterRefused(error: Error | null): boolean {
  return error !== null && 'field' in error && error.field === 'f'
}

function FacetError({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  return (
    <div className="facet-note" role="alert">
      <span className="crit">Not counted:</span> {failure.message}{' '}
      {failure.requestId !== undefined && <span className="mono t3">{failure.requestId}</span>}{' '}
      <button type="button" className="link" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}

type FacetSearchProps = { title: string; search: string; onSearch: (search: string) => void }

function FacetSearch({ title, search, onSearch }: FacetSearchProps) {
  return (
    <label className="facet-search">
      <IconSearch size={13} aria-hidden="true" />
      <input
        type="search"
        value={search}
        aria-label={`Search ${title.toLowerCase()} values`}
        placeholder="search values"
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
    </label>
  )
}

type FacetListProps = Pick<FacetsProps, 'filters' | 'onInclude' | 'onExclude'> & {
  items: readonly { value: string; count: number }[]
  field: string
  title: string
}

function FacetList({ items, field, title, filters, onInclude, onExclude }: FacetListProps) {
  const choice = choiceOf(filters, field)
  // A chosen value stays, to be taken back, although it may have no trace here.
  const chosen = [...choice.included, ...choice.excluded]
  const missing = chosen.filter((value) => items.every((item) => item.value !== value))
  const all = [...items, ...missing.map((value) => ({ value, count: null }))]
  const most = Math.max(1, ...items.map(({ count }) => count))
  if (all.length === 0) return <p className="facet-note t3">none in this range</p>
  const onClick = (event: MouseEvent, value: string): void => {
    if (event.altKey || event.shiftKey) onExclude(field, value)
    else onInclude(field, value)
  }
  return (
    <ul aria-label={`${title}, by traces`}>
      {all.map(({ value, count }) => {
        const isIn = choice.included.includes(value)
        const isOut = choice.excluded.includes(value)
        return (
          <li key={value} className="facet-item" data-state={isOut ? 'out' : isIn ? 'in' : 'none'}>
            <button
              type="button"
              className="facet-value"
              aria-pressed={isIn}
              title={value}
              data-value={value}
              data-count={count ?? undefined}
              style={{ '--share': `${((count ?? 0) / most) * 100}%` }}
              onClick={(event) => onClick(event, value)}
            >
              <span className="facet-name">{value === '' ? '(empty)' : value}</span>
              <span className="num t3">{count === null ? '–' : countText(count)}</span>
            </button>
            <button
              type="button"
              className="facet-not"
              aria-pressed={isOut}
              aria-label={`${isOut ? 'No longer leave out' : 'Leave out'} ${title.toLowerCase()} ${value}`}
              title={isOut ? 'No longer leave out' : 'Leave out'}
              onClick={() => onExclude(field, value)}
            >
              <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
                <path d="M1 5h8" stroke="currentColor" strokeWidth="1.6" />
              </svg>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function FacetSkeleton() {
  return (
    <div className="facet-pending" aria-busy="true">
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
    </div>
  )
}
