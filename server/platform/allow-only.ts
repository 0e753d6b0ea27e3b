import type { RequestHandler } from 'express'
import { AppError } from './errors.ts'

/** Ends a route: any other method answers 405 and says which ones there are. */
export function allowOnly(...methods: string[]): RequestHandler {
  const allowed = methods.join(', ')
  return function refuseMethod(request, response) {
    response.set('allow', allowed)
    throw new AppError(`${request.method} is not possible here; use ${allowed}`, {
      status: 405,
      code: 'method_not_allowed',
    })
  }
}
