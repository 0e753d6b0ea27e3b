import {
  isObject,
  listOf,
  objectOf,
  parseJson,
  readResource,
  readScope,
  toMicroseconds,
} from './decode-json.ts'
import { readJsonAttributes, readJsonText } from './json-values.ts'
import { DecodeError, type DecodeNotes, type JsonObject } from './otlp.ts'
import {
  explicitBuckets,
  MAX_BUCKETS,
  newExponential,
  newMetric,
  newPoint,
  type OtlpMetric,
  type OtlpMetrics,
  type OtlpPoint,
} from './otlp-metrics.ts'

/** An ExportMetricsServiceRequest in proto3 JSON; as `decodeTracesJson` in its faults and warnings. */
export function decodeMetricsJson(body: Buffer): OtlpMetrics {
  const points: OtlpPoint[] = []
  const parsed = parseJson(body)
  if (!isObject(parsed)) {
    throw new DecodeError('the JSON body must be an object with resourceMetrics')
  }
  for (const resourceMetrics of listOf(parsed, 'resourceMetrics', 'resource_metrics')) {
    const resource = readResource(objectOf(resourceMetrics, 'resource'))
    for (const scopeMetrics of listOf(resourceMetrics, 'scopeMetrics', 'scope_metrics')) {
      const group = { resource, scope: readScope(objectOf(scopeMetrics, 'scope')) }
      for (const metric of listOf(scopeMetrics, 'metrics')) {
        for (const point of readMetric(metric, group)) points.push(point)
      }
    }
  }
  return { points }
}

const KINDS = [
  { kind: 'gauge', camel: 'gauge', snake: 'gauge', read: readNumber },
  { kind: 'sum', camel: 'sum', snake: 'sum', read: readNumber },
  { kind: 'histogram', camel: 'histogram', snake: 'histogram', read: readHistogram },
  {
    kind: 'exponential',
    camel: 'exponentialHistogram',
    snake: 'exponential_histogram',
    read: readExponential,
  },
  { kind: 'summary', camel: 'summary', snake: 'summary', read: () => undefined },
] as const

function readMetric(source: JsonObject, group: OtlpMetric['group']): OtlpPoint[] {
  const metric = newMetric(group)
  metric.name = readJsonText(source['name'], metric, 'metric name')
  metric.unit = readJsonText(source['unit'], metric, 'unit')
  const found = KINDS.find(({ camel, snake }) => isObject(source[camel] ?? source[snake]))
  if (found === undefined) return []
  const data = source[found.camel] ?? source[found.snake]
  if (!isObject(data)) return []
  metric.kind = found.kind
  metric.temporality = temporalityOf(
    data['aggregationTemporality'] ?? data['aggregation_temporality'],
  )
  metric.isMonotonic = (data['isMonotonic'] ?? data['is_monotonic']) === true
  return listOf(data, 'dataPoints', 'data_points').map((item) => {
    const point = newPoint(metric)
    point.attributes = readJsonAttributes(item['attributes'], point).attributes
    point.startUs = timeOf(item['startTimeUnixNano'] ?? item['start_time_unix_nano'], point)
    point.timeUs = timeOf(item['timeUnixNano'] ?? item['time_unix_nano'], point)
    found.read(item, point)
    return point
  })
}

function temporalityOf(value: unknown): OtlpMetric['temporality'] {
  if (value === 1 || value === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta'
  return value === 2 || value === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : null
}

function timeOf(value: unknown, notes: DecodeNotes): number {
  const micros = toMicroseconds(value ?? '')
  if (micros !== null) return micros
  notes.fault ??= {
    reason: 'invalid_time',
    message: 'the time of a data point must be nanoseconds from 0 to 2^64-1',
  }
  return 0
}

function readNumber(source: JsonObject, point: OtlpPoint): void {
  point.value = numberOf(
    source['asDouble'] ?? source['as_double'] ?? source['asInt'] ?? source['as_int'],
  )
}

function readHistogram(source: JsonObject, point: OtlpPoint): void {
  point.count = numberOf(source['count']) ?? 0
  point.value = numberOf(source['sum'])
  const counts = numbersOf(source['bucketCounts'] ?? source['bucket_counts'])
  const bounds = numbersOf(source['explicitBounds'] ?? source['explicit_bounds'])
  if (counts.length > 0) point.buckets = { bounds, counts }
}

function readExponential(source: JsonObject, point: OtlpPoint): void {
  point.count = numberOf(source['count']) ?? 0
  point.value = numberOf(source['sum'])
  const own = newExponential()
  own.scale = numberOf(source['scale']) ?? 0
  own.zeroCount = numberOf(source['zeroCount'] ?? source['zero_count']) ?? 0
  own.zeroThreshold = numberOf(source['zeroThreshold'] ?? source['zero_threshold']) ?? 0
  for (const side of ['positive', 'negative'] as const) {
    const sent = source[side]
    if (!isObject(sent)) continue
    own[side].offset = numberOf(sent['offset']) ?? 0
    own[side].counts = numbersOf(sent['bucketCounts'] ?? sent['bucket_counts'])
  }
  point.buckets = explicitBuckets(own)
}

/** int64 and doubles beyond JSON come as text. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isNaN(number) && value !== 'NaN' ? null : number
}

function numbersOf(value: unknown): number[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_BUCKETS).map((item: unknown) => numberOf(item) ?? Number.NaN)
}
