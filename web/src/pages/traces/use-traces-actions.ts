import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import type { TracesSearch, TraceSort } from '../../lib/page-search.ts'
import type { ViewState } from '../../lib/url-state.ts'
import { useView } from '../../shell/use-view.ts'

export type TracesActions = {
  search: TracesSearch
  onFilters: (filters: readonly string[]) => void
  onSearch: (change: Partial<TracesSearch>) => void
  onSort: (sort: TraceSort) => void
  onPeek: (traceId: string | undefined) => void
  onOpen: (traceId: string, twin?: string) => void
  /** False where there are not two to compare. */
  onCompare: (marked: readonly string[], activeId: string | null) => boolean
  onZoom: (range: { from: number; to: number }) => void
  onZoomOut: () => void
}

const MAX_ZOOMS = 20
type Range = Pick<ViewState, 't' | 'from' | 'to'>

/** Everything the page does is a change of its URL. */
export function useTracesActions(): TracesActions {
  const { view, window, setView } = useView()
  const search = useSearch({ from: '/traces' })
  const navigate = useNavigate()
  const [zooms, setZooms] = useState<readonly Range[]>([])
  const { sort, peek } = search

  const change = useCallback(
    (part: Partial<TracesSearch>, replace: boolean): void =>
      void navigate({ to: '/traces', replace, search: (before) => ({ ...before, ...part }) }),
    [navigate],
  )
  const onSort = useCallback(
    (next: TraceSort) => change({ sort: next === '-startTime' ? undefined : next }, false),
    [change],
  )
  const onOpen = (traceId: string, twin?: string): void =>
    void navigate({
      to: '/traces/$traceId',
      params: { traceId },
      search: {
        ...(sort === undefined ? {} : { sort }),
        ...(twin === undefined ? {} : { with: twin }),
      },
    })
  return {
    search,
    onFilters: (next) => setView({ ...view, f: next.length > 0 ? [...next] : undefined }),
    onSearch: (part) => change(part, true),
    onSort,
    onPeek: (traceId) => {
      if (traceId !== peek) change({ peek: traceId }, true)
    },
    onOpen,
    onCompare: ([a, b], activeId) => {
      const twin = b ?? activeId
      if (a === undefined || twin === null || twin === a) return false
      onOpen(a, twin)
      return true
    },
    onZoom: ({ from, to }) => {
      const { t, from: before, to: until } = view
      setZooms([...zooms, { t, from: before, to: until }].slice(-MAX_ZOOMS))
      setView({ ...view, t: undefined, from, to })
    },
    onZoomOut: () => {
      const before = zooms.at(-1)
      setZooms(zooms.slice(0, -1))
      if (before !== undefined) return setView({ ...view, ...before })
      if (window.status === 'rolling') return
      const pad = window.lengthMs / 2
      setView({ ...view, from: window.from - pad, to: window.to + pad })
    },
  }
}
