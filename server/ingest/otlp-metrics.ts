import type { Attribute, DecodeNotes, OtlpResource, OtlpScope } from './otlp.ts'

/** OTLP metrics as both decoders answer them. Points of one Metric share one object. */
export type OtlpMetric = DecodeNotes & {
  group: { resource: OtlpResource; scope: OtlpScope }
  name: string
  unit: string
  kind: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary' | null
  temporality: 'delta' | 'cumulative' | null
  isMonotonic: boolean
}

/** Finite upper bounds in rising order, and one count more than bounds: the last is above all. */
export type Buckets = { bounds: number[]; counts: number[] }

export type OtlpPoint = DecodeNotes & {
  metric: OtlpMetric
  attributes: Attribute[]
  startUs: number
  timeUs: number
  /** The number of a gauge or sum, the sum of a histogram; null where none was sent. */
  value: number | null
  /** Values in a histogram. */
  count: number
  buckets: Buckets | null
}

/** In payload order; points of every kind, so that each one can be counted. */
export type OtlpMetrics = { points: OtlpPoint[] }

export function newMetric(group: OtlpMetric['group']): OtlpMetric {
  return {
    group,
    name: '',
    unit: '',
    kind: null,
    temporality: null,
    isMonotonic: false,
    warnings: null,
    fault: null,
  }
}

export function newPoint(metric: OtlpMetric): OtlpPoint {
  return {
    metric,
    attributes: [],
    startUs: 0,
    timeUs: 0,
    value: null,
    count: 0,
    buckets: null,
    warnings: null,
    fault: null,
  }
}

/** More buckets than any sender has, and no point of more bytes than a span. */
export const MAX_BUCKETS = 2_048

/** An exponential histogram's fields before they are buckets like any other's. */
export type Exponential = {
  scale: number
  zeroCount: number
  zeroThreshold: number
  positive: { offset: number; counts: number[] }
  negative: { offset: number; counts: number[] }
}

export function newExponential(): Exponential {
  return {
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
  }
}

/** Bucket i of scale s holds values up to 2^((offset+i+1)/2^s). */
export function explicitBuckets(from: Exponential): Buckets {
  const { scale, zeroCount, zeroThreshold, positive, negative } = from
  const boundAt = (index: number): number => 2 ** (index * 2 ** -scale)
  const bounds: number[] = []
  const counts: number[] = []
  const add = (bound: number, count: number): void => {
    if (!Number.isFinite(bound)) return
    bounds.push(bound)
    counts.push(count)
  }
  for (let at = negative.counts.length - 1; at >= 0; at -= 1) {
    add(-boundAt(negative.offset + at), negative.counts[at] ?? 0)
  }
  // What lies between zero and the first bucket is what counts as zero, and nothing else.
  add(zeroThreshold, zeroCount)
  if (positive.counts.length > 0) {
    const first = boundAt(positive.offset)
    if (first > zeroThreshold) add(first, 0)
  }
  for (const [at, count] of positive.counts.entries()) {
    add(boundAt(positive.offset + at + 1), count)
  }
  return { bounds, counts: [...counts, 0] }
}
