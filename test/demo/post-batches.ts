import { Agent, request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'

export type Compression = 'none' | 'gzip' | 'zstd'

export type Poster = {
  /** Resolves when the batch may be forgotten by the caller: a slot is free, not yet acknowledged. */
  post(body: Buffer): Promise<void>
  /** Waits for every acknowledgement; throws the first failure. */
  drain(): Promise<void>
  close(): void
}

export type PosterOptions = { endpoint: string; compression: Compression; signal: AbortSignal }

const CONCURRENCY = 4
const MAX_ATTEMPTS = 60
const MAX_CONNECTION_ATTEMPTS = 20
const CONNECTION_RETRY_MS = 500
const REQUEST_TIMEOUT_MS = 60_000
const MIN_RETRY_MS = 50
const MAX_RETRY_MS = 5_000

const gzipAsync = promisify(gzip)
const zstdAsync = promisify(zstdCompress)

/** Sends bodies to `/v1/traces`, four at a time, each until it is acknowledged. */
export function createPoster({ endpoint, compression, signal }: PosterOptions): Poster {
  const url = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`)
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const open = new Set<Promise<void>>()
  let failure: Error | undefined

  async function deliver(body: Buffer): Promise<void> {
    const packed = await compress(body, compression)
    for (let attempt = 1; ; attempt++) {
      const answer = await send(packed, { url, agent, signal, compression }).catch(
        (error: unknown) => toRefusal(error, attempt),
      )
      if (answer.status === 200) return checkAccepted(answer.body)
      const isBusy = answer.status === 429 || answer.status === 503
      if (!isBusy || attempt >= MAX_ATTEMPTS) {
        const text = answer.body.toString('utf8').slice(0, 300)
        throw new Error(`${url.href} answered ${answer.status} to ${body.length} bytes: ${text}`)
      }
      await sleep(answer.retryAfterMs, undefined, { signal })
    }
  }

  return {
    async post(body) {
      while (open.size >= CONCURRENCY) await Promise.race(open)
      if (failure !== undefined) throw failure
      const delivery: Promise<void> = deliver(body)
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(String(error))
        })
        .finally(() => open.delete(delivery))
      open.add(delivery)
    },
    async drain() {
      await Promise.all(open)
      if (failure !== undefined) throw failure
    },
    close: () => agent.destroy(),
  }
}

type Target = { url: URL; agent: Agent; signal: AbortSignal; compression: Compression }

async function send(body: Buffer, { url, agent, signal, compression }: Target): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const encoding = compression === 'none' ? {} : { 'content-encoding': compression }
    const request = httpRequest(url, {
      method: 'POST',
      agent,
      signal,
      timeout: REQUEST_TIMEOUT_MS,
      headers: {
        'content-type': 'application/x-protobuf',
        'content-length': body.length,
        ...encoding,
      },
    })
    request.on('timeout', () => {
      request.destroy(new Error(`${url.href} gave no answer in ${REQUEST_TIMEOUT_MS} ms`))
    })
    request.on('error', reject)
    request.on('response', resolve)
    request.end(body)
  })
  const retryAfterMs = Number(response.headers['retry-after'] ?? 1) * 1_000
  return {
    status: response.statusCode ?? 0,
    body: await buffer(response),
    retryAfterMs: Math.min(Math.max(MIN_RETRY_MS, retryAfterMs || 0), MAX_RETRY_MS),
  }
}

type Answer = { status: number; body: Buffer; retryAfterMs: number }

async function compress(body: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'gzip') return gzipAsync(body, { level: 1 })
  if (compression === 'zstd') {
    return zstdAsync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  }
  return body
}

/** A collector that restarts refuses connections for a while; that is waited for, up to a limit. */
function toRefusal(error: unknown, attempt: number): Answer {
  const isConnection = error instanceof Error && 'code' in error && error.name !== 'AbortError'
  if (!isConnection || attempt >= MAX_CONNECTION_ATTEMPTS) throw error
  return { status: 503, body: Buffer.alloc(0), retryAfterMs: CONNECTION_RETRY_MS }
}

/** A protobuf answer without refused spans is empty or holds an empty partial success. */
function checkAccepted(body: Buffer): void {
  if (body.length <= 2) return
  throw new Error(`the collector refused spans: ${body.toString('utf8').slice(0, 300)}`)
}
