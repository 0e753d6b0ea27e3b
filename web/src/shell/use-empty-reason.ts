import { useQueries, useQuery } from '@tanstack/react-query'
import { anyTraceQuery } from '../api/queries.ts'
import { newestTraceQuery, traceCountQuery } from '../api/shell-queries.ts'
import { fixed } from '../lib/live-range.ts'
import { serverNow } from '../lib/server-time.ts'
import { withoutFilter } from '../lib/url-state.ts'
import { floorTo } from '../lib/window.ts'
import type { EmptyReason } from '../ui/EmptyState.tsx'
import { useRangeNow } from './use-range-now.ts'
import { useView } from './use-view.ts'

const MINUTE_MS = 60_000

/** Asks why a page is empty, once it is; with `isEmpty` false nothing is asked. */
export function useEmptyReason(isEmpty: boolean): EmptyReason {
  const any = useQuery({ ...anyTraceQuery, enabled: isEmpty })
  const isKnown = isEmpty && any.data !== undefined && any.data.items.length > 0
  const filtered = useFilteredOut(isKnown)
  const outside = useOutOfRange(isKnown)
  if (any.data?.items.length === 0) return { status: 'nothing-sent' }
  if (!isKnown || filtered === 'checking') return { status: 'checking' }
  return filtered ?? outside
}

/** null where it is not for the filters. */
function useFilteredOut(isKnown: boolean): EmptyReason | null | 'checking' {
  const { view, filters, setView } = useView()
  const range = useRangeNow()
  const all = useQuery(traceCountQuery({ ...range, f: [] }, isKnown && filters.length > 0))
  const isFiltered = filters.length > 0 && all.data !== undefined && all.data > 0
  const counts = useQueries({
    queries: filters.map((raw) => traceCountQuery({ ...range, f: [raw] }, isFiltered)),
  })
  if (filters.length > 0 && all.isPending) return 'checking'
  if (!isFiltered) return null
  return {
    status: 'filtered-out',
    filters: filters.map((raw, index) => ({
      raw,
      count: counts[index]?.data ?? null,
      onRemove: () => setView(withoutFilter(view, raw)),
    })),
    onClear: () => setView({ ...view, f: undefined }),
  }
}

function useOutOfRange(isKnown: boolean): EmptyReason {
  const { view, window, setView } = useView()
  const newest = useQuery(newestTraceQuery([], isKnown))
  if (newest.isPending) return { status: 'checking' }
  const lastAt = newest.data?.startTime ?? null
  return {
    status: 'nothing-in-range',
    lastAt,
    onLastRange: lastAt === null ? null : () => setView(lastRange(lastAt)),
  }

  /** As long as the page's range, with the last trace in its last quarter. */
  function lastRange(at: number) {
    const wanted = Math.min(at + window.lengthMs / 4, serverNow())
    const to = floorTo(Math.max(wanted, at), MINUTE_MS) + MINUTE_MS
    return fixed(view, to - window.lengthMs, to)
  }
}
