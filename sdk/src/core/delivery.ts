import type { Batch } from './encode-batch.ts'
import { SpanQueue } from './span-queue.ts'
import type { QueueLimits } from './span-queue.ts'
import { setIdleTimeout, yieldToLoop } from './timers.ts'

export type SendResult = {
  readonly status: number
  readonly retryAfterMs?: number | undefined
  /** How many records of a request that it took the collector refused. */
  readonly rejected?: number | undefined
}

/** Carries one encoded batch to the collector; rejects when the network fails. */
export interface Transport {
  send(body: Uint8Array): Promise<SendResult>
  close(): void
}

/** Turns items into batches of bounded size. */
export interface ItemEncoder<T> {
  /** Items encoded and not taken. */
  readonly count: number
  /** Whether there is enough for a batch. */
  readonly isFull: boolean
  /** Encodes one item, later where its content has to be waited for; throws where it cannot. */
  add(item: T): void | Promise<void>
  take(): Batch | undefined
  clear(): void
}

export type DeliveryOptions<T> = {
  readonly encoder: ItemEncoder<T>
  readonly transport: Transport
  /** Told what never reaches the collector, and what the collector refused of a request it took. */
  readonly onDrop: (count: number, why: string) => void
  /** Told when the collector begins to refuse the key. */
  readonly onRefusedKey: (status: number) => void
  /** Whether requests say how many items were dropped so far. */
  readonly tellsDropped: boolean
} & DeliveryLimits

/** Somebody waits for everything to arrive. */
type Flush = { readonly sinceAttempt: number; readonly end: () => void }

export type DeliveryLimits = {
  readonly queue: QueueLimits
  /** So many bytes in the queue do not wait for the next flush. */
  readonly startAtBytes: number
  /** From so many bytes on they are encoded, though not sent. */
  readonly encodeAtBytes: number
  readonly flushEveryMs: number
  /** How long a batch is offered to a collector that does not take it. */
  readonly retryForMs: number
}

export const DEFAULT_DELIVERY: DeliveryLimits = {
  queue: { maxItems: 20_000, maxBytes: 32 * 1024 * 1024 },
  startAtBytes: 1024 * 1024,
  encodeAtBytes: 64 * 1024,
  flushEveryMs: 500,
  retryForMs: 5 * 60_000,
}

const NOT_ENCODED = 'it could not be encoded'
const RETRYABLE: ReadonlySet<number> = new Set([0, 429, 502, 503, 504])
const REFUSED_KEY: ReadonlySet<number> = new Set([401, 403])
const FIRST_BACKOFF_MS = 500
const FIRST_KEY_BACKOFF_MS = 5_000
const MAX_BACKOFF_MS = 30_000
// With the one record that comes on top, a slice stays well below the 5 ms that are promised.
const SLICE_MS = 2
// Putting a batch together and handing it to the compressor takes about a millisecond more.
const SHORT_MS = 0.5

/** Collects finished records and sends them in batches, in order, one request at a time. Never throws. */
export class Delivery<T> {
  readonly #options: DeliveryOptions<T>
  readonly #queue: SpanQueue<T>
  #timer: ReturnType<typeof setTimeout> | undefined
  #work: Promise<void> | undefined
  /** Items taken from the queue and neither acknowledged nor given up, those in the encoder left out. */
  #inFlight = 0
  #dropped = 0
  #isClosed = false
  /** A request is to be made of what is there. */
  #isDue = false
  /** Rises when everything is given up, so that what still goes on knows it is over. */
  #discards = 0
  #wake: (() => void) | undefined
  #isKeyRefused = false
  /** Requests begun so far. */
  #attempts = 0
  #isSending = false
  /** Somebody flushed while a request was under way: if that one fails, the next does not wait. */
  #isHurried = false
  readonly #flushes = new Set<Flush>()

  constructor(options: DeliveryOptions<T>) {
    this.#options = options
    this.#queue = new SpanQueue(options.queue)
  }

  /** Items not yet acknowledged. */
  get pending(): number {
    return this.#queue.size + this.#options.encoder.count + this.#inFlight
  }

