import { useMemo } from 'react'
import { colorsOf } from '../../charts/colors.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { formatFixed, moneyText, spanText } from '../../lib/format.ts'
import type { Zone } from '../../lib/zone.ts'
import type { OverviewModel } from './overview-model.ts'

export function CostCard({ model, zone }: { model: OverviewModel; zone: Zone }) {
  const { rows, groups } = model.costByModel
  const names = groups.map(({ name }) => name).join('\n')
  const series = useMemo(() => {
    const list = names === '' ? [] : names.split('\n')
    const colors = colorsOf(list)
    return list.map((name) => ({ key: name, label: name, color: colors.get(name) ?? 'var(--s0)' }))
  }, [names])
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const largest = groups[0]?.total ?? 0
  return (
    <section className="card c4" aria-label="Cost by model" data-testid="cost-card">
      <div className="hd">
        <h2>Cost</h2>
        <span className="u">USD per {spanText(model.stepMs)}</span>
        <div className="r num">
          <span>
            {spanText(model.complete.to - model.complete.from)} <b>{moneyText(total)}</b>
          </span>
        </div>
      </div>
      <TimeChart
        kind="area"
        rows={rows}
        series={series}
        stepMs={model.stepMs}
        completeTo={model.complete.to}
        unit="USD"
        zone={zone}
        height={Math.max(120, 228 - Math.max(1, groups.length) * 23)}
        timeTickCount={3}
        summary={`Cost by model, ${moneyText(total)} in total.`}
      />
      <div className="share num">
        {groups.map(({ name, total: usd }, index) => (
          <div key={name} className="share-row" data-testid="cost-share" data-model={name}>
            <span className="key sq m" style={{ '--c': series[index]?.color }} title={name}>
              <span>{name}</span>
            </span>
            <span className="b" aria-hidden="true">
              <i
                style={{
                  background: series[index]?.color,
                  width: `${largest > 0 ? (usd / largest) * 100 : 0}%`,
                }}
              />
            </span>
            <span className="n">{moneyText(usd)}</span>
            <span className="p">{total > 0 ? formatFixed((usd / total) * 100, 0) : '0'}%</span>
          </div>
        ))}
        {groups.length === 0 && <span className="t3">No priced call in this range.</span>}
      </div>
    </section>
  )
}
