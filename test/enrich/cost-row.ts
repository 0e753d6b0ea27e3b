import type { Sent } from './senders.ts'

/** One call as its sender writes it, and what its provider's published prices make of it. */
export type CostRow = {
  what: string
  sent: Sent
  /** The call's start, UTC. */
  at: string
} & (
  | { nanoUsd: number; arithmetic: string; reason?: undefined }
  | { nanoUsd: null; arithmetic?: undefined; reason: string }
)

/** `arithmetic`: tokens × USD per million, summed, `= N µ$`; `nanoUsd` is that × 1,000, rounded. */
export function priced(
  what: string,
  [at, sent]: readonly [string, Sent],
  [nanoUsd, arithmetic]: readonly [number, string],
): CostRow {
  return { what, sent, at, nanoUsd, arithmetic }
}

/** A call that must not get an amount. */
export function unpriced(
  what: string,
  [at, sent]: readonly [string, Sent],
  reason: string,
): CostRow {
  return { what, sent, at, nanoUsd: null, reason }
}
