import { useMemo } from 'react'
import { colorsOf } from '../../charts/colors.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { countText, spanText } from '../../lib/format.ts'
import type { Zone } from '../../lib/zone.ts'
import type { OverviewModel } from './overview-model.ts'

export function ErrorsCard({ model, zone }: { model: OverviewModel; zone: Zone }) {
  const { rows, groups } = model.errorsByType
  const names = groups
    .filter(({ total }) => total > 0)
    .map(({ name }) => name)
    .join('\n')
  const series = useMemo(() => {
    const list = names === '' ? [] : names.split('\n')
    const colors = colorsOf(list)
    return list.map((name) => ({ key: name, label: name, color: colors.get(name) ?? 'var(--s0)' }))
  }, [names])
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  return (
    <section className="card c4" aria-label="Errors by cause" data-testid="errors-card">
      <div className="hd">
        <h2>Errors</h2>
        <span className="u">per {spanText(model.stepMs)}</span>
        <div className="r">
          {series.slice(0, 3).map(({ key, label, color }) => (
            <span key={key} className="key sq clip" style={{ '--c': color }} title={label}>
              <span>{label}</span>
            </span>
          ))}
          {series.length > 3 && <span className="t3">+{series.length - 3}</span>}
          {series.length === 0 && <span className="status ok">none</span>}
        </div>
      </div>
      <TimeChart
        kind="bar"
        rows={rows.length > 0 ? rows : model.rows}
        series={series}
        stepMs={model.stepMs}
        completeTo={model.complete.to}
        unit="1"
        zone={zone}
        height={150}
        timeTickCount={3}
        summary={`Errors by cause, ${countText(total)} in total.`}
      />
    </section>
  )
}
