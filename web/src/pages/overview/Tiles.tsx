import { countText, formatFixed, moneyText } from '../../lib/format.ts'
import { Tile, type TileSpec } from './Tile.tsx'
import type { OverviewModel } from './overview-model.ts'

const perMinute = (count: number, lengthMs: number): string => {
  const rate = (count * 60_000) / lengthMs
  return rate >= 600
    ? `${formatFixed(rate / 60, 1)}/s`
    : `${formatFixed(rate, rate < 10 ? 1 : 0)}/min`
}

const TILES: TileSpec[] = [
  {
    label: 'Requests',
    metric: 'requests',
    row: 'requests',
    rise: 'neutral',
    note: (_, lengthMs, value) => perMinute(value, lengthMs),
  },
  {
    label: 'Error rate',
    metric: 'error_rate',
    row: 'errorRate',
    rise: 'bad',
    note: (n, _, value) => `${countText(Math.round(value * n))} failed`,
  },
  {
    label: 'Latency p95',
    metric: 'latency_p95',
    row: 'p95',
    rise: 'bad',
    note: (n) => `n ${countText(n)}`,
  },
  {
    label: 'First token p95',
    metric: 'ttft_p95',
    row: 'firstToken',
    rise: 'bad',
    note: (n) => `of ${countText(n)} streams`,
  },
  {
    label: 'Cost',
    metric: 'cost',
    row: 'cost',
    rise: 'costly',
    note: (_, lengthMs, value) => `${moneyText((value * 3_600_000) / lengthMs)}/h`,
  },
]

export function Tiles({ model, filters }: { model: OverviewModel; filters: readonly string[] }) {
  return (
    <section className="card tiles" aria-label="Key figures">
      {TILES.map((spec) => (
        <Tile key={spec.metric} spec={spec} model={model} filters={filters} />
      ))}
    </section>
  )
}
