import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { decodeLogsJson } from '../../server/ingest/decode-logs-json.ts'
import { decodeLogsProtobuf } from '../../server/ingest/decode-logs-protobuf.ts'
import { decodeMetricsJson } from '../../server/ingest/decode-metrics-json.ts'
import { decodeMetricsProtobuf } from '../../server/ingest/decode-metrics-protobuf.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import { DecodeError, type OtlpTraces } from '../../server/ingest/otlp.ts'
import { randomStream, type Random } from '../simulator/random.ts'
import { encodeLogs } from './logs-proto.ts'
import { encodeMetrics } from './metrics-proto.ts'
import { mutateBytes, mutateJson } from './mutate-bytes.ts'
import { toProto3Json, traceRequest } from './trace-arbitrary.ts'
import { encodeRequest } from './trace-proto.ts'

export type FuzzReport = {
  bodies: number
  /** Read as a whole, and refused with a DecodeError. */
  read: number
  refused: number
  spans: number
  faulty: number
  records: number
  points: number
}

type Seed = { json: string; protobuf: Buffer }

const FIXTURES = join(import.meta.dirname, '../fixtures/otlp')
const MAX_SEED_BYTES = 24_000
const GENERATED = 150

/**
 * Runs damaged bodies through the decoders of all signals, and spans on through normalise. Whatever
 * is thrown but a DecodeError is thrown on, with the body that did it.
 */
export function fuzzDecoders(bodies: number, seed: number): FuzzReport {
  const random = randomStream(seed, 'fuzz')
  const seeds = readSeeds(seed)
  const report = { bodies, read: 0, refused: 0, spans: 0, faulty: 0, records: 0, points: 0 }
  for (let at = 0; at < bodies; at++) {
    const body = nextBody(random.pick(seeds), random)
    try {
      readBody(body, report)
      report.read += 1
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw new Error(`body ${at} of seed ${seed}: ${body.bytes.toString('base64')}`, {
          cause: error,
        })
      }
      report.refused += 1
    }
  }
  return report
}

type Body = { bytes: Buffer; format: 'json' | 'protobuf'; signal: keyof typeof SIGNALS }

const SIGNALS = {
  resourceSpans: 'traces',
  resourceLogs: 'logs',
  resourceMetrics: 'metrics',
} as const

function nextBody({ json, protobuf }: Seed, random: Random): Body {
  const kind = random.integer(3)
  // Of a wrong signal too: all three begin alike.
  const signal = random.integer(20) === 0 ? random.pick(NAMES) : signalOf(json)
  if (kind === 0) return { bytes: mutateBytes(protobuf, random), format: 'protobuf', signal }
  const bytes =
    kind === 1 ? mutateBytes(Buffer.from(json), random) : Buffer.from(mutateJson(json, random))
  return { bytes, format: 'json', signal }
}

const NAMES = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]

function signalOf(json: string): keyof typeof SIGNALS {
  return NAMES.find((name) => json.startsWith(`{"${name}"`)) ?? 'resourceSpans'
}

function readBody({ bytes, format, signal }: Body, report: FuzzReport): void {
  const isJson = format === 'json'
  if (signal === 'resourceLogs') {
    const { records } = isJson ? decodeLogsJson(bytes) : decodeLogsProtobuf(bytes)
    report.records += records.length
  } else if (signal === 'resourceMetrics') {
    const { points } = isJson ? decodeMetricsJson(bytes) : decodeMetricsProtobuf(bytes)
    report.points += points.length
  } else countSpans(isJson ? decodeTracesJson(bytes) : decodeTracesProtobuf(bytes), report)
}

function countSpans(traces: OtlpTraces, report: FuzzReport): void {
  const { records, rejected } = normaliseTraces(traces, { nowUs: 1_790_000_000_000_000 })
  if (records.length + rejected.length !== traces.spans.length) {
    throw new Error(`${traces.spans.length} spans became ${records.length} + ${rejected.length}`)
  }
  report.spans += records.length
  report.faulty += rejected.length
}

/** Captured requests of all signals, and generated ones. */
function readSeeds(seed: number): Seed[] {
  const captured = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'))
    .toSorted()
    .flatMap((name) => requestsIn(JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'))))
    .map((request) => JSON.stringify(request))
    .filter((json) => json.length <= MAX_SEED_BYTES)
    .map((json): Seed => ({ json, protobuf: encode(json) }))
  const generated = fc.sample(traceRequest, { numRuns: GENERATED, seed }).map((message): Seed => {
    return { json: JSON.stringify(toProto3Json(message)), protobuf: encodeRequest(message) }
  })
  return [...captured, ...generated]
}

function requestsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(requestsIn)
  if (typeof value !== 'object' || value === null) return []
  if (NAMES.some((name) => name in value)) return [value]
  return Object.values(value).flatMap(requestsIn)
}

const ENCODERS = {
  resourceSpans: encodeRequest,
  resourceLogs: encodeLogs,
  resourceMetrics: encodeMetrics,
} as const

function encode(json: string): Buffer {
  const message = JSON.parse(json, (key, value: unknown) =>
    /^(traceId|spanId|parentSpanId)$/.test(key) && typeof value === 'string'
      ? Buffer.from(value, 'hex').toString('base64')
      : value,
  ) as never
  return ENCODERS[signalOf(json)](message)
}

if (process.argv[1] === import.meta.filename) {
  const [bodies = '1000000', seed = '1'] = process.argv.slice(2)
  const startedAt = performance.now()
  const report = fuzzDecoders(Number(bodies), Number(seed))
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  process.stdout.write(`${JSON.stringify({ ...report, seed: Number(seed), seconds })}\n`)
}
