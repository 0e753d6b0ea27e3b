import type { PointBuckets, SeriesKind, SeriesPoint } from '../otel-metrics/store-points.ts'
import { toText } from './attribute-text.ts'
import { hashOf } from './log-events.ts'
import type { Attribute } from './otlp.ts'
import type { OtlpMetric, OtlpPoint } from './otlp-metrics.ts'

const MAX_ATTRIBUTES = 32
const MAX_TEXT = 256

/** The point as it is kept, or why it is not. */
export function toSeriesPoint(sent: OtlpPoint): SeriesPoint | string {
  const { metric } = sent
  const kind = kindOf(metric)
  if (kind === null) return `a ${metric.kind ?? 'metric without data'} is not kept`
  const isCumulative = metric.kind !== 'gauge' && metric.temporality !== 'delta' && kind !== 'gauge'
  const point = {
    ...seriesOf(sent, kind),
    atUs: sent.timeUs,
    startUs: kind === 'gauge' ? 0 : sent.startUs,
    isCumulative,
  }
  if (kind !== 'histogram') {
    const { value } = sent
    if (value === null || !Number.isFinite(value)) return 'a point without a number'
    return { ...point, value, count: null, buckets: null }
  }
  const buckets = cleanBuckets(sent.buckets)
  const sum = sent.value !== null && Number.isFinite(sent.value) ? sent.value : null
  return { ...point, value: sum, count: sent.count, buckets }
}

/** A sum that may fall is a level, unless it is sent as changes. */
function kindOf({ kind, isMonotonic, temporality }: OtlpMetric): SeriesKind | null {
  if (kind === 'gauge') return 'gauge'
  if (kind === 'sum') return isMonotonic || temporality === 'delta' ? 'sum' : 'gauge'
  return kind === 'histogram' || kind === 'exponential' ? 'histogram' : null
}

/** All that tells one sender's series from another's; shown are the point's own attributes. */
function seriesOf(
  { metric, attributes }: OtlpPoint,
  kind: SeriesKind,
): Pick<SeriesPoint, 'seriesId' | 'name' | 'unit' | 'kind' | 'attributes'> {
  const name = metric.name.slice(0, MAX_TEXT).toWellFormed()
  const unit = metric.unit.slice(0, 64).toWellFormed()
  const own = textsOf(attributes)
  const resource = textsOf(metric.group.resource.attributes)
  const service = resource['service.name']
  const shown = service === undefined ? own : { 'service.name': service, ...own }
  const identity = [name, unit, kind, sortedText(own), sortedText(resource)]
  return { seriesId: hashOf(...identity), name, unit, kind, attributes: shown }
}

function textsOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(
    attributes.slice(0, MAX_ATTRIBUTES).flatMap(({ key, value }) => {
      const text = toText(value)
      return text === undefined ? [] : [[key, text.slice(0, MAX_TEXT).toWellFormed()]]
    }),
  )
}

function sortedText(texts: Record<string, string>): string {
  return JSON.stringify(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Counts without sense are none at all: the sum and the number of values stay. */
function cleanBuckets(buckets: OtlpPoint['buckets']): PointBuckets | null {
  if (buckets === null) return null
  const { bounds, counts } = buckets
  const isWhole =
    counts.length === bounds.length + 1 &&
    bounds.every((bound, at) => Number.isFinite(bound) && bound > (bounds[at - 1] ?? -Infinity)) &&
    counts.every((count) => Number.isFinite(count) && count >= 0)
  return isWhole ? { bounds, counts } : null
}