  /** Items given up since the start of the process. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes an item of about so many bytes. */
  add(item: T, bytes: number): void {
    if (this.#isClosed) return this.#drop(1, 'the SDK is shut down')
    const pushedOut = this.#queue.push(item, bytes)
    if (pushedOut > 0) this.#drop(pushedOut, 'the queue is full')
    if (this.#isEnough) this.#startAfterCall(true)
    else {
      this.#startLater()
      // Records that wait as they are survive one collection of garbage after the other.
      if (this.#queue.bytes >= this.#options.encodeAtBytes) this.#startAfterCall(false)
    }
  }

  /**
   * Sends everything now, whatever a collector asked to wait for. True when all was acknowledged
   * within the time; keeps the process alive until then. A key that is refused ends the wait.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.pending === 0) return true
    const droppedBefore = this.#dropped
    const ended = Promise.withResolvers<void>()
    let isOver = false
    const waiting = {
      sinceAttempt: this.#attempts,
      end: () => {
        isOver = true
        ended.resolve()
      },
    }
    const timer = setTimeout(waiting.end, timeoutMs)
    this.#flushes.add(waiting)
    this.#isHurried = this.#isSending
    this.#wake?.()
    while (this.pending > 0 && !isOver && !this.#isClosed) {
      this.#start()
      await Promise.race([this.#work, ended.promise])
    }
    clearTimeout(timer)
    this.#flushes.delete(waiting)
    return this.pending === 0 && this.#dropped === droppedBefore
  }

  /** Gives up what is still here; answers how much that was. */
  discard(why: string): number {
    const count = this.pending
    this.#queue.clear()
    this.#options.encoder.clear()
    this.#inFlight = 0
    this.#discards += 1
    this.#wake?.()
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
    this.#isDue = true
    this.#work ??= this.#workOff()
  }

  /** Not before the application's own call is over: encoding is not to be waited for. */
  #startAfterCall(isDue: boolean): void {
    if (isDue) this.#isDue = true
    this.#work ??= yieldToLoop().then(() => this.#workOff())
  }

  /** Cannot fail: everything that may is caught where it happens. */
  async #workOff(): Promise<void> {
    await this.#fill()
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false
      await this.#sendBatch()
      await this.#fill()
    }
    this.#work = undefined
    if (!this.#isClosed && this.pending > 0) this.#startLater()
  }

  /** Small requests cost as much as large ones, so what comes meanwhile waits for a half second of its own. */
  async #sendBatch(): Promise<void> {
    const { encoder } = this.#options
    const isFull = encoder.isFull
    const batch = encoder.take()
    if (batch === undefined) return
    this.#inFlight = batch.count
    await this.#deliver(batch, this.#discards)
    if (isFull || this.#isEnough || this.#flushes.size > 0) this.#isDue = true
  }

  /** Whether what waits is worth a request of its own. */
  get #isEnough(): boolean {
    return this.#options.encoder.isFull || this.#queue.bytes >= this.#options.startAtBytes
  }

