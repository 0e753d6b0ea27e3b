export type QueueLimits = { readonly maxItems: number; readonly maxBytes: number }

type Entry<T> = { readonly item: T; readonly bytes: number }

/** A first-in first-out queue bounded by count and bytes; what is too much pushes out the oldest. */
export class SpanQueue<T> {
  readonly #limits: QueueLimits
  #entries: (Entry<T> | undefined)[] = []
  #head = 0
  #bytes = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds an item; answers how many were lost for it: old ones it pushed out, or itself if it alone is too large. */
  push(item: T, bytes: number): number {
    if (bytes > this.#limits.maxBytes) return 1
    this.#entries.push({ item, bytes })
    this.#bytes += bytes
    let dropped = 0
    while (this.size > this.#limits.maxItems || this.#bytes > this.#limits.maxBytes) {
      this.#drop()
      dropped += 1
    }
    return dropped
  }

  /** The oldest item, or undefined when there is none. */
  shift(): T | undefined {
    const item = this.#entries[this.#head]?.item
    if (item !== undefined) this.#drop()
    return item
  }

  clear(): number {
    const { size } = this
    this.#entries = []
    this.#head = 0
    this.#bytes = 0
    return size
  }

  #drop(): void {
    this.#bytes -= this.#entries[this.#head]?.bytes ?? 0
    // Or what has been sent stays in memory until the array is cut.
    this.#entries[this.#head] = undefined
    this.#head += 1
    // Array.shift moves every entry each time; cutting off the used half costs one move per entry.
    if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    } else if (this.#head === this.#entries.length) {
      this.#entries = []
      this.#head = 0
    }
  }
}
