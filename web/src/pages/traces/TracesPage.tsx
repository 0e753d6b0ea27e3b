import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNewTraces } from './use-new-traces.ts'
import { tracePagesQuery } from '../../api/queries.ts'
import { serverNow } from '../../lib/server-time.ts'
import { floorTo } from '../../lib/window.ts'
import { countText } from '../../lib/format.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { TraceTable } from '../../ui/TraceTable.tsx'

/** Traces of the range as they were when the page was opened; Overview has the live list. */
export function TracesPage() {
  const { window: range, zone, filters } = useView()
  const [openedAt] = useState(() => floorTo(serverNow(), 1_000))
  const query =
    range.status === 'fixed'
      ? { from: range.from, to: range.to }
      : { from: openedAt - range.lengthMs }
  const traces = useInfiniteQuery(tracePagesQuery(filters, query))
  const items = traces.data?.pages.flatMap((page) => page.items) ?? []
  const { count, clear } = useNewTraces(items, filters, range.status === 'rolling')
  const onReload = (): void => {
    clear()
    void traces.refetch()
  }
  return (
    <PageFrame title="Traces" withRange>
      <section className="card" aria-label="Traces" data-testid="traces-list">
        <div className="hd">
          <h2>Newest first</h2>
          <span className="u num">{countText(items.length)} shown</span>
          <div className="r">
            {count > 0 && (
              <button type="button" className="pill num" data-testid="new-pill" onClick={onReload}>
                ↑ {count} new
              </button>
            )}
            <button
              type="button"
              className="btn ghost small"
              onClick={onReload}
              disabled={traces.isFetching}
            >
              Load again
            </button>
          </div>
        </div>
        {traces.isPending && (
          <div className="rows-pending">
            <Skeleton height={320} />
          </div>
        )}
        {traces.isError && (
          <ErrorState
            what="Traces could not be loaded"
            failure={failureOf(traces.error)}
            onRetry={() => void traces.refetch()}
          />
        )}
        {traces.isSuccess && items.length === 0 && (
          <div className="empty">
            <b>
              No trace{' '}
              {filters.length > 0 ? 'matches these filters in this range' : 'in this range'}.
            </b>
            Choose a longer range, or remove a filter.
          </div>
        )}
        {items.length > 0 && <TraceTable traces={items} zone={zone} />}
        {traces.hasNextPage && (
          <div className="more">
            <button
              type="button"
              className="btn"
              disabled={traces.isFetchingNextPage}
              onClick={() => void traces.fetchNextPage()}
            >
              Show more
            </button>
          </div>
        )}
        <SegmentLegend />
      </section>
    </PageFrame>
  )
}
