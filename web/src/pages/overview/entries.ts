import type { LiveMetricEntry, MetricName } from '@sightline/server/contract'

/** What Overview subscribes to, in this order; one subscription carries all of it. */
const ENTRIES = {
  requests: { metric: 'requests' },
  errorRate: { metric: 'error_rate' },
  p50: { metric: 'latency_p50' },
  p95: { metric: 'latency_p95' },
  p99: { metric: 'latency_p99' },
  firstToken: { metric: 'ttft_p95' },
  cost: { metric: 'cost' },
  costByModel: { metric: 'cost', groupBy: ['model'] },
  errorsByType: { metric: 'errors', groupBy: ['error.type'] },
  tokensInput: { metric: 'tokens_input' },
  tokensCached: { metric: 'tokens_cache_read' },
  tokensOutput: { metric: 'tokens_output' },
} as const satisfies Record<string, Pick<LiveMetricEntry, 'metric' | 'groupBy'>>

export type EntryName = keyof typeof ENTRIES
const names = Object.keys(ENTRIES) as EntryName[]

export function overviewEntries(stepMs: number, f: readonly string[]): LiveMetricEntry[] {
  return entriesOf(names, stepMs, f)
}

export function entriesOf(
  wanted: readonly EntryName[],
  stepMs: number,
  f: readonly string[],
): LiveMetricEntry[] {
  return wanted.map((name) => ({ ...ENTRIES[name], step: stepMs, f: [...f] }) as LiveMetricEntry)
}

export function entryIndex(name: EntryName): number {
  return names.indexOf(name)
}

export function entryMetric(name: EntryName): MetricName {
  return ENTRIES[name].metric
}
