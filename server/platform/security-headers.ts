import { randomBytes } from 'node:crypto'
import type { RequestHandler, Response } from 'express'

/** Headers of every answer. The nonce lets Mantine's style elements in and nothing else. */
export function securityHeaders(): RequestHandler {
  return function setSecurityHeaders(_request, response, next) {
    const nonce = randomBytes(16).toString('base64')
    response.locals['cspNonce'] = nonce
    response.set({
      'content-security-policy': contentSecurityPolicy(nonce),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    next()
  }
}

/** The nonce of this answer's policy, for the page that carries it. */
export function cspNonceOf(response: Response): string {
  return String(response.locals['cspNonce'] ?? '')
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ')
}
