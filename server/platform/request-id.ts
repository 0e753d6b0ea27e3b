import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'

/** Gives every request its own id, in the answer's header and in every error body. */
export function requestId(): RequestHandler {
  return function setRequestId(_request, response, next) {
    response.set('x-request-id', randomUUID())
    next()
  }
}

export function requestIdOf(response: Response): string {
  return response.get('x-request-id') ?? ''
}
