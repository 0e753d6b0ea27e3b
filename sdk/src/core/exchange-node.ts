import { ACCEPTS_HEADER } from './collector.ts'
import type { Exchange, ExchangeRequest, ExchangeResponse } from './exchange.ts'
import type { NodeHttp } from './platform.ts'
import { runUntraced } from './suppress-tracing.ts'

const REQUEST_TIMEOUT_MS = 10_000
// An answer says no more than what was refused.
const MAX_ANSWER_BYTES = 64 * 1_024

/**
 * By node:http: the application may have replaced `fetch`, and these sockets can be told not to keep
 * the process alive.
 */
export function createNodeExchange(url: URL, { request, Agent }: NodeHttp): Exchange {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  function post({ headers, body }: ExchangeRequest): Promise<ExchangeResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<ExchangeResponse>()
    runUntraced(() => {
      const outgoing = request(url, {
        method: 'POST',
        agent,
        timeout: REQUEST_TIMEOUT_MS,
        headers: { ...headers, 'content-length': body.byteLength },
      })
      outgoing.on('socket', (socket) => socket.unref())
      outgoing.on('error', reject)
      outgoing.on('timeout', () => {
        outgoing.destroy(new Error(`no answer from ${url.host} within ${REQUEST_TIMEOUT_MS} ms`))
      })
      outgoing.on('response', (response) => {
        const parts: Uint8Array[] = []
        let length = 0
        response.on('data', (part: Uint8Array) => {
          length += part.byteLength
          if (length <= MAX_ANSWER_BYTES) parts.push(part)
        })
        response.on('error', reject)
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            acceptEncoding: response.headers['accept-encoding'],
            accepts: response.headersDistinct[ACCEPTS_HEADER]?.join(),
            body: join(parts),
          })
        })
      })
      outgoing.end(body)
    })
    return promise
  }

  return { post, close: () => agent.destroy() }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const only = parts[0]
  if (only !== undefined && parts.length === 1) return only
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}
