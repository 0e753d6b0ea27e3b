import { STRUCTURED_CONTENT } from './collector.ts'
import type { Collector } from './collector.ts'
import { Compressor } from './compress.ts'
import type { SendResult, Transport } from './delivery.ts'
import { createFetchExchange } from './exchange-fetch.ts'
import { createNodeExchange } from './exchange-node.ts'
import { nodeHttp } from './platform.ts'
import { readRejected } from './read-rejected.ts'

export type TransportOptions = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Learns from each answer. */
  readonly collector: Collector
}

/** OTLP over HTTP, compressed where the collector takes it. */
export function createTransport({ url, headers, collector }: TransportOptions): Transport {
  const http = nodeHttp(url.protocol)
  const exchange = http === undefined ? createFetchExchange(url) : createNodeExchange(url, http)
  const compressor = new Compressor()

  async function send(body: Uint8Array): Promise<SendResult> {
    const packed = await compressor.pack(body)
    const answer = await exchange.post({
      body: packed.body,
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        ...(packed.coding === 'identity' ? {} : { 'content-encoding': packed.coding }),
      },
    })
    // Something between us and the collector may know no compression.
    if (answer.status === 415 && packed.coding !== 'identity' && compressor.refused()) {
      return send(body)
    }
    compressor.learn(answer.acceptEncoding)
    // Before and behind a proxy there may be different ones: the last word counts.
    if (answer.status === 200) {
      collector.takesStructured = answer.accepts?.includes(STRUCTURED_CONTENT) === true
    }
    return {
      status: answer.status,
      retryAfterMs: toRetryAfterMs(answer.retryAfter),
      rejected: answer.status === 200 ? readRejected(answer.body) : 0,
    }
  }

  return { send, close: () => exchange.close() }
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
