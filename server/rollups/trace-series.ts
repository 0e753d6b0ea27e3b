import { TRACE_GROUP_FIELDS, TRACE_METRICS, isSumMetric } from '../contract/index.ts'
import type {
  GroupField,
  MetricName,
  MetricSeries,
  TraceGroupField,
  TraceMetric,
} from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import type { TraceBucket, TraceNeed } from './read-trace-buckets.ts'
import { tupleKey } from './series.ts'

type TraceFormula = {
  need: TraceNeed | null
  value(bucket: TraceBucket): number | null
  /** The traces it rests on. */
  n(bucket: TraceBucket): number
}

const NANO = 1e9
const US_PER_MS = 1_000

const TRACE_FORMULAS: Record<TraceMetric, TraceFormula> = {
  requests: countOf((bucket) => bucket.traces),
  errors: countOf((bucket) => bucket.errors),
  error_rate: countOf((bucket) => ratio(bucket.errors, bucket.traces)),
  tokens_input: totalOf((bucket) => bucket.inputTokens),
  tokens_output: totalOf((bucket) => bucket.outputTokens),
  tokens_cache_read: totalOf((bucket) => bucket.cacheReadTokens),
  tokens_cache_write: totalOf((bucket) => bucket.cacheWriteTokens),
  tokens_reasoning: totalOf((bucket) => bucket.reasoningTokens),
  tokens_total: totalOf((bucket) => bucket.inputTokens + bucket.outputTokens),
  cost: {
    need: 'totals',
    value: (bucket) => bucket.costNanoUsd / NANO,
    n: (bucket) => bucket.pricedTraces,
  },
  cost_per_request: {
    need: 'totals',
    value: (bucket) => ratio(bucket.costNanoUsd / NANO, bucket.pricedTraces),
    n: (bucket) => bucket.pricedTraces,
  },
  latency_avg: latencyOf((bucket) => bucket.latencyAvgUs),
  latency_p50: latencyOf((bucket) => bucket.latencyUs?.[0]),
  latency_p90: latencyOf((bucket) => bucket.latencyUs?.[1]),
  latency_p95: latencyOf((bucket) => bucket.latencyUs?.[2]),
  latency_p99: latencyOf((bucket) => bucket.latencyUs?.[3]),
  ttft_p50: ttftOf(0),
  ttft_p95: ttftOf(1),
  ttft_p99: ttftOf(2),
}

/** The metric as one of traces; throws InvalidValueError where it is known of calls only. */
export function traceMetricOf(metric: MetricName): TraceMetric {
  const known = TRACE_METRICS.find((name) => name === metric)
  if (known !== undefined) return known
  throw new InvalidValueError(
    `'${metric}' is not known of whole traces; with scope=trace use ${TRACE_METRICS.join(' ')}`,
    'metric',
  )
}

export function traceGroupsOf(groupBy: readonly GroupField[]): TraceGroupField[] {
  return groupBy.map((field) => {
    const known = TRACE_GROUP_FIELDS.find((name) => name === field)
    if (known !== undefined) return known
    throw new InvalidValueError(
      `traces cannot be grouped by '${field}'; with scope=trace use ${TRACE_GROUP_FIELDS.join(' ')}`,
      'groupBy',
    )
  })
}

export function traceNeedOf(metric: TraceMetric): TraceNeed | null {
  return TRACE_FORMULAS[metric].need
}

export type TraceSeriesPlan = {
  metric: TraceMetric
  groupBy: readonly TraceGroupField[]
  fromMs: number
  toMs: number
  stepMs: number
  isPartial(endMs: number): boolean
}

/** One series per group out of buckets in order of time. */
export function traceSeries(
  plan: TraceSeriesPlan,
  buckets: readonly TraceBucket[],
): MetricSeries[] {
  const formula = TRACE_FORMULAS[plan.metric]
  const seriesByKey = new Map<string, MetricSeries>()
  for (const bucket of buckets) {
    const n = formula.n(bucket)
    if (n === 0 && !isSumMetric(plan.metric)) continue
    const key = tupleKey(bucket.labels)
    const series = seriesByKey.get(key) ?? { group: groupOf(plan.groupBy, bucket), points: [] }
    seriesByKey.set(key, series)
    const t = plan.fromMs + bucket.bucket * plan.stepMs
    const partial = plan.isPartial(Math.min(t + plan.stepMs, plan.toMs))
    series.points.push({ t, value: formula.value(bucket), n, partial })
  }
  return [...seriesByKey.values()]
}

function groupOf(groupBy: readonly TraceGroupField[], bucket: TraceBucket): MetricSeries['group'] {
  return Object.fromEntries(groupBy.map((field, i) => [field, bucket.labels[i] ?? null]))
}

function countOf(value: TraceFormula['value']): TraceFormula {
  return { need: null, value, n: (bucket) => bucket.traces }
}

function totalOf(value: TraceFormula['value']): TraceFormula {
  return { need: 'totals', value, n: (bucket) => bucket.traces }
}

function latencyOf(valueUs: (bucket: TraceBucket) => number | null | undefined): TraceFormula {
  return { need: 'latency', value: (bucket) => toMs(valueUs(bucket)), n: (b) => b.timedTraces }
}

function ttftOf(index: number): TraceFormula {
  return { need: 'ttft', value: (b) => toMs(b.ttftUs?.[index]), n: (b) => b.firstTokens }
}

function toMs(us: number | null | undefined): number | null {
  return us === null || us === undefined ? null : us / US_PER_MS
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
