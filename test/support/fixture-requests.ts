import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { cutChunk, joinChunk } from '../../server/ingest/chunk.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'

export type OtlpRequest = { contentType: string; body: Buffer; traceIds: string[] }

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)
const DAY_NS = 86_400_000_000_000n

/** A captured trace request, moved by whole days to today. */
export function readTraceRequest(source: string, file: string, nowMs: number): OtlpRequest {
  const sent = readFileSync(new URL(`${source}/${file}`, FIXTURES))
  const body = file.endsWith('.gz') ? gunzipSync(sent) : sent
  return /\.json(\.gz)?$/.test(file)
    ? toRequest('json', shiftJson(body, nowMs))
    : toRequest('protobuf', shiftProtobuf(body, nowMs))
}

/** The same spans, each in a request of its own, in their order. */
export function splitRequest({ contentType, body }: OtlpRequest): OtlpRequest[] {
  const format = contentType.endsWith('json') ? 'json' : 'protobuf'
  const traces = format === 'json' ? decodeTracesJson(body) : decodeTracesProtobuf(body)
  return traces.spans.map((_, index) => {
    const cut = joinChunk(format, [cutChunk(body, traces, [index])])
    return toRequest(format, format === 'json' ? firstOf(cut) : cut)
  })
}

function toRequest(format: 'json' | 'protobuf', body: Buffer): OtlpRequest {
  const { spans } = format === 'json' ? decodeTracesJson(body) : decodeTracesProtobuf(body)
  const traceIds = [...new Set(spans.map(({ traceId }) => traceId))]
  const contentType = format === 'json' ? 'application/json' : 'application/x-protobuf'
  return { contentType, body, traceIds }
}

/** A chunk of JSON is an array of request bodies. */
function firstOf(chunk: Buffer): Buffer {
  const [only] = JSON.parse(chunk.toString()) as unknown[]
  return Buffer.from(JSON.stringify(only))
}

/** Moves every 8 bytes that hold one of the payload's own times; these keep their length. */
function shiftProtobuf(body: Buffer, nowMs: number): Buffer {
  const { spans } = decodeTracesProtobuf(body)
  const timesUs = new Set(
    spans.flatMap(({ startUs, endUs, events }) => [
      startUs,
      endUs,
      ...events.map(({ timeUs }) => timeUs),
    ]),
  )
  const moved = Buffer.from(body)
  for (let at = 0; at + 8 <= body.length; at += 1) {
    const timeNs = body.readBigUInt64LE(at)
    if (timeNs > 0n && timesUs.has(Number(timeNs / 1_000n))) {
      moved.writeBigUInt64LE(moveToToday(timeNs, nowMs), at)
      at += 7
    }
  }
  return moved
}

function moveToToday(timeNs: bigint, nowMs: number): bigint {
  return timeNs + ((BigInt(Math.round(nowMs)) * 1_000_000n - timeNs) / DAY_NS) * DAY_NS
}

/** Numbers beyond 2^53 lose nothing as long as they are text. */
function shiftJson(body: Buffer, nowMs: number): Buffer {
  const time = /("(?:startT|endT|t)imeUnixNano":\s*"?)(\d{19})/g
  const moved = body
    .toString()
    .replaceAll(time, (_, key: string, ns: string) => `${key}${moveToToday(BigInt(ns), nowMs)}`)
  return Buffer.from(moved)
}
