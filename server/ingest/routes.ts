import { Router, type Request, type Response } from 'express'
import { AppError, UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { parseProject } from '../platform/query-params.ts'
import { exportSignals, type ExportSignal } from './export-signals.ts'
import { noteRefusal } from './note-refusal.ts'
import { DecodeError } from './otlp.ts'
import { sendExportAnswer, sendStatus, type OtlpFormat, type Signal } from './otlp-answer.ts'
import type { Pipeline } from './pipeline.ts'
import { AbortedError, inflate, parseEncoding, readBody, TooLargeError } from './read-body.ts'
import { refuseQueryKey } from './refuse-query-key.ts'
import { toRefusal } from './refuse-request.ts'

/** OTLP/HTTP here and under the base paths that other products' users have configured. */
const BASE_PATHS = ['', '/api/public/otel', '/otel', '/otlp', '/api/v1/private/otel']

export function ingestRoutes(pipeline: Pipeline, log: Log): Router {
  const router = Router()
  const signals = exportSignals(pipeline)
  const names = Object.keys(signals) as Signal[]
  for (const base of BASE_PATHS) {
    for (const signal of names) {
      const exportSignal = signals[signal]
      if (exportSignal === undefined) continue
      router.post(`${base}/v1/${signal}`, (request, response) =>
        postExport({ pipeline, log, signal, exportSignal }, { request, response }),
      )
      router.all(`${base}/v1/${signal}`, (_request, response) => {
        response.setHeader('allow', 'POST')
        sendStatus(response, 'json', { status: 405, message: 'use POST' })
      })
    }
    // Profiles, which are not yet a part of OTLP 1, have a path of their own.
    for (const version of ['v1', 'v1development']) {
      router.all(`${base}/${version}/:signal`, (request, response) => {
        const { signal } = request.params
        sendStatus(response, formatOf(request.headers['content-type']) ?? 'json', {
          status: 404,
          message: `signal not supported: ${signal.slice(0, 40)}; this version takes ${names.join(', ')}`,
        })
      })
    }
  }
  return router
}

type Endpoint = { pipeline: Pipeline; log: Log; signal: Signal; exportSignal: ExportSignal }
type Exchange = { request: Request; response: Response }

async function postExport(endpoint: Endpoint, { request, response }: Exchange): Promise<void> {
  const format = formatOf(request.headers['content-type'])
  response.setHeader('accept-encoding', 'gzip, zstd')
  // Our SDK then sends messages as lists and maps, which spares both sides a JSON text.
  response.setHeader('sightline-accepts', 'structured-content')
  try {
    if (format === undefined) {
      throw new AppError('use application/json or application/x-protobuf', {
        status: 415,
        code: 'unsupported_type',
      })
    }
    const answer = await ingest(endpoint, request, format)
    sendExportAnswer(response, answer, { signal: endpoint.signal, format })
  } catch (error) {
    noteRefusal(endpoint.pipeline, request, { signal: endpoint.signal, error })
    answerFailure(error, format ?? 'json', { request, response, log: endpoint.log })
  }
}

async function ingest({ pipeline, exportSignal }: Endpoint, request: Request, format: OtlpFormat) {
  refuseQueryKey(request.query)
  const encoding = parseEncoding(request.headers['content-encoding'])
  if (encoding === undefined) {
    throw new AppError('gzip, zstd or identity: no other content-encoding is taken', {
      status: 415,
      code: 'unsupported_encoding',
    })
  }
  const projectId = parseProject(request)
  using lease = pipeline.leaseBytes()
  const bytes = await readBody(request, lease)
  const body = await inflate(bytes, { encoding, lease })
  if (isOtherFormat(body, format)) {
    throw new DecodeError('body does not match Content-Type')
  }
  // Awaited here: the lease ends with this function.
  return await exportSignal({ projectId, format, body, wire: { encoding, bytes } })
}

/** A JSON object where protobuf was announced, or bytes no JSON text can begin with. */
function isOtherFormat(body: Buffer, format: OtlpFormat): boolean {
  const [first] = body
  if (first === undefined) return false
  if (format === 'protobuf') return first === 0x7b && body.at(-1) === 0x7d
  return first < 0x09 || (first > 0x0d && first < 0x20)
}

function answerFailure(
  error: unknown,
  format: OtlpFormat,
  { request, response, log }: Exchange & { log: Log },
) {
  if (error instanceof AbortedError) {
    response.destroy()
    return
  }
  // What was not read of the body cannot be skipped, so the connection ends with the answer.
  const isCut = error instanceof UnavailableError && !request.complete
  if (isCut || error instanceof TooLargeError) response.setHeader('connection', 'close')
  sendStatus(response, format, toRefusal(error, log))
}

function formatOf(header: string | undefined): OtlpFormat | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return 'json'
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf'
  return undefined
}
