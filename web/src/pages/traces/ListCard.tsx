import type { TraceSummary } from '@sightline/server/contract'
import type { Ref } from 'react'
import type { TracesSearch } from '../../lib/page-search.ts'
import type { Zone } from '../../lib/zone.ts'
import { WhyEmpty } from '../../shell/WhyEmpty.tsx'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import type { VirtualTableHandle } from '../../ui/virtual-column.ts'
import type { ListMemory, ListPlace } from './list-memory.ts'
import type { ListNews } from './list-state.ts'
import { ListTools } from './ListTools.tsx'
import { TraceList } from './TraceList.tsx'
import type { useTraceList } from './use-trace-list.ts'
import type { TracesActions } from './use-traces-actions.ts'

export type ListCardProps = {
  traces: readonly TraceSummary[]
  list: ReturnType<typeof useTraceList>['list']
  news: ListNews
  zone: Zone
  search: TracesSearch
  isPhone: boolean
  rangeMs: number
  memory: ListMemory
  activeId: string | null
  marked: readonly string[]
  /** Why a key did nothing. */
  notice: string | null
  handle: Ref<VirtualTableHandle>
  actions: TracesActions
  onActive: (traceId: string) => void
  onMarked: (marked: readonly string[]) => void
  onCompare: () => void
  onNote: (place: Partial<ListPlace>) => void
  onRenew: () => void
}

const DAY_MS = 86_400_000

export function ListCard(props: ListCardProps) {
  const { traces, list, news, notice } = props
  return (
    <section className="card list-card" aria-label="List of traces" data-testid="traces-list">
      <ListTools
        search={props.search}
        traces={traces}
        zone={props.zone}
        marked={props.marked}
        news={{ count: news.arrived.size, isExact: news.isExact }}
        isFetching={list.isFetching}
        onSearch={props.actions.onSearch}
        onRenew={props.onRenew}
        onCompare={props.onCompare}
        onClearMarks={() => props.onMarked([])}
      />
      {notice !== null && <p className="list-notice t2">{notice}</p>}
      <ListContent {...props} />
      <SegmentLegend />
    </section>
  )
}

function ListContent(props: ListCardProps) {
  const { traces, list, actions } = props
  if (list.isPending) return <RowsPending />
  if (list.isError && traces.length === 0) {
    return (
      <ErrorState
        what="Traces could not be loaded"
        failure={failureOf(list.error)}
        onRetry={() => void list.refetch()}
      />
    )
  }
  const isScanning = list.data?.pages.at(-1)?.scanned?.isComplete === false
  if (traces.length === 0 && !isScanning && !list.isPlaceholderData)
    return <WhyEmpty what="traces" />
  return (
    <TraceList
      {...props}
      withDay={props.rangeMs >= DAY_MS}
      peek={props.search.peek}
      onOpen={({ traceId }) => actions.onOpen(traceId)}
      onSort={actions.onSort}
    />
  )
}

const PENDING_ROWS = 14

function RowsPending() {
  return (
    <div className="rows-pending" aria-busy="true" aria-label="Traces are being loaded">
      {Array.from({ length: PENDING_ROWS }, (_, index) => (
        <div key={index} className="skeleton" />
      ))}
    </div>
  )
}
