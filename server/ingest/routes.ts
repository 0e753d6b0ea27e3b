import { Router, type Request, type Response } from 'express'
import { AppError, UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { parseProject } from '../platform/query-params.ts'
import { DecodeError } from './otlp.ts'
import { sendExportAnswer, sendStatus, type OtlpFormat } from './otlp-answer.ts'
import type { Pipeline } from './pipeline.ts'
import { AbortedError, inflate, parseEncoding, readBody, TooLargeError } from './read-body.ts'

/** OTLP/HTTP here and under the base paths that other products' users have configured. */
const BASE_PATHS = ['', '/api/public/otel', '/otel', '/otlp', '/api/v1/private/otel']

export function ingestRoutes(pipeline: Pipeline, log: Log): Router {
  const router = Router()
  for (const base of BASE_PATHS) {
    router.post(`${base}/v1/traces`, (request, response) =>
      postTraces(pipeline, log, { request, response }),
    )
    router.all(`${base}/v1/traces`, (_request, response) => {
      response.setHeader('allow', 'POST')
      sendStatus(response, 'json', { status: 405, message: 'use POST' })
    })
    router.all(`${base}/v1/:signal`, (request, response) => {
      const { signal } = request.params
      sendStatus(response, formatOf(request.headers['content-type']) ?? 'json', {
        status: 404,
        message: `signal not supported: ${signal.slice(0, 40)}; this version takes traces`,
      })
    })
  }
  return router
}

type Exchange = { request: Request; response: Response }

async function postTraces(
  pipeline: Pipeline,
  log: Log,
  { request, response }: Exchange,
): Promise<void> {
  const format = formatOf(request.headers['content-type'])
  response.setHeader('accept-encoding', 'gzip, zstd')
  try {
    if (format === undefined) {
      throw new AppError('use application/json or application/x-protobuf', {
        status: 415,
        code: 'unsupported_type',
      })
    }
    const answer = await ingest(pipeline, request, format)
    sendExportAnswer(response, format, answer)
  } catch (error) {
    answerFailure(error, format ?? 'json', { request, response, log })
  }
}

async function ingest(pipeline: Pipeline, request: Request, format: OtlpFormat) {
  const encoding = parseEncoding(request.headers['content-encoding'])
  if (encoding === undefined) {
    throw new AppError('content-encoding: use gzip, zstd or identity', {
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
  return await pipeline.ingestTraces({ projectId, format, body, wire: { encoding, bytes } })
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
  if (error instanceof DecodeError) {
    sendStatus(response, format, { status: 400, message: error.message })
    return
  }
  if (error instanceof AppError) {
    const { status, message, retryAfterS } = error
    sendStatus(response, format, { status, message, retryAfterS })
    return
  }
  // OTLP forbids retrying a 500, and a fault of ours must not cost the sender its spans.
  log.error({ error }, 'ingest failed')
  sendStatus(response, format, {
    status: 503,
    message: 'the collector failed; send again',
    retryAfterS: 5,
  })
}

function formatOf(header: string | undefined): OtlpFormat | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return 'json'
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf'
  return undefined
}
