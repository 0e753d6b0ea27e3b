import * as z from 'zod/mini'
import { MetricScope } from './explain.ts'
import { EpochMs, SpanId, TraceId } from './primitives.ts'

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

const ScoreName = z.string().check(z.minLength(1), z.maxLength(100))
/** Of scores: the mean of a score's values, the share of its verdicts that passed. */
export const ScoreMetricName = z.union([
  z.templateLiteral(['score_avg.', ScoreName]),
  z.templateLiteral(['score_pass_rate.', ScoreName]),
  z.literal('feedback_positive_rate'),
])
export type ScoreMetricName = z.infer<typeof ScoreMetricName>
/** What `/metrics`, rules and subscriptions take. */
export const AnyMetricName = z.union([MetricName, ScoreMetricName])
export type AnyMetricName = z.infer<typeof AnyMetricName>

export function isScoreMetric(metric: AnyMetricName): metric is ScoreMetricName {
  return !(metric in METRIC_UNITS)
}

export function unitOfMetric(metric: AnyMetricName): MetricUnit {
  if (!isScoreMetric(metric)) return METRIC_UNITS[metric]
  return metric.startsWith('score_avg.') ? '1' : 'ratio'
}

/** Metrics whose empty window is a true 0; on all others it is unknown. */
export function isSumMetric(metric: AnyMetricName): boolean {
  return !isScoreMetric(metric) && (METRIC_UNITS[metric] === '1' || metric === 'cost')
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
/** What is known of a whole trace: its duration, status, total cost and tokens. */
export const TRACE_METRICS = [
  'requests',
  'errors',
  'error_rate',
  'tokens_input',
  'tokens_output',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'tokens_total',
  'cost',
  'cost_per_request',
  'latency_avg',
  'latency_p50',
  'latency_p90',
  'latency_p95',
  'latency_p99',
  'ttft_p50',
  'ttft_p95',
  'ttft_p99',
] as const satisfies readonly MetricName[]
export type TraceMetric = (typeof TRACE_METRICS)[number]
/** Grouping of traces is by their root's (else first span's) values. */
export const TRACE_GROUP_FIELDS = [
  'service',
  'environment',
  'release',
  'status',
] as const satisfies readonly GroupField[]
export type TraceGroupField = (typeof TRACE_GROUP_FIELDS)[number]
export const MAX_GROUPS = 50
export const OTHER_GROUP = '__other__'

/** One bucket: it starts at `t`; `n` = calls (or scores) it rests on; `partial` = it may still grow. */
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
  metric: AnyMetricName,
  /** `trace` counts traces, in the bucket of their root's (else last span's) end. */
  scope: MetricScope,
  unit: z.string(),
  stepMs: z.number(),
  storedThrough: EpochMs,
  source: z.enum(['rollups', 'spans']),
  /** Half-open intervals in which a collector was running. */
  up: z.array(z.tuple([EpochMs, EpochMs])),
  /** Set where senders kept only a share of what is counted here: numbers are of the stored part. */
  sampled: z.optional(z.literal(true)),
  series: z.array(MetricSeries),
})
export type MetricResult = z.infer<typeof MetricResult>

/** A call to look at: it lies in the bucket `t` of its end, at `at`; `value` in the metric's unit. */
export const Exemplar = z.object({
  t: EpochMs,
  at: EpochMs,
  value: z.number(),
  traceId: TraceId,
  spanId: SpanId,
  kind: z.enum(['slowest', 'random']),
})
export type Exemplar = z.infer<typeof Exemplar>
export const ExemplarList = z.object({ items: z.array(Exemplar), storedThrough: EpochMs })
export type ExemplarList = z.infer<typeof ExemplarList>

/** Step in ms from `1m`, `5m`, `1h`, `1d`, `all` (null = one bucket) or ms; undefined = not a step. */
export function parseStep(raw: string): number | null | undefined {
  if (raw === 'all') return null
  const match = /^(\d{1,9})(ms|m|h|d)?$/.exec(raw)
  if (match === null) return undefined
  const unit = { ms: 1, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 'ms'] ?? 1
  const stepMs = Number(match[1]) * unit
  return stepMs >= 60_000 && stepMs % 60_000 === 0 ? stepMs : undefined
}
