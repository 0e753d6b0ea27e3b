import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { fixedSeriesQuery } from '../../api/queries.ts'
import { floorTo, subscribeFrom, type Window } from '../../lib/window.ts'
import { serverNow } from '../../lib/server-time.ts'
import type { LiveMetrics } from '../../live/merge.ts'
import { unionOf } from '../../live/merge.ts'
import { useLiveMetrics, type LiveMetricsState } from '../../live/use-live-metrics.ts'
import { overviewEntries } from './entries.ts'

/** A rolling range is pushed over the socket; a frozen one is fetched once. */
export function useOverviewMetrics(window: Window, filters: readonly string[]): LiveMetricsState {
  const entries = useMemo(() => overviewEntries(window.stepMs, filters), [window.stepMs, filters])
  const isRolling = window.status === 'rolling'
  const live = useLiveMetrics(entries, window, isRolling)
  const range = {
    from: subscribeFrom(window, 0),
    to:
      window.status === 'fixed'
        ? Math.min(window.to, floorTo(serverNow(), window.stepMs) + window.stepMs)
        : 0,
  }
  const fixed = useQuery(fixedSeriesQuery(entries, range, !isRolling))
  const fixedMetrics = useMemo<LiveMetrics | null>(() => {
    if (fixed.data === undefined) return null
    return {
      seq: 0,
      storedThrough: Math.min(...fixed.data.map((result) => result.storedThrough)),
      up: unionOf(fixed.data.flatMap((result) => result.up)),
      entries: fixed.data,
    }
  }, [fixed.data])

  if (isRolling) return live
  return {
    metrics: fixedMetrics,
    error: fixed.error?.message ?? null,
    outdated: fixed.isPlaceholderData,
    retry: () => void fixed.refetch(),
  }
}
