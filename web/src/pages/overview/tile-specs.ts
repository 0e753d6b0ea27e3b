import type { MetricName } from '@sightline/server/contract'
import { countText, formatFixed, moneyText } from '../../lib/format.ts'
import type { TraceSort } from '../../lib/page-search.ts'
import type { PlainName } from './overview-model.ts'

export type TileSpec = {
  label: string
  metric: MetricName
  row: PlainName
  /** How a rise is judged: `bad` red, `costly` amber, `neutral` never coloured. */
  rise: 'bad' | 'costly' | 'neutral'
  note: (n: number, lengthMs: number, value: number) => string
  /** The traces behind the figure: a filter on top of the page's, or an order. */
  traces: (value: number | null) => { f?: readonly string[]; sort?: TraceSort }
}

const perMinute = (count: number, lengthMs: number): string => {
  const rate = (count * 60_000) / lengthMs
  return rate >= 600
    ? `${formatFixed(rate / 60, 1)}/s`
    : `${formatFixed(rate, rate < 10 ? 1 : 0)}/min`
}
const over = (field: string, value: number | null): { f?: readonly string[] } =>
  value === null ? {} : { f: [`${field}:gt:${Math.floor(value)}`] }

export const TILES: readonly TileSpec[] = [
  {
    label: 'Requests',
    metric: 'requests',
    row: 'requests',
    rise: 'neutral',
    note: (_, lengthMs, value) => perMinute(value, lengthMs),
    traces: () => ({}),
  },
  {
    label: 'Error rate',
    metric: 'error_rate',
    row: 'errorRate',
    rise: 'bad',
    note: (n, _, value) => `${countText(Math.round(value * n))} failed`,
    traces: () => ({ f: ['status:eq:error'] }),
  },
  {
    label: 'Latency p95',
    metric: 'latency_p95',
    row: 'p95',
    rise: 'bad',
    note: (n) => `n ${countText(n)}`,
    traces: (value) => over('latency', value),
  },
  {
    label: 'First token p95',
    metric: 'ttft_p95',
    row: 'firstToken',
    rise: 'bad',
    note: (n) => `of ${countText(n)} streams`,
    traces: (value) => over('ttft', value),
  },
  {
    label: 'Cost',
    metric: 'cost',
    row: 'cost',
    rise: 'costly',
    note: (_, lengthMs, value) => `${moneyText((value * 3_600_000) / lengthMs)}/h`,
    traces: () => ({ sort: '-cost' }),
  },
]
