import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { rulesQuery } from '../../api/queries.ts'
import { stepText } from '../../charts/bucket-text.ts'
import { ChartCard } from '../../charts/ChartCard.tsx'
import type { ChartSeries } from '../../charts/chart-series.ts'
import { valueOf } from '../../charts/rows.ts'
import { durationText, spanText } from '../../lib/format.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { actionsOf, openerOf, sizeOf, zoomOf } from './card-chart.ts'
import type { ChartCardInput } from './card-props.ts'
import { beforeText } from './compare.ts'
import { latencyLimits } from './latency-limits.ts'
import type { OverviewModel } from './overview-model.ts'

/** One hue in three strengths, p95 thickest. */
const SERIES: ChartSeries[] = [
  { key: 'p50', label: 'p50', color: 'var(--q50)', width: 1.4 },
  { key: 'p95', label: 'p95', color: 'var(--q95)', width: 2 },
  { key: 'p99', label: 'p99', color: 'var(--q99)', width: 1.2 },
]
/** Percentiles of fewer calls than this are drawn hollow. */
const FEW_CALLS = 20

export function LatencyCard(props: ChartCardInput) {
  const { model, filters, zone, exemplars = [], onOpenTrace } = props
  const { comparison } = model
  const rules = useQuery(rulesQuery)
  const marks = useMemo(
    () => latencyLimits(rules.data?.items ?? [], filters),
    [rules.data, filters],
  )
  const ghost = useMemo(
    () => ({ label: 'p95', before: (t: number) => beforeText(comparison, t, zone) }),
    [comparison, zone],
  )
  const size = sizeOf(props, { className: 'c8', height: 246 })
  return (
    <ChartCard
      name="latency"
      title="Latency"
      subtitle={`per ${stepText(model.stepMs)}`}
      className={size.className}
      note={exemplars.length > 0 && <ExemplarKey />}
      ghost={ghost}
      state={{ status: 'ready', isOutdated: props.isOutdated }}
      actions={actionsOf(props, { metric: 'latency_p95', f: [], sort: '-durationMs' })}
      chart={{
        kind: 'line',
        rows: model.rows,
        series: SERIES,
        stepMs: model.stepMs,
        completeTo: model.complete.to,
        unit: 'ms',
        zone,
        height: size.height,
        marks,
        ghostKey: 'p95@before',
        hollowBelow: FEW_CALLS,
        summary: summaryOf(model, zone),
        exemplars,
        ...(props.releases === undefined ? {} : { releases: props.releases }),
        ...(props.bands === undefined ? {} : { bands: props.bands }),
        ...(onOpenTrace === undefined ? {} : { onExemplar: ({ traceId }) => onOpenTrace(traceId) }),
        ...openerOf(props, { f: [], sort: '-durationMs' }),
        ...zoomOf(props),
      }}
    />
  )
}

function ExemplarKey() {
  return (
    <span className="u exemplar-key">
      <svg width={9} height={9} aria-hidden="true">
        <circle cx={4.5} cy={4.5} r={3.2} fill="none" stroke="var(--crit)" strokeWidth={1.5} />
      </svg>
      slow trace
    </span>
  )
}

function summaryOf(model: OverviewModel, zone: Zone): string {
  const row = model.rows.findLast(({ t }) => t < model.complete.to)
  const p95 = row === undefined ? null : valueOf(row, 'p95')
  const now =
    row === undefined || p95 === null
      ? 'no calls in the last bucket'
      : `p95 ${durationText(p95)} at ${clockText(row.t, zone)}`
  return `Latency per ${stepText(model.stepMs)}, ${spanText(model.complete.to - model.complete.from)}: ${now}.`
}
