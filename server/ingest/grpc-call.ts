import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { AppError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { parseProject } from '../platform/query-params.ts'
import type { ByteLease } from './byte-budget.ts'
import type { ExportSignal, ExportSignals } from './export-signals.ts'
import { refusalTrailers } from './grpc-status.ts'
import { noteRefusal } from './note-refusal.ts'
import { DecodeError } from './otlp.ts'
import { encodeExportAnswer, type Refusal, type Signal } from './otlp-answer.ts'
import type { Pipeline } from './pipeline.ts'
import {
  AbortedError,
  inflate,
  MAX_BODY_BYTES,
  parseEncoding,
  TooLargeError,
  type ContentEncoding,
} from './read-body.ts'
import { toRefusal } from './refuse-request.ts'

export type GrpcCalls = { pipeline: Pipeline; signals: ExportSignals; log: Log }

const METHODS = new Map<string, Signal>([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
])
const RESPONSE_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,gzip',
}
/** One byte says whether the message is compressed, four bytes its length. */
const PREFIX_BYTES = 5
/** For the whole message, as `requestTimeout` is over HTTP. */
const RECEIVE_LIMIT_MS = 30_000
const DISCARD_LIMIT_MS = 1_000

/** Answers one call of an Export method: one message in, one out. */
export async function answerGrpcCall(
  calls: GrpcCalls,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  // What breaks on the stream ends the loop that reads it.
  stream.on('error', () => undefined)
  if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
    stream.respond({ ':status': 415 }, { endStream: true })
    discardRest(stream)
    return
  }
  const signal = METHODS.get(String(headers[':path']))
  try {
    const exportSignal = findMethod(calls.signals, headers[':path'])
    const answer = await exportMessage(calls.pipeline, exportSignal, { stream, headers })
    respond(stream, answer)
  } catch (error) {
    if (signal !== undefined) {
      const request = { query: {}, get: (name: string) => one(headers[name]) }
      noteRefusal(calls.pipeline, request, { signal, error })
    }
    if (error instanceof AbortedError) stream.close(constants.NGHTTP2_CANCEL)
    else refuse(stream, toRefusal(error, calls.log))
  }
}

function findMethod(signals: ExportSignals, path: unknown): ExportSignal {
  const signal = METHODS.get(String(path))
  const exportSignal = signal === undefined ? undefined : signals[signal]
  if (exportSignal === undefined) {
    const message = `method not supported: ${String(path).slice(0, 100)}; this version takes ${Object.keys(signals).join(', ')}`
    throw new AppError(message, { status: 404, code: 'not_found' })
  }
  return exportSignal
}

type Call = { stream: ServerHttp2Stream; headers: IncomingHttpHeaders }

async function exportMessage(
  pipeline: Pipeline,
  exportSignal: ExportSignal,
  { stream, headers }: Call,
): Promise<Buffer> {
  const projectId = parseProject({ query: {}, get: (name) => one(headers[name]) })
  const sent = parseEncoding(one(headers['grpc-encoding']))
  if (sent === undefined) {
    const message = 'grpc-encoding: use gzip or identity'
    throw new AppError(message, { status: 415, code: 'unsupported_encoding' })
  }
  using lease = pipeline.leaseBytes()
  const frame = await readFrame(stream, lease)
  const encoding = encodingOf(frame, sent)
  const bytes = frame.subarray(PREFIX_BYTES)
  const body = await inflate(bytes, { encoding, lease })
  const wire = { encoding, bytes }
  // Awaited here: the lease ends with this function.
  return encodeExportAnswer(await exportSignal({ projectId, format: 'protobuf', body, wire }))
}

/** The one message of a unary call with its prefix. An announced length over the limit ends it. */
async function readFrame(stream: ServerHttp2Stream, lease: ByteLease): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  let announced: number | undefined
  const tooSlow = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), RECEIVE_LIMIT_MS)
  try {
    const received: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
    for await (const part of received) {
      lease.take(part.length)
      parts.push(part)
      length += part.length
      announced ??= announcedLength(parts, length)
      if (announced !== undefined && length > announced + PREFIX_BYTES) {
        throw new DecodeError(`invalid gRPC message at byte ${announced + PREFIX_BYTES}: one only`)
      }
    }
  } catch (error) {
    if (error instanceof AppError || error instanceof DecodeError) throw error
    throw new AbortedError()
  } finally {
    clearTimeout(tooSlow)
  }
  if (stream.aborted) throw new AbortedError()
  if (announced === undefined || length !== announced + PREFIX_BYTES) {
    throw new DecodeError(`invalid gRPC message at byte ${length}: it ends too early`)
  }
  return Buffer.concat(parts, length)
}

function announcedLength(parts: Buffer[], length: number): number | undefined {
  if (length < PREFIX_BYTES) return undefined
  const [first] = parts
  const prefix =
    first !== undefined && first.length >= PREFIX_BYTES ? first : Buffer.concat(parts, length)
  const announced = prefix.readUInt32BE(1)
  if (announced > MAX_BODY_BYTES) {
    throw new TooLargeError(`message of ${announced} bytes is over 64 MiB; send smaller batches`)
  }
  return announced
}

function encodingOf(frame: Buffer, sent: ContentEncoding): ContentEncoding {
  const [flag] = frame
  if (flag === 0) return 'identity'
  if (flag === 1 && sent !== 'identity') return sent
  throw new DecodeError('invalid gRPC message at byte 0: compressed, but grpc-encoding names none')
}

function respond(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.headersSent) return
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  stream.respond(RESPONSE_HEADERS, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.concat([prefix, message]))
}

/** Headers that are trailers too. */
function refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
  if (stream.destroyed || stream.headersSent) return
  stream.respond({ ...RESPONSE_HEADERS, ...refusalTrailers(refusal) }, { endStream: true })
  discardRest(stream)
}

/** Senders end a call that is answered; one that goes on sending is cut off. */
function discardRest(stream: ServerHttp2Stream): void {
  stream.resume()
  const cut = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), DISCARD_LIMIT_MS)
  stream.once('close', () => clearTimeout(cut))
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
