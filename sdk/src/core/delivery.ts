import { SpanQueue } from './span-queue.ts'
import type { QueueLimits } from './span-queue.ts'
import { setIdleTimeout } from './timers.ts'

export type SendResult = { readonly status: number; readonly retryAfterMs?: number | undefined }

/** Carries one encoded batch to the collector; rejects when the network fails. */
export interface Transport {
  send(body: Uint8Array): Promise<SendResult>
  close(): void
}

export type DeliveryOptions<T> = {
  /** Turns a batch into a request body; told how many spans this process has dropped so far. */
  readonly encode: (items: readonly T[], dropped: number) => Uint8Array
  /** About how many bytes an item holds. */
  readonly sizeOf: (item: T) => number
  readonly transport: Transport
  readonly onDrop: (count: number, why: string) => void
  readonly queue: QueueLimits
  readonly batch: QueueLimits
  readonly flushEveryMs: number
  /** How long a batch is offered to a collector that does not take it. */
  readonly retryForMs: number
}

export type DeliveryLimits = Pick<
  DeliveryOptions<unknown>,
  'queue' | 'batch' | 'flushEveryMs' | 'retryForMs'
>

export const DEFAULT_DELIVERY: DeliveryLimits = {
  queue: { maxItems: 20_000, maxBytes: 32 * 1024 * 1024 },
  batch: { maxItems: 512, maxBytes: 512 * 1024 },
  flushEveryMs: 500,
  retryForMs: 5 * 60_000,
}

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
const FIRST_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 30_000

/** Collects finished spans and sends them in batches, in order, one request at a time. Never throws. */
export class Delivery<T> {
  readonly #options: DeliveryOptions<T>
  readonly #queue: SpanQueue<T>
  #timer: ReturnType<typeof setTimeout> | undefined
  #work: Promise<void> | undefined
  #inFlight = 0
  #dropped = 0
  #isClosed = false
  #wake: (() => void) | undefined

  constructor(options: DeliveryOptions<T>) {
    this.#options = options
    this.#queue = new SpanQueue(options.queue)
  }

  /** Spans not yet acknowledged. */
  get pending(): number {
    return this.#queue.size + this.#inFlight
  }

  /** Spans given up since the start of the process. */
  get dropped(): number {
    return this.#dropped
  }

  add(item: T): void {
    if (this.#isClosed) return this.#drop(1, 'the SDK is shut down')
    const pushedOut = this.#queue.push(item, this.#options.sizeOf(item))
    if (pushedOut > 0) this.#drop(pushedOut, 'the queue is full')
    if (this.#queue.bytes >= this.#options.batch.maxBytes) this.#start()
    else this.#timer ??= setIdleTimeout(() => this.#start(), this.#options.flushEveryMs)
  }

  /**
   * Sends everything now, whatever a collector asked to wait for. True when all was acknowledged
   * within the time; keeps the process alive until then.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.pending === 0) return true
    this.#wake?.()
    this.#start()
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, timeoutMs)
    await Promise.race([this.#work, timeout.promise])
    clearTimeout(timer)
    return this.pending === 0
  }

  /** Gives up what is still here; answers how much that was. */
  discard(why: string): number {
    const count = this.#queue.clear() + this.#inFlight
    this.#inFlight = 0
    if (count > 0) this.#drop(count, why)
    return count
  }

  /** Takes no more; `flush` first. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#wake?.()
    this.#options.transport.close()
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // #drain cannot fail: everything that may is caught where it happens.
    this.#work ??= this.#drain().finally(() => {
      this.#work = undefined
    })
  }

  async #drain(): Promise<void> {
    while (this.#queue.size > 0 && !this.#isClosed) {
      const items = this.#queue.take(this.#options.batch)
      this.#inFlight = items.length
      const body = this.#encode(items)
      if (body === undefined) this.#giveUp('a span cannot be encoded')
      else await this.#deliver(body)
      this.#inFlight = 0
    }
  }

  #encode(items: readonly T[]): Uint8Array | undefined {
    try {
      return this.#options.encode(items, this.#dropped)
    } catch {
      return undefined
    }
  }

  async #deliver(body: Uint8Array): Promise<void> {
    const giveUpAtMs = performance.now() + this.#options.retryForMs
    for (let attempt = 0; ; attempt++) {
      const { status, retryAfterMs } = await this.#send(body)
      if (status >= 200 && status < 300) return
      if (status !== 0 && !RETRYABLE.has(status))
        return this.#giveUp(`the collector answered ${status}`)
      const waitMs = retryAfterMs ?? backoffMs(attempt)
      if (performance.now() + waitMs > giveUpAtMs) {
        return this.#giveUp(
          status === 0
            ? 'the collector cannot be reached'
            : `the collector keeps answering ${status}`,
        )
      }
      await this.#sleep(waitMs)
      if (this.#isClosed || this.#inFlight === 0) return
    }
  }

  /** Status 0 stands for a network that failed. */
  async #send(body: Uint8Array): Promise<SendResult> {
    try {
      return await this.#options.transport.send(body)
    } catch {
      return { status: 0 }
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setIdleTimeout(resolve, ms)
    this.#wake = resolve
    await promise
    this.#wake = undefined
    clearTimeout(timer)
  }

  #giveUp(why: string): void {
    if (this.#inFlight > 0) this.#drop(this.#inFlight, why)
  }

  #drop(count: number, why: string): void {
    this.#dropped += count
    try {
      this.#options.onDrop(count, why)
    } catch {
      // The application's own callback may fail; the count stands.
    }
  }
}

/** Half of the doubling wait is left to chance, so that many processes do not return at once. */
function backoffMs(attempt: number): number {
  const fullMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt)
  return fullMs * (0.5 + Math.random() / 2)
}
