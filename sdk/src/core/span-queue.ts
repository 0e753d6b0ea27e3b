export type QueueLimits = { readonly maxItems: number; readonly maxBytes: number }

type Entry<T> = { readonly item: T; readonly bytes: number }

/** A first-in first-out queue bounded by count and bytes; what is too much pushes out the oldest. */
export class SpanQueue<T> {
  readonly #limits: QueueLimits
  #entries: Entry<T>[] = []
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

  /** Adds an item; answers how many old ones it pushed out (itself among them if it alone is too large). */
  push(item: T, bytes: number): number {
    this.#entries.push({ item, bytes })
    this.#bytes += bytes
    let dropped = 0
    while (this.size > this.#limits.maxItems || this.#bytes > this.#limits.maxBytes) {
      this.#shift()
      dropped += 1
    }
    return dropped
  }

  /** Takes the oldest items, at least one, up to the limits given. */
  take({ maxItems, maxBytes }: QueueLimits): T[] {
    const items: T[] = []
    let bytes = 0
    while (items.length < maxItems) {
      const next = this.#entries[this.#head]
      if (next === undefined || (items.length > 0 && bytes + next.bytes > maxBytes)) break
      bytes += next.bytes
      items.push(next.item)
      this.#shift()
    }
    return items
  }

  clear(): number {
    const { size } = this
    this.#entries = []
    this.#head = 0
    this.#bytes = 0
    return size
  }

  #shift(): void {
    this.#bytes -= this.#entries[this.#head]?.bytes ?? 0
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
