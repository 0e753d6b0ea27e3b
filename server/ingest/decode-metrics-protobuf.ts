import { looksLikeJson, readResource, readScope } from './decode-protobuf.ts'
import { DecodeError } from './otlp.ts'
import {
  type Buckets,
  type Exponential,
  explicitBuckets,
  MAX_BUCKETS,
  newExponential,
  newMetric,
  newPoint,
  type OtlpMetric,
  type OtlpMetrics,
  type OtlpPoint,
} from './otlp-metrics.ts'
import { type AttributeSink, noteOverflow, readAttribute } from './protobuf-values.ts'
import {
  type Cursor,
  readDouble,
  readFixed64,
  readLength,
  readMicroseconds,
  readRepeatedText,
  readSfixed64,
  readTag,
  readVarint32,
  readVarint64,
  skipUnknown,
} from './protobuf-wire.ts'
import { cleanText } from './span-limits.ts'

type Group = OtlpMetric['group']

/** An ExportMetricsServiceRequest; as `decodeTracesProtobuf` in its faults and warnings. */
export function decodeMetricsProtobuf(body: Buffer): OtlpMetrics {
  const cursor: Cursor = { bytes: body, at: 0, isFresh: false }
  const points: OtlpPoint[] = []
  try {
    while (cursor.at < body.length) {
      const tag = readTag(cursor, body.length)
      if (tag === 0x0a) readResourceMetrics(cursor, readLength(cursor, body.length), points)
      else skipUnknown(cursor, body.length, { tag, known: 1 })
    }
  } catch (error) {
    if (error instanceof DecodeError && looksLikeJson(body)) {
      throw new DecodeError('body does not match Content-Type: it looks like JSON, not protobuf')
    }
    throw error
  }
  return { points }
}

function readResourceMetrics(cursor: Cursor, end: number, points: OtlpPoint[]): void {
  const resource: Group['resource'] = { attributes: [], warnings: null, fault: null }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) readResource(cursor, readLength(cursor, end), resource)
    else if (tag === 0x12) readScopeMetrics(cursor, readLength(cursor, end), { resource, points })
    else if (tag === 0x1a) readRepeatedText(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 3 })
  }
}

function readScopeMetrics(
  cursor: Cursor,
  end: number,
  { resource, points }: { resource: Group['resource']; points: OtlpPoint[] },
): void {
  const scope = { name: '', version: '', attributes: [], warnings: null, fault: null }
  const group: Group = { resource, scope }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x12) {
      readMetric(cursor, readLength(cursor, end), { metric: newMetric(group), points })
    } else if (tag === 0x0a) readScope(cursor, readLength(cursor, end), group.scope)
    else if (tag === 0x1a) readRepeatedText(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 3 })
  }
}

type MetricSink = { metric: OtlpMetric; points: OtlpPoint[] }
type ReadPoint = (cursor: Cursor, end: number, point: OtlpPoint) => void

/** The tag of each kind of data, and how its points are read. */
const DATA: Readonly<Record<number, { kind: OtlpMetric['kind']; read: ReadPoint }>> = {
  0x2a: { kind: 'gauge', read: readNumberPoint },
  0x3a: { kind: 'sum', read: readNumberPoint },
  0x4a: { kind: 'histogram', read: readHistogramPoint },
  0x52: { kind: 'exponential', read: readExponentialPoint },
  0x5a: {
    kind: 'summary',
    read: (cursor, end) => {
      cursor.at = end
    },
  },
}

function readMetric(cursor: Cursor, end: number, { metric, points }: MetricSink): void {
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    const data = DATA[tag]
    if (tag === 0x0a) metric.name = cleanText(readRepeatedText(cursor, end), metric, 'metric name')
    else if (tag === 0x1a) metric.unit = cleanText(readRepeatedText(cursor, end), metric, 'unit')
    else if (data !== undefined) {
      metric.kind = data.kind
      readData(cursor, readLength(cursor, end), { metric, points, read: data.read })
    } else if (tag === 0x12 || tag === 0x62) cursor.at = readLength(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 12 })
  }
}

function readData(
  cursor: Cursor,
  end: number,
  { metric, points, read }: MetricSink & { read: ReadPoint },
): void {
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) {
      const point = newPoint(metric)
      read(cursor, readLength(cursor, end), point)
      points.push(point)
    } else if (tag === 0x10) {
      const code = readVarint32(cursor, end)
      metric.temporality = code === 1 ? 'delta' : code === 2 ? 'cumulative' : null
    } else if (tag === 0x18) metric.isMonotonic = readVarint32(cursor, end) !== 0
    else skipUnknown(cursor, end, { tag, known: 3 })
  }
}

