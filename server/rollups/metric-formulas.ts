import type { MetricName } from '../contract/index.ts'
import { COUNTERS, COUNTER_COUNT, OUTPUT_RATE_SCALE } from './series.ts'
import type { CounterName, HistogramName } from './series.ts'
import { Sketch } from './sketch.ts'

const NANO = 1e9
const US_PER_MS = 1_000

/** What one group gathers of one bucket: all counters and the histogram its metric rests on. */
export class Gathered {
  readonly counters = new Float64Array(COUNTER_COUNT)
  readonly sketch = new Sketch()

  of(counter: CounterName): number {
    return this.counters[COUNTERS[counter]] ?? 0
  }
}

export type MetricFormula = {
  /** The histogram to gather; null = counters are enough. */
  histogram: HistogramName | null
  /** The value in the metric's unit; null = nothing to compute it from. */
  value(gathered: Gathered): number | null
  /** The calls it rests on. */
  n(gathered: Gathered): number
}

export const METRIC_FORMULAS: Record<MetricName, MetricFormula> = {
  requests: sumOf((calls) => calls.of('requests')),
  errors: sumOf((calls) => calls.of('errors')),
  tokens_input: sumOf((calls) => calls.of('inputTokens')),
  tokens_output: sumOf((calls) => calls.of('outputTokens')),
  tokens_cache_read: sumOf((calls) => calls.of('cacheReadTokens')),
  tokens_cache_write: sumOf((calls) => calls.of('cacheWriteTokens')),
  tokens_reasoning: sumOf((calls) => calls.of('reasoningTokens')),
  tokens_total: sumOf((calls) => calls.of('inputTokens') + calls.of('outputTokens')),
  cost: {
    histogram: null,
    value: (calls) => calls.of('costNanoUsd') / NANO,
    n: (calls) => calls.of('pricedCalls'),
  },
  error_rate: sumOf((calls) => ratio(calls.of('errors'), calls.of('requests'))),
  cache_hit_rate: {
    histogram: 'inputTokens',
    value: (calls) => ratio(calls.of('cacheReadTokens'), calls.of('inputTokens')),
    n: (calls) => calls.sketch.n,
  },
  latency_avg: {
    histogram: 'latencyUs',
    value: ({ sketch }) => ratio(sketch.sum, sketch.n * US_PER_MS),
    n: ({ sketch }) => sketch.n,
  },
  latency_p50: quantileOf('latencyUs', { q: 0.5, scale: US_PER_MS }),
  latency_p90: quantileOf('latencyUs', { q: 0.9, scale: US_PER_MS }),
  latency_p95: quantileOf('latencyUs', { q: 0.95, scale: US_PER_MS }),
  latency_p99: quantileOf('latencyUs', { q: 0.99, scale: US_PER_MS }),
  ttft_p50: quantileOf('ttftUs', { q: 0.5, scale: US_PER_MS }),
  ttft_p95: quantileOf('ttftUs', { q: 0.95, scale: US_PER_MS }),
  ttft_p99: quantileOf('ttftUs', { q: 0.99, scale: US_PER_MS }),
  output_tokens_per_second_p50: quantileOf('outputRate', { q: 0.5, scale: OUTPUT_RATE_SCALE }),
  cost_per_request: {
    histogram: null,
    value: (calls) => ratio(calls.of('costNanoUsd') / NANO, calls.of('pricedCalls')),
    n: (calls) => calls.of('pricedCalls'),
  },
}

function sumOf(value: (calls: Gathered) => number | null): MetricFormula {
  return { histogram: null, value, n: (calls) => calls.of('requests') }
}

function quantileOf(
  histogram: HistogramName,
  { q, scale }: { q: number; scale: number },
): MetricFormula {
  return {
    histogram,
    value({ sketch }) {
      const value = sketch.quantile(q)
      return value === null ? null : value / scale
    },
    n: ({ sketch }) => sketch.n,
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