  #startLater(): void {
    this.#timer ??= setIdleTimeout(() => this.#start(), this.#options.flushEveryMs)
  }

  /** Encodes a batch's worth of the queue, letting the application run every few milliseconds. */
  async #fill(): Promise<void> {
    const { encoder } = this.#options
    const discards = this.#discards
    let sliceStartMs = performance.now()
    while (!encoder.isFull && discards === this.#discards) {
      const item = this.#queue.shift()
      if (item === undefined) break
      const encoding = this.#encode(item, discards)
      if (encoding !== undefined) await encoding
      if (performance.now() - sliceStartMs < SLICE_MS) continue
      await yieldToLoop()
      sliceStartMs = performance.now()
    }
    if (performance.now() - sliceStartMs > SHORT_MS) await yieldToLoop()
  }

  #encode(item: T, discards: number): void | Promise<void> {
    // An item is in one place at any time, also while its content is waited for.
    this.#inFlight = 1
    try {
      const encoding = this.#options.encoder.add(item)
      if (encoding !== undefined) return this.#encodeLater(encoding, discards)
    } catch {
      this.#drop(1, NOT_ENCODED)
    }
    this.#inFlight = 0
    return undefined
  }

  async #encodeLater(encoding: Promise<void>, discards: number): Promise<void> {
    let isEncoded = true
    await encoding.catch(() => {
      isEncoded = false
    })
    if (discards !== this.#discards) {
      // Given up and counted while its content was waited for.
      this.#options.encoder.clear()
      return
    }
    if (!isEncoded) this.#drop(1, NOT_ENCODED)
    this.#inFlight = 0
  }

  /** Offers a batch until it is taken or given up, in parts where it is too large. */
  async #deliver(batch: Batch, discards: number): Promise<void> {
    const giveUpAtMs = performance.now() + this.#options.retryForMs
    for (let attempt = 0; !this.#isClosed && discards === this.#discards; attempt++) {
      const { status, retryAfterMs, rejected } = await this.#send(batch)
      if (discards !== this.#discards) return
      if (isTaken(status)) return this.#acknowledge(batch.count, rejected)
      if (status === 413 && batch.count > 1) return this.#deliverHalves(batch, discards)
      if (REFUSED_KEY.has(status)) this.#keyRefused(status)
      else if (!RETRYABLE.has(status)) return this.#giveUp(batch.count, answered(status))
      const waitMs = retryAfterMs ?? backoffMs(attempt, status)
      if (performance.now() + waitMs > giveUpAtMs) return this.#giveUp(batch.count, kept(status))
      await this.#sleep(waitMs)
    }
  }

  async #deliverHalves(batch: Batch, discards: number): Promise<void> {
    for (const half of batch.halves()) await this.#deliver(half, discards)
  }

  /** Status 0 stands for a network that failed. */
  async #send(batch: Batch): Promise<SendResult> {
    this.#attempts += 1
    this.#isSending = true
    try {
      const { transport, tellsDropped } = this.#options
      return await transport.send(batch.body(tellsDropped ? this.#dropped : 0))
    } catch {
      return { status: 0 }
    } finally {
      this.#isSending = false
    }
  }

  async #sleep(ms: number): Promise<void> {
    const isHurried = this.#isHurried
    this.#isHurried = false
    if (isHurried) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setIdleTimeout(resolve, ms)
    this.#wake = resolve
    await promise
    this.#wake = undefined
    clearTimeout(timer)
  }

  /** The collector keeps the count of what it refused itself; only the application is told. */
  #acknowledge(count: number, rejected: number = 0): void {
    this.#inFlight -= count
    this.#isKeyRefused = false
    if (rejected > 0) this.#tellDrop(Math.min(rejected, count), 'the collector refused them')
  }

  #keyRefused(status: number): void {
    // A request that began before somebody flushed says nothing of the key as it is now.
    for (const { sinceAttempt, end } of this.#flushes) if (this.#attempts > sinceAttempt) end()
    if (this.#isKeyRefused) return
    this.#isKeyRefused = true
    this.#options.onRefusedKey(status)
  }

  #giveUp(count: number, why: string): void {
    this.#inFlight -= count
    this.#drop(count, why)
  }

  #drop(count: number, why: string): void {
    this.#dropped += count
    this.#tellDrop(count, why)
  }

  #tellDrop(count: number, why: string): void {
    try {
      this.#options.onDrop(count, why)
    } catch {
      // The application's own callback may fail; the count stands.
    }
  }
}

function isTaken(status: number): boolean {
  return status >= 200 && status < 300
}

function answered(status: number): string {
  return `the collector answered ${status}`
}

function kept(status: number): string {
  return status === 0
    ? 'the collector cannot be reached'
    : `the collector keeps answering ${status}`
}

/** Half of the doubling wait is left to chance, so that many processes do not return at once. */
function backoffMs(attempt: number, status: number): number {
  const firstMs = REFUSED_KEY.has(status) ? FIRST_KEY_BACKOFF_MS : FIRST_BACKOFF_MS
  const fullMs = Math.min(MAX_BACKOFF_MS, firstMs * 2 ** attempt)
  return fullMs * (0.5 + Math.random() / 2)
}
