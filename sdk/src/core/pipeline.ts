import { diag } from '@opentelemetry/api'
import type { ContentPolicy } from './content.ts'
import { DEFAULT_DELIVERY, Delivery } from './delivery.ts'
import type { Transport } from './delivery.ts'
import { writeLog, writeSpan } from './encode-record.ts'
import { RecordEncoder } from './record-encoder.ts'
import { sizeOfRecord } from './record-size.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'
import { createTransport } from './transport.ts'

/** The way of finished records to the collector: queued, encoded off the application's path, sent. */
export interface Pipeline {
  /** Where it sends to, for messages. */
  readonly origin: string
  /** Records not yet acknowledged. */
  readonly pending: number
  /** Spans given up since the start. */
  readonly dropped: number
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

/** Starts nothing that keeps a process alive. */
export function startPipeline(options: PipelineOptions): Pipeline {
  const { tracesUrl, logsUrl, headers, content } = options
  const limits = { policy: content, maxBytes: MAX_BATCH_BYTES }
  const tell = (what: string) => ({
    onDrop: (count: number, why: string) => {
      diag.warn(`sightline: ${count} ${what} dropped: ${why}`)
      options.onDrop?.(count, why)
    },
    onRefusedKey: (status: number) => {
      diag.error(
        `sightline: ${tracesUrl.origin} answered ${status}: set SIGHTLINE_API_KEY or apiKey to a key ` +
          `that may send; ${what} are kept for 5 minutes`,
      )
    },
  })
  const spans = new Delivery<SpanRecord>({
    ...DEFAULT_DELIVERY,
    ...tell('spans'),
    encoder: new RecordEncoder(writeSpan, limits),
    transport: createTransport({ url: tracesUrl, headers }),
    tellsDropped: true,
  })
  const logs = new Delivery<LogRecord>({
    ...DEFAULT_DELIVERY,
    ...tell('scores'),
    encoder: new RecordEncoder(writeLog, limits),
    transport: lazyTransport(() => createTransport({ url: logsUrl, headers })),
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
    get dropped() {
      return spans.dropped
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
