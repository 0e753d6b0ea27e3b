import { diag } from '@opentelemetry/api'
import type { Collector } from './collector.ts'
import type { ContentPolicy } from './content.ts'
import { DEFAULT_DELIVERY, Delivery } from './delivery.ts'
import type { Transport } from './delivery.ts'
import { createLogEncoder, createSpanEncoder } from './record-encoder.ts'
import { sizeOfRecord } from './record-size.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'
import { createTransport } from './transport.ts'

/** The way of finished records to the collector: queued, encoded off the application's path, sent. */
export interface Pipeline {
  /** Where it sends to, for messages. */
  readonly origin: string
  /** Records not yet acknowledged. */
  readonly pending: number
  /** Records that were given up, and those still here: what a process that ends now loses. */
  readonly lost: number
  /** What the collector last had against us; undefined where it had nothing. */
  readonly complaint: string | undefined
  addSpan(record: SpanRecord): void
  addLog(record: LogRecord): void
  /** Sends everything now; true when all of it was acknowledged in time. Never rejects. */
  flush(timeoutMs: number): Promise<boolean>
  /** Gives up what is still here; answers how many records that was. */
  discard(why: string): number
  /** Takes no more; `flush` first. */
  close(): void
}

export type PipelineOptions = {
  readonly tracesUrl: URL
  readonly logsUrl: URL
  readonly headers: Readonly<Record<string, string>>
  readonly content: ContentPolicy
  /** Told when spans or scores are given up, and why. */
  readonly onDrop?: ((count: number, why: string) => void) | undefined
  /** Given a promise whenever there is something to send; serverless platforms wait for it. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

const MAX_BATCH_BYTES = 1_024 * 1_024
const WAITED_FLUSH_MS = 10_000

/** Why records are given up that nobody refused. */
export const ENDED = 'the process ended before the collector took them'

/** Starts nothing that keeps a process alive. */
export function startPipeline(options: PipelineOptions): Pipeline {
  const { tracesUrl, logsUrl, headers, content } = options
  const collector: Collector = { takesStructured: false }
  const encoding = { policy: content, maxBytes: MAX_BATCH_BYTES, collector }
  const said: Said = { complaint: undefined }
  const tell = (what: string) => listenerOf(what, options, said)
  const spans = new Delivery<SpanRecord>({
    ...DEFAULT_DELIVERY,
    ...tell('spans'),
    encoder: createSpanEncoder(encoding),
    transport: createTransport({ url: tracesUrl, headers, collector }),
    tellsDropped: true,
  })
  const logs = new Delivery<LogRecord>({
    ...DEFAULT_DELIVERY,
    ...tell('scores'),
    encoder: createLogEncoder(encoding),
    transport: lazyTransport(() => createTransport({ url: logsUrl, headers, collector })),
    tellsDropped: false,
  })
  const deliveries = [spans, logs]
  const flush = async (timeoutMs: number) => {
    const results = await Promise.all(deliveries.map((delivery) => delivery.flush(timeoutMs)))
    return results.every(Boolean)
  }
  const announce = waitingFor(options.waitUntil, () => flush(WAITED_FLUSH_MS))
  return {
    origin: tracesUrl.origin,
    get pending() {
      return spans.pending + logs.pending
    },
    get lost() {
      return spans.dropped + logs.dropped + spans.pending + logs.pending
    },
    get complaint() {
      return said.complaint
    },
    addSpan: (record) => {
      spans.add(record, sizeOfRecord(record))
      announce()
    },
    addLog: (record) => {
      logs.add(record, sizeOfRecord(record))
      announce()
    },
    flush,
    discard: (why) => deliveries.reduce((count, delivery) => count + delivery.discard(why), 0),
    close: () => {
      for (const delivery of deliveries) delivery.close()
    },
  }
}

type Said = { complaint: string | undefined }

/** Passes on what goes wrong with `what`, and keeps what the collector had against it. */
function listenerOf(what: string, { tracesUrl, onDrop }: PipelineOptions, said: Said) {
  return {
    onDrop: (count: number, why: string) => {
      if (why !== ENDED) said.complaint = why
      diag.warn(`sightline: ${count} ${what} dropped: ${why}`)
      onDrop?.(count, why)
    },
    onRefusedKey: (status: number) => {
      const complaint = `it answered ${status}: set SIGHTLINE_API_KEY or apiKey to a key that may send`
      said.complaint = complaint
      diag.error(`sightline: ${tracesUrl.origin}: ${complaint}; ${what} are kept for 5 minutes`)
    },
  }
}

/** Most applications never send a score. */
function lazyTransport(create: () => Transport): Transport {
  let transport: Transport | undefined
  return {
    send: (body) => (transport ??= create()).send(body),
    close: () => transport?.close(),
  }
}

type WaitUntil = NonNullable<PipelineOptions['waitUntil']>

/** Promises the platform one flush at a time. */
function waitingFor(waitUntil: WaitUntil | undefined, flush: () => Promise<unknown>): () => void {
  if (waitUntil === undefined) return () => undefined
  let isPromised = false
  const deliver = async () => {
    // What else ends in the same turn of the loop goes in the same request.
    await Promise.resolve()
    isPromised = false
    await flush()
  }
  return () => {
    if (isPromised) return
    isPromised = true
    try {
      waitUntil(deliver())
    } catch (error) {
      diag.error('sightline: waitUntil failed', error)
    }
  }
}
