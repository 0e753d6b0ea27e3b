import { isObject, readJsonRequest } from './decode-json.ts'
import { decodeTracesProtobuf } from './decode-protobuf.ts'
import {
  type ByteRange,
  DecodeError,
  type GroupSource,
  type JsonObject,
  type OtlpGroup,
  type OtlpSpan,
  type OtlpTraces,
} from './otlp.ts'

// A chunk is verbatim OTLP: protobuf request bodies one after the other (repeated fields
// concatenate, so that is one valid request), or a JSON array of request bodies. A span's index in
// the chunk is its place in the flat list that `readChunk` answers.

export type ChunkFormat = OtlpTraces['format']

/**
 * The request body that holds just the spans `indexes` (ascending), in that order; the body itself
 * where that is all of them.
 */
export function cutChunk(body: Buffer, traces: OtlpTraces, indexes: readonly number[]): Buffer {
  if (indexes.length === traces.spans.length) return body
  return traces.format === 'protobuf'
    ? cutProtobuf(body, traces, indexes)
    : cutJson(traces, indexes)
}

/** Several bodies of one format as one chunk. */
export function joinChunk(format: ChunkFormat, bodies: readonly Buffer[]): Buffer {
  if (format === 'protobuf') {
    const [only] = bodies
    return bodies.length === 1 && only !== undefined ? only : Buffer.concat(bodies)
  }
  const parts: Buffer[] = [Buffer.from('[')]
  for (const [index, body] of bodies.entries()) {
    if (index > 0) parts.push(Buffer.from(','))
    parts.push(body)
  }
  parts.push(Buffer.from(']'))
  return Buffer.concat(parts)
}

/** The spans of a chunk, in the order their indexes count. */
export function readChunk(format: ChunkFormat, data: Buffer): OtlpTraces {
  if (format === 'protobuf') return decodeTracesProtobuf(data)
  const requests = JSON.parse(data.toString('utf8')) as unknown
  if (!Array.isArray(requests) || !requests.every(isObject)) {
    throw new DecodeError('a JSON chunk must be an array of request bodies')
  }
  const spans: OtlpSpan[] = []
  for (const request of requests as JsonObject[]) readJsonRequest(request, spans)
  return { format, spans }
}

type Run = { group: OtlpGroup; spans: OtlpSpan[] }

/** Consecutive spans of the same resource and scope. */
function runsOf(traces: OtlpTraces, indexes: readonly number[]): Run[] {
  const runs: Run[] = []
  for (const index of indexes) {
    const span = traces.spans[index]
    if (span === undefined) {
      throw new RangeError(`span ${index} of ${traces.spans.length} cannot be cut out`)
    }
    const last = runs.at(-1)
    if (last?.group === span.group) last.spans.push(span)
    else runs.push({ group: span.group, spans: [span] })
  }
  return runs
}

export function cutProtobuf(body: Buffer, traces: OtlpTraces, indexes: readonly number[]): Buffer {
  const parts = runsOf(traces, indexes).map((run) => resourceSpansBytes(body, run))
  return Buffer.concat(parts)
}

function resourceSpansBytes(body: Buffer, { group, spans }: Run): Buffer {
  const source = protobufSource(group.source)
  const scopeSpans = Buffer.concat([
    ...(source.scope === null ? [] : field(1, slice(body, source.scope))),
    ...spans.flatMap((span) => field(2, slice(body, span.source as ByteRange))),
    ...textField(3, source.scopeSchemaUrl),
  ])
  const resourceSpans = Buffer.concat([
    ...(source.resource === null ? [] : field(1, slice(body, source.resource))),
    ...field(2, scopeSpans),
    ...textField(3, source.resourceSchemaUrl),
  ])
  return Buffer.concat(field(1, resourceSpans))
}

function protobufSource(source: GroupSource): Extract<GroupSource, { format: 'protobuf' }> {
  if (source.format === 'protobuf') return source
  throw new TypeError('a span decoded from JSON has no protobuf bytes')
}

function slice(body: Buffer, range: ByteRange): Buffer {
  return body.subarray(range.start, range.end)
}

function field(number: number, bytes: Buffer): Buffer[] {
  const head = [(number << 3) | 2]
  let length = bytes.length
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80)
    length >>>= 7
  }
  head.push(length)
  return [Buffer.from(head), bytes]
}

function textField(number: number, text: string): Buffer[] {
  return text === '' ? [] : field(number, Buffer.from(text, 'utf8'))
}

export function cutJson(traces: OtlpTraces, indexes: readonly number[]): Buffer {
  const resourceSpans = runsOf(traces, indexes).map(({ group, spans }) => {
    const { source } = group
    if (source.format !== 'json') throw new TypeError('a span decoded from protobuf has no JSON')
    const scopeSpans = { ...source.scopeSpans, spans: spans.map((span) => span.source) }
    const { scope_spans: _, ...rest } = source.resourceSpans
    return { ...rest, scopeSpans: [scopeSpans] }
  })
  return Buffer.from(JSON.stringify({ resourceSpans }))
}