function readNumberPoint(cursor: Cursor, end: number, point: OtlpPoint): void {
  const sink: AttributeSink = { attributes: point.attributes, notes: point, overflow: 0 }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x11) point.startUs = readMicroseconds(cursor, end)
    else if (tag === 0x19) point.timeUs = readMicroseconds(cursor, end)
    else if (tag === 0x21) point.value = readDouble(cursor, end)
    else if (tag === 0x31) point.value = readSfixed64(cursor, end)
    else if (tag === 0x3a) readAttribute(cursor, readLength(cursor, end), sink)
    else if (tag === 0x2a) cursor.at = readLength(cursor, end)
    else if (tag === 0x40) readVarint32(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 8 })
  }
  noteOverflow(sink)
}

// oxlint-disable-next-line complexity -- one branch per field of the message
function readHistogramPoint(cursor: Cursor, end: number, point: OtlpPoint): void {
  const sink: AttributeSink = { attributes: point.attributes, notes: point, overflow: 0 }
  const buckets: Buckets = { bounds: [], counts: [] }
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x11) point.startUs = readMicroseconds(cursor, end)
    else if (tag === 0x19) point.timeUs = readMicroseconds(cursor, end)
    else if (tag === 0x21) point.count = readFixed64(cursor, end)
    else if (tag === 0x29) point.value = readDouble(cursor, end)
    else if (tag === 0x32 || tag === 0x31) {
      readNumbers(cursor, end, { isPacked: tag === 0x32, read: readFixed64, into: buckets.counts })
    } else if (tag === 0x3a || tag === 0x39) {
      readNumbers(cursor, end, { isPacked: tag === 0x3a, read: readDouble, into: buckets.bounds })
    } else if (tag === 0x4a) readAttribute(cursor, readLength(cursor, end), sink)
    else if (tag === 0x42) cursor.at = readLength(cursor, end)
    else if (tag === 0x50) readVarint32(cursor, end)
    else if (tag === 0x59 || tag === 0x61) readDouble(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 12 })
  }
  noteOverflow(sink)
  if (buckets.counts.length > 0) point.buckets = buckets
}

// oxlint-disable-next-line complexity -- one branch per field of the message
function readExponentialPoint(cursor: Cursor, end: number, point: OtlpPoint): void {
  const sink: AttributeSink = { attributes: point.attributes, notes: point, overflow: 0 }
  const own = newExponential()
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) readAttribute(cursor, readLength(cursor, end), sink)
    else if (tag === 0x11) point.startUs = readMicroseconds(cursor, end)
    else if (tag === 0x19) point.timeUs = readMicroseconds(cursor, end)
    else if (tag === 0x21) point.count = readFixed64(cursor, end)
    else if (tag === 0x29) point.value = readDouble(cursor, end)
    else if (tag === 0x30) own.scale = readZigzag(cursor, end)
    else if (tag === 0x39) own.zeroCount = readFixed64(cursor, end)
    else if (tag === 0x42) readSide(cursor, readLength(cursor, end), own.positive)
    else if (tag === 0x4a) readSide(cursor, readLength(cursor, end), own.negative)
    else if (tag === 0x50) readVarint32(cursor, end)
    else if (tag === 0x5a) cursor.at = readLength(cursor, end)
    else if (tag === 0x61 || tag === 0x69) readDouble(cursor, end)
    else if (tag === 0x71) own.zeroThreshold = readDouble(cursor, end)
    else skipUnknown(cursor, end, { tag, known: 14 })
  }
  noteOverflow(sink)
  point.buckets = explicitBuckets(own)
}

function readSide(cursor: Cursor, end: number, side: Exponential['positive']): void {
  while (cursor.at < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x08) side.offset = readZigzag(cursor, end)
    else if (tag === 0x12 || tag === 0x10) {
      readNumbers(cursor, end, { isPacked: tag === 0x12, read: readVarint64, into: side.counts })
    } else skipUnknown(cursor, end, { tag, known: 2 })
  }
}

type Numbers = {
  isPacked: boolean
  read: (cursor: Cursor, end: number) => number
  into: number[]
}

/** A repeated number, packed or one by one; what is beyond the limit is read over. */
function readNumbers(cursor: Cursor, end: number, { isPacked, read, into }: Numbers): void {
  const listEnd = isPacked ? readLength(cursor, end) : end
  do {
    if (isPacked && cursor.at >= listEnd) return
    const value = read(cursor, listEnd)
    if (into.length < MAX_BUCKETS) into.push(value)
  } while (isPacked)
}

function readZigzag(cursor: Cursor, end: number): number {
  const value = readVarint32(cursor, end)
  return (value >>> 1) ^ -(value & 1)
}
