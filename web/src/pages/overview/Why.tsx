import type { ExplainItem, ExplainResult } from '@sightline/server/contract'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { countText, formatFixed } from '../../lib/format.ts'
import { useView } from '../../shell/use-view.ts'
import { failureOf } from '../../ui/ErrorState.tsx'
import { itemFilter, leadingItems } from './explain-links.ts'
import { tracesSearch } from './use-open-traces.ts'

type Target = { range: { from: number; to: number }; f: readonly string[] }
type WhyProps = { query: UseQueryResult<ExplainResult>; what: string; target: Target }

const MAX_ITEMS = 3

/** What the worse traces have in common: their share beside that of the baseline. */
export function Why({ query, what, target }: WhyProps) {
  if (query.isError) {
    const { message, requestId } = failureOf(query.error)
    return (
      <div className="why t3" data-testid="why-error">
        What stands out could not be asked: {message}
        {requestId !== undefined && <span className="mono">{requestId}</span>}
        <button type="button" className="btn small" onClick={() => void query.refetch()}>
          Try again
        </button>
      </div>
    )
  }
  if (query.data === undefined) return <div className="why t3">Looking for what stands out…</div>
  const { items, nWorse, worse } = query.data
  if (items.length === 0) {
    return (
      <div className="why t3 num">
        Nothing stands out in {countText(nWorse)} {what} against the time just before.
      </div>
    )
  }
  return (
    <div className="why" data-testid="why">
      <span className="t3 num" title={worse}>
        In {countText(nWorse)} {what}
      </span>
      {leadingItems(items, MAX_ITEMS).map((item) => (
        <Lift key={`${item.field}=${item.value}`} item={item} target={target} />
      ))}
    </div>
  )
}

const BAR_PX = 38

function Lift({ item, target }: { item: ExplainItem; target: Target }) {
  const { filters } = useView()
  const { field, value, share, baselineShare, contribution, n } = item
  const term = itemFilter(item)
  const f = term === null ? target.f : [...target.f, term]
  const percent = (ratio: number): string => `${formatFixed(ratio * 100, 0)}%`
  const title = `${countText(n)} of them carry it, ${percent(contribution)} of the growth lies there`
  return (
    <Link
      className="lift"
      to="/traces"
      search={tracesSearch(filters, { ...target, f })}
      title={title}
      data-testid="lift"
      data-field={field}
      data-value={value}
      data-contribution={contribution}
    >
      <span className="mono">
        {field.replace(/^attr\./, '')}={value}
      </span>
      <span className="lift-bars" aria-hidden="true">
        <u className="now" style={{ width: Math.max(2, share * BAR_PX) }} />
        <u className="then" style={{ width: Math.max(2, baselineShare * BAR_PX) }} />
      </span>
      <span className="num">
        {percent(share)} <span className="t3">vs {percent(baselineShare)}</span>
      </span>
    </Link>
  )
}
