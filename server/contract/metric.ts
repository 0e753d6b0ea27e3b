import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

/** Unit of every metric: `1` a count, `ratio` 0-1, `ms`, `USD`, `1/s`. */
export const METRIC_UNITS = {
  requests: '1',
  errors: '1',
  tokens_input: '1',
  tokens_output: '1',
  tokens_cache_read: '1',
  tokens_cache_write: '1',
  tokens_reasoning: '1',
  tokens_total: '1',
  cost: 'USD',
  error_rate: 'ratio',
  cache_hit_rate: 'ratio',
  latency_avg: 'ms',
  latency_p50: 'ms',
  latency_p90: 'ms',
  latency_p95: 'ms',
  latency_p99: 'ms',
  ttft_p50: 'ms',
  ttft_p95: 'ms',
  ttft_p99: 'ms',
  output_tokens_per_second_p50: '1/s',
  cost_per_request: 'USD',
} as const satisfies Record<string, string>

export type MetricName = keyof typeof METRIC_UNITS
export const METRIC_NAMES = Object.keys(METRIC_UNITS) as [MetricName, ...MetricName[]]
export const MetricName = z.enum(METRIC_NAMES)
export type MetricUnit = (typeof METRIC_UNITS)[MetricName]

/** Metrics whose empty window is a true 0; on all others it is unknown. */
export function isSumMetric(metric: MetricName): boolean {
  return METRIC_UNITS[metric] === '1' || metric === 'cost'
}

export const GROUP_FIELDS = [
  'model',
  'provider',
  'operation',
  'task',
  'service',
  'environment',
  'release',
  'prompt',
  'status',
  'error.type',
] as const
export const GroupField = z.enum(GROUP_FIELDS)
export type GroupField = z.infer<typeof GroupField>
export const MAX_GROUPS = 50
export const OTHER_GROUP = '__other__'

/** One bucket: it starts at `t`; `n` = calls it rests on; `partial` = it may still grow. */
export const MetricPoint = z.object({
  t: EpochMs,
  value: z.nullable(z.number()),
  n: z.number(),
  partial: z.boolean(),
})
export type MetricPoint = z.infer<typeof MetricPoint>

export const MetricSeries = z.object({
  group: z.record(z.string(), z.nullable(z.string())),
  points: z.array(MetricPoint),
})
export type MetricSeries = z.infer<typeof MetricSeries>

export const MetricResult = z.object({
  metric: MetricName,
  unit: z.string(),
  stepMs: z.number(),
  storedThrough: EpochMs,
  source: z.enum(['rollups', 'spans']),
  /** Half-open intervals in which a collector was running. */
  up: z.array(z.tuple([EpochMs, EpochMs])),
  series: z.array(MetricSeries),
})
export type MetricResult = z.infer<typeof MetricResult>

/** Step in ms from `1m`, `5m`, `1h`, `1d`, `all` (null = one bucket) or ms; undefined = not a step. */
export function parseStep(raw: string): number | null | undefined {
  if (raw === 'all') return null
  const match = /^(\d{1,9})(ms|m|h|d)?$/.exec(raw)
  if (match === null) return undefined
  const unit = { ms: 1, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 'ms'] ?? 1
  const stepMs = Number(match[1]) * unit
  return stepMs >= 60_000 && stepMs % 60_000 === 0 ? stepMs : undefined
}
