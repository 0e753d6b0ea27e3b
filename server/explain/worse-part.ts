import type { FilterTerm, MetricName, MetricScope } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import type { Unit } from './sample.ts'

/** What a metric looks at, in the words of filters. */
export type WorseKind = 'latency' | 'ttft' | 'errors' | 'cost' | 'tokens' | 'requests'

/** The part of a range that is worse, said as a filter term, in words, and as a test. */
export type WorsePart = {
  words: string
  terms: FilterTerm[]
  holds(unit: Unit): boolean
}

const KINDS: Partial<Record<MetricName, WorseKind>> = {
  requests: 'requests',
  errors: 'errors',
  error_rate: 'errors',
  cost: 'cost',
  cost_per_request: 'cost',
  tokens_input: 'tokens',
  tokens_output: 'tokens',
  tokens_cache_read: 'tokens',
  tokens_cache_write: 'tokens',
  tokens_reasoning: 'tokens',
  tokens_total: 'tokens',
  latency_avg: 'latency',
  latency_p50: 'latency',
  latency_p90: 'latency',
  latency_p95: 'latency',
  latency_p99: 'latency',
  ttft_p50: 'ttft',
  ttft_p95: 'ttft',
  ttft_p99: 'ttft',
}

export function worseKindOf(metric: MetricName): WorseKind {
  const kind = KINDS[metric]
  if (kind !== undefined) return kind
  throw new InvalidValueError(
    `no single call makes '${metric}' worse; use one of ${Object.keys(KINDS).join(' ')}`,
    'metric',
  )
}

type Measured = 'latency' | 'ttft' | 'cost' | 'tokens'
type Measure = {
  unit: string
  words: string
  /** In microseconds, nano-USD or tokens: filters compare these with their limit × `scale`. */
  raw: (unit: Unit) => number | null
  scale: number
}
const MEASURES: Record<Measured, Measure> = {
  latency: {
    unit: 'ms',
    words: 'that took longer than',
    raw: (unit) => unit.durationUs,
    scale: 1_000,
  },
  ttft: { unit: 'ms', words: 'whose first token took longer than', raw: slowestTtft, scale: 1_000 },
  cost: { unit: 'USD', words: 'that cost more than', raw: (unit) => unit.costNanoUsd, scale: 1e9 },
  tokens: { unit: 'tokens', words: 'of more than', raw: (unit) => unit.tokens, scale: 1 },
}

/**
 * What is worse than nearly all of the baseline: the failed ones, or those beyond its p95. Where
 * nothing is, the range's own last tenth, which is then no worse than before.
 */
export function worsePartOf(
  kind: WorseKind,
  scope: MetricScope,
  { range, baseline }: { range: readonly Unit[]; baseline: readonly Unit[] },
): WorsePart {
  const noun = scope === 'trace' ? 'traces' : 'calls'
  if (kind === 'requests') {
    return { words: `all ${noun} of the range`, terms: [], holds: () => true }
  }
  if (kind === 'errors') {
    return {
      words: scope === 'trace' ? 'traces in which a step failed' : 'calls that failed',
      terms: [{ field: 'status', op: 'eq', value: 'error' }],
      holds: (unit) => unit.spans.some((span) => span.isError),
    }
  }
  const measure = MEASURES[kind]
  const { limit, why } = limitOf(measure, range, baseline)
  return {
    words: `${noun} ${measure.words} ${formatLimit(limit)} ${measure.unit}, ${why}`,
    terms: [{ field: kind, op: 'gt', value: String(limit) }],
    holds: (one) => isBeyond(measure, one, limit),
  }
}

function limitOf(
  measure: Measure,
  range: readonly Unit[],
  baseline: readonly Unit[],
): { limit: number; why: string } {
  const usual = quantile(valuesOf(measure, baseline), 0.95)
  if (usual !== null) {
    const limit = roundAt3(usual, Math.ceil)
    if (range.some((unit) => isBeyond(measure, unit, limit))) {
      return { limit, why: 'the p95 of the baseline' }
    }
  }
  const limit = roundAt3(quantile(valuesOf(measure, range), 0.9) ?? 0, Math.floor)
  const reason = usual === null ? 'the baseline has none' : 'none exceeds the p95 of the baseline'
  return { limit, why: `the p90 of the range itself, as ${reason}` }
}

function isBeyond({ raw, scale }: Measure, unit: Unit, limit: number): boolean {
  return (raw(unit) ?? -Infinity) > limit * scale
}

function valuesOf({ raw, scale }: Measure, units: readonly Unit[]): number[] {
  return units
    .flatMap((unit) => raw(unit) ?? [])
    .map((value) => value / scale)
    .toSorted((a, b) => a - b)
}

function quantile(sorted: readonly number[], q: number): number | null {
  if (sorted.length === 0) return null
  const position = q * (sorted.length - 1)
  const low = sorted[Math.floor(position)] ?? 0
  const high = sorted[Math.ceil(position)] ?? low
  return low + (high - low) * (position - Math.floor(position))
}

/** Three digits are enough for a limit that people read. */
function roundAt3(value: number, round: (value: number) => number): number {
  if (!(value > 0)) return 0
  const grain = 10 ** (Math.floor(Math.log10(value)) - 2)
  return Number((round(value / grain) * grain).toPrecision(6))
}

function formatLimit(limit: number): string {
  return limit.toLocaleString('en-US', { maximumSignificantDigits: 6 })
}

function slowestTtft(unit: Unit): number | null {
  const slowest = Math.max(...unit.spans.map((span) => span.ttftUs ?? -Infinity))
  return Number.isFinite(slowest) ? slowest : null
}
