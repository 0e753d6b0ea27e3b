import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { fixedSeriesQuery } from '../../api/queries.ts'
import { completeRange, floorTo, subscribeFrom, type Window } from '../../lib/window.ts'
import { serverNow } from '../../lib/server-time.ts'
import { unionOf, type LiveMetrics } from '../../live/merge.ts'
import { useLiveMetrics, type LiveMetricsState } from '../../live/use-live-metrics.ts'
import type { Comparison } from './compare.ts'
import { entriesOf, overviewEntries } from './entries.ts'
import {
  COMPARED,
  overviewModel,
  requestPoints,
  type EarlierSeries,
  type OverviewModel,
} from './overview-model.ts'

export type OverviewState = Omit<LiveMetricsState, 'metrics'> & { model: OverviewModel | null }

/** Everything the cards draw, from the live series and those of the period compared with. */
export function useOverviewModel(
  window: Window,
  filters: readonly string[],
  comparison: Comparison,
): OverviewState {
  const { metrics, ...rest } = useOverviewMetrics(window, filters)
  const earlier = useEarlierSeries({ metrics, window, filters, comparison })
  const model = useMemo(
    () => (metrics === null ? null : overviewModel(metrics, window, { comparison, earlier })),
    [metrics, window, comparison, earlier],
  )
  return { ...rest, model }
}

/** A rolling range is pushed over the socket; a frozen one is fetched, anew on each return. */
function useOverviewMetrics(window: Window, filters: readonly string[]): LiveMetricsState {
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
  const fixed = useQuery({
    ...fixedSeriesQuery(entries, range, !isRolling),
    // Late data may have come meanwhile.
    staleTime: 0,
    refetchOnWindowFocus: 'always',
  })
  const fixedMetrics = useMemo<LiveMetrics | null>(() => {
    if (fixed.data === undefined) return null
    return {
      seq: 0,
      storedThrough: Math.min(...fixed.data.map((result) => result.storedThrough)),
      up: unionOf(fixed.data.flatMap((result) => result.up)),
      entries: fixed.data,
    }
  }, [fixed.data])

  // Between the two kinds of range the page keeps what it shows, and with it the focus.
  if (isRolling) {
    const isWaiting = live.metrics === null && live.error === null
    return isWaiting ? { ...live, metrics: fixedMetrics, outdated: true } : live
  }
  return {
    metrics: fixedMetrics ?? (fixed.isError ? null : live.metrics),
    error: fixed.error?.message ?? null,
    outdated: fixedMetrics === null || fixed.isPlaceholderData,
    retry: () => void fixed.refetch(),
  }
}

type EarlierInput = {
  metrics: LiveMetrics | null
  window: Window
  filters: readonly string[]
  comparison: Comparison
}

/** The same series a day or a week earlier: fetched a block of buckets ahead, not subscribed to. */
function useEarlierSeries({ metrics, window, filters, comparison }: EarlierInput): EarlierSeries {
  const { kind, shiftMs } = comparison
  const isApart = kind === '1d' || kind === '7d'
  const entries = useMemo(
    () => entriesOf(COMPARED, window.stepMs, filters),
    [window.stepMs, filters],
  )
  const range = metrics === null ? { from: 0, to: 0 } : earlierRange(metrics, window, shiftMs)
  const { data } = useQuery(fixedSeriesQuery(entries, range, isApart && range.to > range.from))
  return useMemo(() => {
    if (!isApart || data === undefined) return null
    const points = COMPARED.map((_, index) => data[index]?.series[0]?.points ?? [])
    const [requests = [], errorRate = [], p95 = [], firstToken = [], cost = []] = points
    return {
      points: { requests, errorRate, p95, firstToken, cost },
      up: unionOf(data.flatMap((result) => result.up)),
    }
  }, [isApart, data])
}

const MAX_BLOCK = 60

function earlierRange(
  metrics: LiveMetrics,
  window: Window,
  shiftMs: number,
): { from: number; to: number } {
  if (window.status === 'fixed') return { from: window.from - shiftMs, to: window.to - shiftMs }
  const { stepMs } = window
  const complete = completeRange(window, metrics.storedThrough, requestPoints(metrics))
  // Two blocks ahead stay in the past: they are at most half of the way back.
  const blockMs = Math.max(stepMs, Math.min(MAX_BLOCK * stepMs, floorTo(shiftMs / 4, stepMs)))
  return {
    from: floorTo(complete.from, blockMs) - shiftMs,
    to: floorTo(complete.to, blockMs) + 2 * blockMs - shiftMs,
  }
}
