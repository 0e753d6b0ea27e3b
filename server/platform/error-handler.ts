import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { ApiError } from '../contract/index.ts'
import { AppError, BadRequestError, NotFoundError, UnavailableError } from './errors.ts'
import type { Log } from './log.ts'
import { requestIdOf } from './request-id.ts'

/** Makes the contract's error body of whatever a route threw. The request's body is never logged. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return function answerError(error: unknown, request, response, next) {
    if (response.headersSent) {
      next(error)
      return
    }
    const answer = toAppError(error)
    if (answer.status >= 500 && answer.code === 'internal') {
      log.error({ error, requestId: requestIdOf(response), path: request.path }, 'request failed')
    }
    sendError(response, answer)
  }
}

/** The last route under a prefix: an unknown path answers 404 in the contract's form. */
export function unknownPath(): RequestHandler {
  return function refuseUnknownPath(request: Request) {
    throw new NotFoundError(`there is nothing at ${request.method} ${clip(request.originalUrl)}`)
  }
}

export function sendError(response: Response, error: AppError): void {
  const { code, message, field } = error
  const body: ApiError = {
    error: {
      code,
      message,
      ...(field === undefined ? {} : { field }),
      requestId: requestIdOf(response),
    },
  }
  if (error.retryAfterS !== undefined) response.set('retry-after', String(error.retryAfterS))
  response.status(error.status).json(body)
}

/** Reads any thrown value as an error with an answer; a stranger becomes a generic 500. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return (
    fromDatabase(error) ??
    fromHttp(error) ??
    new AppError('something failed here; the log has it under this request id', {
      status: 500,
      code: 'internal',
      cause: error,
    })
  )
}

/** Codes of libpq's SQLSTATE classes, of postgres.js and of Node's sockets that a retry may cure. */
const TRANSIENT =
  /^(08|53|40)[0-9A-Z]{3}$|^57P\d\d$|^55P03$|^ECONN|^EPIPE$|^ENOENT$|^ETIMEDOUT$|^EHOSTUNREACH$|^CONNECT(ION)?_/
const STATEMENT_TIMEOUT = '57014'

function fromDatabase(error: unknown): AppError | undefined {
  const code = property(error, 'code')
  if (typeof code !== 'string') return undefined
  if (code === STATEMENT_TIMEOUT) {
    return new AppError('narrow the range or add a filter: the query took too long', {
      status: 422,
      code: 'invalid_value',
      field: 'from',
      cause: error,
    })
  }
  // A missing unix socket is ENOENT on connect; a missing file is not the database's fault.
  if (code === 'ENOENT' && property(error, 'syscall') !== 'connect') return undefined
  if (!TRANSIENT.test(code)) return undefined
  return new UnavailableError('the database does not answer; try again', { cause: error })
}

/** Errors of body-parser, express.static and the router carry `status` and `type`. */
function fromHttp(error: unknown): AppError | undefined {
  const status = property(error, 'status')
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined
  if (status === 413) {
    return new AppError(`the body is over ${bodyLimit(error)} bytes`, {
      status,
      code: 'too_large',
      cause: error,
    })
  }
  if (status === 415) {
    return new AppError('the body has an unsupported encoding or charset', {
      status,
      code: 'unsupported_media_type',
      cause: error,
    })
  }
  if (property(error, 'type') === 'entity.parse.failed') {
    return new BadRequestError('the body is not valid JSON')
  }
  if (status === 404) return new NotFoundError('not found')
  return new AppError('the request cannot be read', { status, code: 'bad_request', cause: error })
}

function bodyLimit(error: unknown): string {
  const limit = property(error, 'limit')
  return typeof limit === 'number' ? String(limit) : 'the allowed'
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name]
}

function clip(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value
}
