import type { RequestHandler } from 'express'
import { AppError } from './errors.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const STATE_CHANGES = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Answers 421 to a Host that is not ours, so that a page whose name was re-bound to loopback
 * reaches nothing. Loopback names pass with any port: tunnels and proxies change it.
 */
export function hostGuard(ownHost: string): RequestHandler {
  return function checkHost(request, _response, next) {
    const { host } = request.headers
    if (!isAllowedHost(host, { ownHost, ownPort: request.socket.localPort })) {
      throw new AppError(
        `this server does not answer for the host ${JSON.stringify(host ?? '')}; use localhost`,
        { status: 421, code: 'misdirected_request' },
      )
    }
    next()
  }
}

export function isAllowedHost(
  host: string | undefined,
  own: { ownHost: string; ownPort: number | undefined },
): boolean {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?$/.exec(host ?? '')
  const name = match?.[1]?.toLowerCase()
  if (name === undefined) return false
  if (LOOPBACK_NAMES.includes(name)) return true
  const ownName = own.ownHost.includes(':') ? `[${own.ownHost}]` : own.ownHost
  return name === ownName.toLowerCase() && Number(match?.[2] ?? 80) === own.ownPort
}

/** An Origin, where a browser sends one, must be the page's own server: same name, same port. */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return origin === `http://${host}` || origin === `https://${host}`
}

/**
 * A page of another site may send forms and plain text without asking, but neither JSON nor our
 * Origin: a state change needs both.
 */
export function stateChangeGuard(): RequestHandler {
  return function checkStateChange(request, _response, next) {
    const { origin, host } = request.headers
    if (!STATE_CHANGES.includes(request.method)) {
      next()
      return
    }
    if (!isAllowedOrigin(origin, host)) {
      throw new AppError(`a page of ${JSON.stringify(origin)} may not change anything here`, {
        status: 403,
        code: 'forbidden',
      })
    }
    if (request.method !== 'DELETE' && !isJson(request.headers['content-type'])) {
      throw new AppError('send the body as content-type: application/json', {
        status: 415,
        code: 'unsupported_media_type',
      })
    }
    next()
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? '')
}
