import { useMemo } from 'react'
import { stepText } from '../../charts/bucket-text.ts'
import { ChartCard } from '../../charts/ChartCard.tsx'
import type { ChartSeries } from '../../charts/chart-series.ts'
import { valueOf, type Row } from '../../charts/rows.ts'
import { countText } from '../../lib/format.ts'
import { actionsOf, openerOf, sizeOf, zoomOf } from './card-chart.ts'
import type { ChartCardInput } from './card-props.ts'

const SERIES: ChartSeries[] = [
  { key: 'cached', label: 'cached', color: 'var(--s5)' },
  { key: 'fresh', label: 'input', color: 'var(--s1)' },
  { key: 'tokensOutput', label: 'output', color: 'var(--s3)' },
]

export function TokensCard(props: ChartCardInput) {
  const { model, zone } = props
  const rows = useMemo(() => model.rows.map(tokenRow), [model.rows])
  const size = sizeOf(props, { className: 'c4', height: 150 })
  return (
    <ChartCard
      name="tokens"
      title="Tokens"
      subtitle={`per ${stepText(model.stepMs)}`}
      className={size.className}
      state={{ status: 'ready', isOutdated: props.isOutdated }}
      actions={actionsOf(props, { metric: 'tokens_total', f: [] })}
      chart={{
        kind: 'area',
        rows,
        series: SERIES,
        stepMs: model.stepMs,
        completeTo: model.complete.to,
        unit: '1',
        zone,
        height: size.height,
        timeTickCount: props.isFocused === true ? 5 : 3,
        summary: summaryOf(rows, model.complete.to),
        ...(props.releases === undefined ? {} : { releases: props.releases }),
        ...openerOf(props, { f: [] }),
        ...zoomOf(props),
      }}
    />
  )
}

/** Input includes what came from the cache, as OTel counts it: the stack shows the rest apart. */
function tokenRow(row: Row): Row {
  const cached = valueOf(row, 'tokensCached')
  const input = valueOf(row, 'tokensInput')
  const fresh = input === null ? null : Math.max(0, input - (cached ?? 0))
  return { ...row, values: { cached, fresh, tokensOutput: valueOf(row, 'tokensOutput') } }
}

function summaryOf(rows: readonly Row[], completeTo: number): string {
  const complete = rows.filter(({ t }) => t < completeTo)
  const totals = SERIES.map(({ key, label }) => {
    const sum = complete.reduce((part, row) => part + (valueOf(row, key) ?? 0), 0)
    return `${label} ${countText(sum)}`
  })
  return `Tokens: ${totals.join(', ')}.`
}
