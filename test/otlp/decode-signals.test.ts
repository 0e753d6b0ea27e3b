import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLogsJson } from '../../server/ingest/decode-logs-json.ts'
import { decodeLogsProtobuf } from '../../server/ingest/decode-logs-protobuf.ts'
import { decodeMetricsJson } from '../../server/ingest/decode-metrics-json.ts'
import { decodeMetricsProtobuf } from '../../server/ingest/decode-metrics-protobuf.ts'
import { DecodeError } from '../../server/ingest/otlp.ts'
import { decodeLogs, encodeLogs, type PlainLogs, recordsOf } from './logs-proto.ts'
import { decodeMetrics, encodeMetrics } from './metrics-proto.ts'

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
    bytes[0] = 1
    return Buffer.from(bytes).toString('hex')
  })
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\u0000', ''))
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const nanos = fc.bigInt({ min: 0n, max: 2n ** 53n * 1_000n }).map(String)
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)

const { anyValue, keyValue } = fc.letrec<{ anyValue: unknown; keyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: finite }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('keyValue'), { maxLength: 3 }) }) }),
  ),
  keyValue: fc.record({ key: text, value: tie('anyValue') }),
}))
const attributes = fc.array(keyValue, { maxLength: 4 })

const record = fc.record(
  {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.nat({ max: 24 }),
    severityText: text,
    body: anyValue,
    attributes,
    droppedAttributesCount: fc.nat(),
    flags: fc.nat(),
    traceId: hex(16),
    spanId: hex(8),
    eventName: text,
  },
  { requiredKeys: [] },
)
const scope = fc.record({ name: text, version: text, attributes })
const resource = fc.record({ attributes })
const logs = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource,
      scopeLogs: fc.array(
        fc.record({ scope, logRecords: fc.array(record, { maxLength: 3 }), schemaUrl: text }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
})

const point = { startTimeUnixNano: nanos, timeUnixNano: nanos, attributes, flags: fc.nat() }
const count = fc.nat().map(String)
const numberPoint = fc.oneof(
  fc.record({ ...point, asDouble: finite }),
  fc.record({ ...point, asInt: fc.integer().map(String) }),
)
const histogramPoint = fc.record({
  ...point,
  count,
  sum: finite,
  bucketCounts: fc.array(count, { maxLength: 5 }),
  explicitBounds: fc.array(finite, { maxLength: 4 }),
})
const side = fc.record({
  offset: fc.integer({ min: -40, max: 40 }),
  bucketCounts: fc.array(count, { maxLength: 5 }),
})
const exponentialPoint = fc.record({
  ...point,
  count,
  sum: finite,
  scale: fc.integer({ min: -3, max: 8 }),
  zeroCount: count,
  positive: side,
  negative: side,
})
const aggregationTemporality = fc.nat({ max: 2 })
const points = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 })
const named = { name: text, unit: text, description: text }
const metric = fc.oneof(
  fc.record({ ...named, gauge: fc.record({ dataPoints: points(numberPoint) }) }),
  fc.record({
    ...named,
    sum: fc.record({
      dataPoints: points(numberPoint),
      aggregationTemporality,
      isMonotonic: fc.boolean(),
    }),
  }),
  fc.record({
    ...named,
    histogram: fc.record({ dataPoints: points(histogramPoint), aggregationTemporality }),
  }),
  fc.record({
    ...named,
    exponentialHistogram: fc.record({
      dataPoints: points(exponentialPoint),
      aggregationTemporality,
    }),
  }),
)
const metrics = fc.record({
  resourceMetrics: fc.array(
    fc.record({
      resource,
      scopeMetrics: fc.array(
        fc.record({ scope, metrics: fc.array(metric, { maxLength: 3 }), schemaUrl: text }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
})

function json(message: unknown): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Each protobuf request of a signal that was captured. */
function captured(signal: 'logs' | 'metrics'): [string, Buffer][] {
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => new RegExp(`\\.${signal}(\\.\\d+)?\\.pb$`).test(file))
    .map((file) => [file, readFileSync(new URL(file, FIXTURES))])
}

describe('log records', () => {
  it('are the same from protobuf and from JSON of the same data', () => {
    fc.assert(
      fc.property(logs, (message) => {
        const fromJson = decodeLogsJson(json(message))
        expect(decodeLogsProtobuf(encodeLogs(message as PlainLogs))).toEqual(fromJson)
      }),
      { numRuns: 200 },
    )
  })

  it('of every captured request are as many and as timed as protobufjs says', () => {
    for (const [file, body] of captured('logs')) {
      const expected = recordsOf(decodeLogs(body)).map(({ traceId, spanId, timeUnixNano }) => ({
        traceId: traceId ?? '',
        spanId: spanId ?? '',
        timeUs: Number(BigInt(timeUnixNano ?? '0') / 1_000n),
      }))
      const actual = decodeLogsProtobuf(body).records.map(({ traceId, spanId, timeUs }) => {
        return { traceId, spanId, timeUs }
      })
      expect([file, actual]).toEqual([file, expected])
    }
  })

  it('of damaged bytes are refused as a whole or read, never anything else', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.nat({ max: 255 }), (message, at, byte) => {
        const body = encodeLogs(message as PlainLogs)
        if (body.length > 0) body[at % body.length] = byte
        decodedOrRefused(() => decodeLogsProtobuf(body))
      }),
      { numRuns: 500 },
    )
  })
})

describe('data points', () => {
  it('are the same from protobuf and from JSON of the same data', () => {
    fc.assert(
      fc.property(metrics, (message) => {
        const fromJson = decodeMetricsJson(json(message))
        expect(decodeMetricsProtobuf(encodeMetrics(message))).toEqual(fromJson)
      }),
      { numRuns: 200 },
    )
  })

  it('of every captured request are what JSON of it says', () => {
    for (const [file, body] of captured('metrics')) {
      const fromJson = decodeMetricsJson(json(decodeMetrics(body)))
      expect([file, decodeMetricsProtobuf(body)]).toEqual([file, fromJson])
    }
  })

  it('of damaged bytes are refused as a whole or read, never anything else', () => {
    fc.assert(
      fc.property(metrics, fc.nat(), fc.nat({ max: 255 }), (message, at, byte) => {
        const body = encodeMetrics(message)
        if (body.length > 0) body[at % body.length] = byte
        decodedOrRefused(() => decodeMetricsProtobuf(body))
      }),
      { numRuns: 500 },
    )
  })
})

function decodedOrRefused(decode: () => unknown): void {
  try {
    decode()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

it('says what a body is that was announced as another', () => {
  expect(() => decodeLogsProtobuf(Buffer.from('{"resourceLogs":[]}'))).toThrow('looks like JSON')
  expect(() => decodeMetricsJson(Buffer.from('[]'))).toThrow('must be an object')
})
