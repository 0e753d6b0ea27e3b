import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { rulesQuery } from '../../api/queries.ts'
import { useHover } from '../../charts/hover.ts'
import { valueOf, type Row } from '../../charts/rows.ts'
import type { ChartSeries } from '../../charts/chart-series.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { countText, durationText, spanText } from '../../lib/format.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { latencyLimits } from './latency-limits.ts'
import type { OverviewModel } from './overview-model.ts'

const SERIES: ChartSeries[] = [
  { key: 'p50', label: 'p50', color: 'var(--q50)', width: 1.4 },
  { key: 'p99', label: 'p99', color: 'var(--q99)', width: 1.2 },
  { key: 'p95', label: 'p95', color: 'var(--q95)', width: 2 },
]
const LEGEND = ['p50', 'p95', 'p99'].flatMap((key) => SERIES.filter((series) => series.key === key))

type LatencyCardProps = { model: OverviewModel; filters: readonly string[]; zone: Zone }

export function LatencyCard({ model, filters, zone }: LatencyCardProps) {
  const rules = useQuery(rulesQuery)
  const marks = useMemo(
    () => latencyLimits(rules.data?.items ?? [], filters),
    [rules.data, filters],
  )
  return (
    <section className="card c8" aria-label="Latency" data-testid="latency-card">
      <div className="hd">
        <h2>Latency</h2>
        <span className="u">per {spanText(model.stepMs)}</span>
        <Readout model={model} zone={zone} />
      </div>
      <TimeChart
        kind="line"
        rows={model.rows}
        series={SERIES}
        stepMs={model.stepMs}
        completeTo={model.complete.to}
        unit="ms"
        zone={zone}
        height={246}
        marks={marks}
        ghostKey="p95@before"
        summary={summaryOf(model, zone)}
      />
    </section>
  )
}

/** The hovered bucket, else the last complete one: what the lines are worth, in the header. */
function Readout({ model, zone }: { model: OverviewModel; zone: Zone }) {
  const at = useHover()
  const row = model.rows.find((one) => one.t === at) ?? lastComplete(model)
  if (row === undefined) return null
  const isPartial = row.t >= model.complete.to
  const before = valueOf(row, 'p95@before')
  return (
    <div className="r num" data-testid="latency-readout" data-t={row.t}>
      <span className="chip">
        <b>{clockText(row.t, zone)}</b>
        {row.isGap ? 'no data' : `n ${countText(row.n)}`}
        {isPartial && ', partial'}
      </span>
      {LEGEND.map(({ key, label, color }) => {
        const value = valueOf(row, key)
        return (
          <span key={key} className="key" style={{ '--c': color }}>
            {label} <b>{value === null ? '–' : durationText(value)}</b>
          </span>
        )
      })}
      {before !== null && (
        <span className="key da wide-only" style={{ '--c': 'var(--ctl)' }}>
          p95 before <b>{durationText(before)}</b>
        </span>
      )}
    </div>
  )
}

function lastComplete({ rows, complete }: OverviewModel): Row | undefined {
  return rows.findLast((row) => row.t < complete.to)
}

function summaryOf(model: OverviewModel, zone: Zone): string {
  const row = lastComplete(model)
  const p95 = row === undefined ? null : valueOf(row, 'p95')
  const now =
    row === undefined || p95 === null
      ? 'no calls in the last bucket'
      : `p95 ${durationText(p95)} at ${clockText(row.t, zone)}`
  return `Latency per ${spanText(model.stepMs)}, ${spanText(model.complete.to - model.complete.from)}: ${now}.`
}
