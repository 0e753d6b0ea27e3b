import { UnavailableError } from '../platform/errors.ts'

const BUSY_RETRY_S = 2

/** Bytes of one request that count until it is answered. */
export type ByteLease = Disposable & {
  /** Counts bytes before they are kept; UnavailableError where there is no room for them. */
  take(bytes: number): void
}

/**
 * Body bytes held at once by all requests, as sent and inflated. A request that holds alone may
 * pass the limit, or the largest one allowed could never be taken; its own bounds end it then.
 */
export class ByteBudget {
  readonly #limit: number
  readonly #onRefused: () => void
  #held = 0

  constructor(limit: number, onRefused: () => void) {
    this.#limit = limit
    this.#onRefused = onRefused
  }

  get held(): number {
    return this.#held
  }

  lease(): ByteLease {
    let own = 0
    return {
      take: (bytes) => {
        const others = this.#held - own
        if (others > 0 && this.#held + bytes > this.#limit) this.#refuse()
        own += bytes
        this.#held += bytes
      },
      [Symbol.dispose]: () => {
        this.#held -= own
        own = 0
      },
    }
  }

  #refuse(): never {
    this.#onRefused()
    throw new UnavailableError(
      `${this.#held} bytes are being stored and ${this.#limit} are allowed; send again`,
      { retryAfterS: BUSY_RETRY_S },
    )
  }
}
