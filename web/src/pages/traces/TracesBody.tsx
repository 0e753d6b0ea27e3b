import { useMediaQuery } from '@mantine/hooks'
import { useMemo, useRef } from 'react'
import { floorTo, type Window } from '../../lib/window.ts'
import { useView } from '../../shell/use-view.ts'
import type { VirtualTableHandle } from '../../ui/virtual-column.ts'
import { FacetsPanel, FacetsToggle, useFacetsPanel } from './FacetsPanel.tsx'
import { toggleExcluded, toggleIncluded } from './filter-edit.ts'
import { HistogramCard } from './Histogram.tsx'
import { countedFilters } from './histogram-model.ts'
import { ListCard } from './ListCard.tsx'
import { useListMemory } from './list-memory.ts'
import { PeekDrawer } from './PeekDrawer.tsx'
import { QueryBar, QueryChips } from './QueryBar.tsx'
import { refusedTerm } from './refused-term.ts'
import { SavedViews } from './SavedViews.tsx'
import { useListPlace } from './use-list-place.ts'
import { useTraceList } from './use-trace-list.ts'
import { useTracesActions } from './use-traces-actions.ts'
import { useTracesKeys } from './use-traces-keys.ts'

export function TracesBody() {
  const { view, window, zone, filters } = useView()
  const actions = useTracesActions()
  const { search } = actions
  const isPhone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false })
  const panel = useFacetsPanel()
  const table = useRef<VirtualTableHandle>(null)

  const identity = JSON.stringify([filters, view.t, view.from, view.to, search.sort])
  const { memory, note, renew } = useListMemory(identity)
  const range = useListRange(window, memory.openedAt)
  const query = { f: filters, ...range, sort: search.sort, openedAt: memory.openedAt }
  const isLive = window.status === 'rolling' && search.sort === undefined
  const { list, traces, news } = useTraceList(query, isLive)
  const { activeId, marked, setActive, setMarked } = useListPlace(memory, note)
  const onCompare = (): void => void actions.onCompare(marked, activeId)
  const { notice } = useTracesKeys({
    list,
    traces,
    activeId,
    marked,
    table,
    actions,
    onActive: setActive,
    onMarked: setMarked,
    onCompare,
  })

  return (
    <div className="traces-page" data-facets={panel.isOpen && !panel.isNarrow}>
      <div className="query-row">
        <FacetsToggle panel={panel} />
        <QueryBar
          filters={filters}
          range={range}
          refused={refusedTerm(list.error)}
          onFilters={actions.onFilters}
        />
        <SavedViews />
      </div>
      <QueryChips filters={filters} onFilters={actions.onFilters} />
      <div className="traces-body">
        <FacetsPanel
          panel={panel}
          filters={filters}
          range={range}
          zone={zone}
          isReady={!list.isFetching || countedFilters(filters) === filters}
          onInclude={(field, value) => actions.onFilters(toggleIncluded(filters, field, value))}
          onExclude={(field, value) => actions.onFilters(toggleExcluded(filters, field, value))}
        />
        <div className="traces-main">
          <HistogramCard zone={zone} onZoom={actions.onZoom} onZoomOut={actions.onZoomOut} />
          <ListCard
            {...{ traces, list, news, zone, search, isPhone, memory, activeId, marked, notice }}
            rangeMs={window.lengthMs}
            handle={table}
            actions={actions}
            onActive={setActive}
            onMarked={setMarked}
            onCompare={onCompare}
            onNote={note}
            onRenew={renew}
          />
        </div>
        {search.peek !== undefined && (
          <PeekDrawer
            traceId={search.peek}
            summary={traces.find(({ traceId }) => traceId === search.peek)}
            zone={zone}
            sort={search.sort}
            onClose={() => {
              actions.onPeek(undefined)
              table.current?.focus()
            }}
          />
        )}
      </div>
      <p className="sr-only" role="status">
        {notice}
      </p>
    </div>
  )
}

/** A rolling range begins where it did when the list was read, and has no end. */
function useListRange(window: Window, openedAt: number): { from: number; to?: number } {
  return useMemo(
    () =>
      window.status === 'fixed'
        ? { from: window.from, to: window.to }
        : { from: floorTo(openedAt, 1_000) - window.lengthMs },
    [window, openedAt],
  )
}
