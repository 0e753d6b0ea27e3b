import http from 'node:http'
import https from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import type { SendResult, Transport } from './core/delivery.ts'

const compress = promisify(gzip)

// OpenTelemetry's own key; it has no spans made of what runs under it.
const SUPPRESSED = ROOT_CONTEXT.setValue(
  createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
  true,
)
const REQUEST_TIMEOUT_MS = 10_000
const MIN_COMPRESSED_BYTES = 1_024

export type HttpTransportOptions = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/**
 * OTLP over HTTP by node:http: the application may have replaced `fetch`, and these sockets can be
 * told not to keep the process alive.
 */
export function createHttpTransport({ url, headers }: HttpTransportOptions): Transport {
  const { request, Agent } = url.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  async function send(body: Uint8Array): Promise<SendResult> {
    const isCompressed = body.byteLength >= MIN_COMPRESSED_BYTES
    const payload = isCompressed ? await compress(body) : body
    const { promise, resolve, reject } = Promise.withResolvers<SendResult>()
    context.with(SUPPRESSED, () => {
      const outgoing = request(url, {
        method: 'POST',
        agent,
        timeout: REQUEST_TIMEOUT_MS,
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          'content-length': payload.byteLength,
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        },
      })
      outgoing.on('socket', (socket) => socket.unref())
      outgoing.on('error', reject)
      outgoing.on('timeout', () => {
        outgoing.destroy(new Error(`no answer from ${url.host} within ${REQUEST_TIMEOUT_MS} ms`))
      })
      outgoing.on('response', (response) => {
        const status = response.statusCode ?? 0
        const retryAfterMs = toRetryAfterMs(response.headers['retry-after'])
        response.on('error', reject)
        response.on('end', () => resolve({ status, retryAfterMs }))
        response.resume()
      })
      outgoing.end(payload)
    })
    return promise
  }

  return { send, close: () => agent.destroy() }
}

const MAX_RETRY_AFTER_MS = 5 * 60_000

/** `Retry-After` as seconds or as a date; undefined when it is neither. */
export function toRetryAfterMs(
  header: string | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  if (Number.isNaN(ms)) return undefined
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms))
}
