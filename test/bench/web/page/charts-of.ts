import type { ChartSeries } from '../../../../web/src/charts/chart-series.ts'
import type { Row } from '../../../../web/src/charts/rows.ts'
import type { OverviewModel } from '../../../../web/src/pages/overview/overview-model.ts'

export type BenchChart = {
  name: string
  kind: 'line' | 'area' | 'bar'
  rows: readonly Row[]
  series: readonly ChartSeries[]
  stepMs: number
  completeTo: number
  unit: string
  height: number
}

const LATENCY: ChartSeries[] = [
  { key: 'p50', label: 'p50', color: 'var(--q50)', width: 1.4 },
  { key: 'p95', label: 'p95', color: 'var(--q95)', width: 2 },
  { key: 'p99', label: 'p99', color: 'var(--q99)', width: 1.2 },
]
const TOKENS: ChartSeries[] = [
  { key: 'tokensCached', label: 'cached', color: 'var(--s5)' },
  { key: 'tokensInput', label: 'input', color: 'var(--s1)' },
  { key: 'tokensOutput', label: 'output', color: 'var(--s3)' },
]

/** What Overview draws with recharts, whichever way it is drawn. */
export function chartsOf(model: OverviewModel): BenchChart[] {
  const shared = { stepMs: model.stepMs, completeTo: model.complete.to }
  const { rows, costByModel, errorsByType } = model
  return [
    { ...shared, name: 'latency', kind: 'line', rows, series: LATENCY, unit: 'ms', height: 246 },
    {
      ...shared,
      name: 'cost',
      kind: 'area',
      rows: costByModel.rows,
      series: seriesOf(costByModel.groups.map(({ name }) => name)),
      unit: 'USD',
      height: 140,
    },
    {
      ...shared,
      name: 'errors',
      kind: 'bar',
      rows: errorsByType.rows,
      series: seriesOf(errorsByType.groups.map(({ name }) => name)),
      unit: '1',
      height: 150,
    },
    { ...shared, name: 'tokens', kind: 'area', rows, series: TOKENS, unit: '1', height: 150 },
  ]
}

const known = new Map<string, ChartSeries[]>()

/** The same list for the same names, as the cards keep it. */
function seriesOf(names: readonly string[]): ChartSeries[] {
  const key = names.join('\n')
  const made =
    known.get(key) ??
    names.map((name, index) => ({ key: name, label: name, color: `var(--s${(index % 6) + 1})` }))
  known.set(key, made)
  return made
}
