import { useMemo } from 'react'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { valueOf } from '../../charts/rows.ts'
import { spanText } from '../../lib/format.ts'
import type { Zone } from '../../lib/zone.ts'
import type { OverviewModel } from './overview-model.ts'

const SERIES = [
  { key: 'cached', label: 'cached', color: 'var(--s5)' },
  { key: 'fresh', label: 'input', color: 'var(--s1)' },
  { key: 'tokensOutput', label: 'output', color: 'var(--s3)' },
]

export function TokensCard({ model, zone }: { model: OverviewModel; zone: Zone }) {
  // Input includes what came from the cache, as OTel counts it: the stack shows the rest apart.
  const rows = useMemo(
    () =>
      model.rows.map((row) => {
        const cached = valueOf(row, 'tokensCached')
        const input = valueOf(row, 'tokensInput')
        const fresh = input === null ? null : Math.max(0, input - (cached ?? 0))
        return { ...row, values: { cached, fresh, tokensOutput: valueOf(row, 'tokensOutput') } }
      }),
    [model.rows],
  )
  return (
    <section className="card c4" aria-label="Tokens" data-testid="tokens-card">
      <div className="hd">
        <h2>Tokens</h2>
        <span className="u">per {spanText(model.stepMs)}</span>
        <div className="r">
          {SERIES.map(({ key, label, color }) => (
            <span key={key} className="key sq" style={{ '--c': color }}>
              {label}
            </span>
          ))}
        </div>
      </div>
      <TimeChart
        kind="area"
        rows={rows}
        series={SERIES}
        stepMs={model.stepMs}
        completeTo={model.complete.to}
        unit="1"
        zone={zone}
        height={150}
        timeTickCount={3}
        summary="Tokens: cached, other input and output."
      />
    </section>
  )
}
