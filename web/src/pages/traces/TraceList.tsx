import type { TraceSummary } from '@sightline/server/contract'
import { useMemo, type ReactNode, type Ref } from 'react'
import { MAX_TRACE_PAGES, PAGE_TRACES } from '../../api/traces-queries.ts'
import { countText } from '../../lib/format.ts'
import type { TraceSort, TracesSearch } from '../../lib/page-search.ts'
import type { Zone } from '../../lib/zone.ts'
import { failureOf } from '../../ui/ErrorState.tsx'
import type { VirtualTableHandle } from '../../ui/virtual-column.ts'
import { VirtualTable } from '../../ui/VirtualTable.tsx'
import type { ListMemory, ListPlace } from './list-memory.ts'
import { ScanNote } from './ScanNote.tsx'
import { shownColumns, traceColumns, type CellContext } from './trace-columns.tsx'
import { TraceCard } from './TraceCard.tsx'
import { useLoadMore, type useTraceList } from './use-trace-list.ts'

type TraceListProps = {
  traces: readonly TraceSummary[]
  list: ReturnType<typeof useTraceList>['list']
  zone: Zone
  search: TracesSearch
  withDay: boolean
  rangeMs: number
  isPhone: boolean
  memory: ListMemory
  activeId: string | null
  marked: readonly string[]
  peek: string | undefined
  handle: Ref<VirtualTableHandle>
  onActive: (traceId: string) => void
  onOpen: (trace: TraceSummary) => void
  onSort: (sort: TraceSort) => void
  onNote: (place: Partial<ListPlace>) => void
}

const ROW = 31
const STANDARD_ROW = 44
const CARD = 60

export function TraceList(props: TraceListProps) {
  const { traces, list, isPhone, memory, marked, peek } = props
  const { hasNextPage, isPlaceholderData } = list
  const columns = useColumns(props)
  const { scanned, onNearEnd } = usePaging(list)
  const card = (trace: TraceSummary) => <TraceCard trace={trace} context={columns.context} />
  return (
    <div className={isPlaceholderData ? 'trace-rows dimmed' : 'trace-rows'}>
      <VirtualTable
        label="Traces"
        testId="trace-table"
        rows={traces}
        total={hasNextPage ? undefined : traces.length}
        columns={columns.columns}
        keyOf={keyOf}
        rowHeight={rowHeight(props)}
        card={isPhone ? card : undefined}
        activeKey={props.activeId}
        marked={marked}
        onActive={props.onActive}
        onOpen={props.onOpen}
        rowProps={({ traceId }) => ({
          'data-trace-id': traceId,
          className: traceId === peek ? 'is-peeked' : '',
        })}
        onNearEnd={onNearEnd}
        scrollTop={memory.scrollTop}
        scrollKey={memory.openedAt}
        onScroll={(scrollTop) => props.onNote({ scrollTop })}
        withPage={isPhone}
        handle={props.handle}
        footer={
          <ListEnd list={list} count={traces.length}>
            {scanned !== null && (
              <ScanNote
                scanned={scanned}
                rangeMs={props.rangeMs}
                isFetching={list.isFetchingNextPage}
                canContinue={hasNextPage}
                onContinue={() => void list.fetchNextPage()}
              />
            )}
          </ListEnd>
        }
      />
    </div>
  )
}

function rowHeight({ isPhone, search }: TraceListProps): number {
  if (isPhone) return CARD
  return search.rows === 'standard' ? STANDARD_ROW : ROW
}

function useColumns({ traces, search, zone, withDay, onSort }: TraceListProps) {
  const { sort, cols } = search
  const isStandard = search.rows === 'standard'
  const fullMs = useFullMs(traces)
  return useMemo(() => {
    const context: CellContext = { zone, fullMs, withDay, isStandard, sort }
    return { context, columns: traceColumns(shownColumns(cols), context, onSort) }
  }, [zone, fullMs, withDay, isStandard, sort, cols, onSort])
}

/** A search goes on by itself while it finds whole pages; where it is slow the reader decides. */
function usePaging(list: TraceListProps['list']) {
  const last = list.data?.pages.at(-1)
  const scanned = last?.scanned?.isComplete === false ? last.scanned : null
  const isSparse = scanned !== null && (last?.items.length ?? 0) < PAGE_TRACES
  return { scanned, onNearEnd: useLoadMore(list, !isSparse && !list.isPlaceholderData) }
}

const keyOf = ({ traceId }: TraceSummary): string => traceId

/** The bars' scale: slow outliers fill it, so that the common lengths stay apart. */
function useFullMs(traces: readonly TraceSummary[]): number {
  return useMemo(() => {
    const lengths = traces.flatMap(({ durationMs }) => durationMs ?? []).toSorted((a, b) => a - b)
    return Math.max(1, lengths[Math.floor(lengths.length * 0.95)] ?? 1)
  }, [traces])
}

type ListEndProps = Pick<TraceListProps, 'list'> & { count: number; children: ReactNode }

/** What stands under the last row: more to come, a failure, or that this is all. */
function ListEnd({ list, count, children }: ListEndProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, data } = list
  if (isFetchNextPageError) {
    const { message, requestId } = failureOf(list.error)
    return (
      <p className="list-end" role="alert">
        <span className="crit">The next traces could not be loaded.</span> {message}{' '}
        {requestId !== undefined && <span className="mono t3">request {requestId}</span>}{' '}
        <button type="button" className="link" onClick={() => void list.fetchNextPage()}>
          Try again
        </button>
      </p>
    )
  }
  const isFull = (data?.pages.length ?? 0) >= MAX_TRACE_PAGES
  return (
    <div className="list-end t3" data-testid="list-end" data-complete={!hasNextPage}>
      {children}
      {!hasNextPage && !isFull && <span>End of the range, {countText(count)} traces</span>}
      {isFull && <span>{countText(count)} traces are shown at most: narrow the filter</span>}
      {hasNextPage && (
        <span>
          {countText(count)} loaded{isFetchingNextPage ? ', loading more' : ', more below'}
        </span>
      )}
    </div>
  )
}
