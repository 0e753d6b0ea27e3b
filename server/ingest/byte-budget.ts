import { UnavailableError } from '../platform/errors.ts'

const BUSY_RETRY_S = 2
/** Kept free for small requests, so that one large body does not refuse everybody else. */
const RESERVE_BYTES = 16 * 1024 * 1024
const SMALL_BYTES = 1024 * 1024

/** Bytes of one request that count until it is answered. */
export type ByteLease = Disposable & {
  /** Counts bytes before they are kept; UnavailableError where there is no room for them. */
  take(bytes: number): void
}

/**
 * Body bytes held at once by all requests, as sent and inflated. A large request that holds alone
 * among the large ones may pass the limit, or the largest one allowed could never be taken; its own
 * bounds end it then. Small requests find a reserve beyond the limit.
 */
export class ByteBudget {
  readonly #limit: number
  readonly #onRefused: () => void
  #small = 0
  #large = 0

  constructor(limit: number, onRefused: () => void) {
    this.#limit = limit
    this.#onRefused = onRefused
  }

  get held(): number {
    return this.#small + this.#large
  }

  lease(): ByteLease {
    let own = 0
    return {
      take: (bytes) => {
        const next = own + bytes
        if (!this.#hasRoom(own, next)) this.#refuse()
        this.#move(own, next)
        own = next
      },
      [Symbol.dispose]: () => {
        this.#move(own, 0)
        own = 0
      },
    }
  }

  #hasRoom(own: number, next: number): boolean {
    if (next <= SMALL_BYTES) {
      const isInReserve = this.#small - own + next <= RESERVE_BYTES
      return isInReserve || this.held - own + next <= this.#limit + RESERVE_BYTES
    }
    const others = this.#large - (own > SMALL_BYTES ? own : 0)
    return others === 0 || others + next <= this.#limit
  }

  #move(from: number, to: number): void {
    if (from > SMALL_BYTES) this.#large -= from
    else this.#small -= from
    if (to > SMALL_BYTES) this.#large += to
    else this.#small += to
  }

  #refuse(): never {
    this.#onRefused()
    throw new UnavailableError(
      `${this.held} bytes are being stored and ${this.#limit} are allowed; send again`,
      { retryAfterS: BUSY_RETRY_S },
    )
  }
}
