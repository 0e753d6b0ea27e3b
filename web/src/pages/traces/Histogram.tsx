import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, useMemo } from 'react'
import { traceCountsQuery } from '../../api/traces-queries.ts'
import type { ChartSeries } from '../../charts/chart-series.ts'
import { useHover } from '../../charts/hover.ts'
import { valueOf } from '../../charts/rows.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { countText, figureText, ratioFigure, spanText } from '../../lib/format.ts'
import type { Window } from '../../lib/window.ts'
import { clockText, dayText, type Zone } from '../../lib/zone.ts'
import { useLiveMetrics } from '../../live/use-live-metrics.ts'
import { ErrorState, failureOf, type Failure } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import {
  countedFilters,
  histogramEntry,
  histogramModel,
  histogramWindow,
  type Histogram,
} from './histogram-model.ts'

const HEIGHT = 104
const SERIES: ChartSeries[] = [
  { key: 'ok', label: 'ok', color: 'var(--s1)' },
  { key: 'error', label: 'error', color: 'var(--crit)' },
]

export type HistogramState = ReturnType<typeof useHistogram>

/** Shared with the status bar, and apart from the list, which is not drawn anew every second. */
export const HistogramContext = createContext<HistogramState | null>(null)

type HistogramCardProps = {
  zone: Zone
  onZoom: (range: { from: number; to: number }) => void
  onZoomOut: () => void
}

/** Traces by status over the range; a stretch that is dragged over becomes the range. */
export function HistogramCard({ zone, onZoom, onZoomOut }: HistogramCardProps) {
  const state = useContext(HistogramContext)
  if (state === null) throw new Error('HistogramCard stands outside of HistogramContext')
  const { model, error, isOutdated, isPart, retry } = state
  return (
    <section
      className="card histogram"
      aria-label="Traces over time"
      data-testid="traces-histogram"
      data-ok={model?.ok}
      data-error={model?.failed}
    >
      <div className="hd">
        <h2>Traces</h2>
        {model !== null && (
          <>
            <span className="u">
              per {spanText(model.stepMs)}, by status
              {isPart && '; without the search in bodies'}
            </span>
            <Readout model={model} zone={zone} />
          </>
        )}
      </div>
      {model === null ? (
        <NoHistogram error={error} onRetry={retry} />
      ) : (
        <div className={isOutdated ? 'dimmed' : undefined}>
          <TimeChart
            kind="bar"
            rows={model.rows}
            series={SERIES}
            stepMs={model.stepMs}
            completeTo={model.completeTo}
            unit="1"
            zone={zone}
            height={HEIGHT}
            summary={summaryOf(model, zone)}
            timeTickCount={8}
            onZoom={onZoom}
            onZoomOut={onZoomOut}
          />
        </div>
      )}
    </section>
  )
}

function NoHistogram({ error, onRetry }: { error: Failure | null; onRetry: () => void }) {
  if (error !== null) {
    return <ErrorState what="The histogram could not be loaded" failure={error} onRetry={onRetry} />
  }
  return (
    <div className="histogram-pending">
      <Skeleton height={HEIGHT - 20} />
    </div>
  )
}

/** The hovered bucket, else the whole range without its open end. */
function Readout({ model, zone }: { model: Histogram; zone: Zone }) {
  const at = useHover()
  const row = model.rows.find(({ t }) => t === at)
  const ok = row === undefined ? model.ok : (valueOf(row, 'ok') ?? 0)
  const failed = row === undefined ? model.failed : (valueOf(row, 'error') ?? 0)
  const share = ok + failed === 0 ? null : failed / (ok + failed)
  return (
    <div className="r num" data-testid="histogram-readout">
      <span className="chip">
        <b>
          {row === undefined ? 'in range' : `${dayText(row.t, zone)}, ${clockText(row.t, zone)}`}
        </b>
        {row?.isGap === true ? 'no data' : countText(ok + failed)}
        {row !== undefined && row.t >= model.completeTo && ', partial'}
      </span>
      <span className="key sq" style={{ '--c': 'var(--s1)' }}>
        ok <b>{countText(ok)}</b>
      </span>
      <span className="key sq" style={{ '--c': 'var(--crit)' }}>
        error <b>{countText(failed)}</b>
        {share !== null && <span className="t3">{figureText(ratioFigure(share))}</span>}
      </span>
    </div>
  )
}

export function useHistogram(asked: Window, filters: readonly string[]) {
  const window = useMemo(() => histogramWindow(asked), [asked])
  const counted = useMemo(() => countedFilters(filters), [filters])
  const entries = useMemo(() => [histogramEntry(window, counted)], [window, counted])
  const isRolling = window.status === 'rolling'
  const live = useLiveMetrics(entries, window, isRolling)
  const range =
    window.status === 'fixed' ? { from: window.from, to: window.to } : { from: 0, to: 0 }
  const fixed = useQuery(
    traceCountsQuery(entries[0] ?? histogramEntry(window, []), range, !isRolling),
  )
  const model = useMemo(() => {
    const result = isRolling ? live.metrics?.entries[0] : fixed.data
    if (result === undefined) return null
    const up = isRolling ? (live.metrics?.up ?? []) : result.up
    const storedThrough = isRolling ? (live.metrics?.storedThrough ?? 0) : result.storedThrough
    // While another range is on its way its own buckets do not fit the ones at hand.
    const shown = result.stepMs === window.stepMs ? window : { ...window, stepMs: result.stepMs }
    return histogramModel({ window: shown, result, up, storedThrough })
  }, [isRolling, live.metrics, fixed.data, window])
  const isPart = counted !== filters
  const storedThrough = isRolling ? live.metrics?.storedThrough : fixed.data?.storedThrough
  if (isRolling) {
    const error = live.error === null ? null : { message: live.error }
    return { model, storedThrough, isPart, error, isOutdated: live.outdated, retry: live.retry }
  }
  return {
    model,
    storedThrough,
    isPart,
    error: fixed.isError ? failureOf(fixed.error) : null,
    isOutdated: fixed.isPlaceholderData,
    retry: () => void fixed.refetch(),
  }
}

function summaryOf({ ok, failed, stepMs, rows, completeTo }: Histogram, zone: Zone): string {
  const from = rows[0]?.t ?? completeTo
  return `Traces per ${spanText(stepMs)} from ${clockText(from, zone)}, ${spanText(completeTo - from)}: ${countText(ok)} ok, ${countText(failed)} with an error.`
}
