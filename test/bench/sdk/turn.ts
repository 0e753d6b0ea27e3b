/** A segment without the package and one with it. */
export type Pair = {
  /** CPU per call without the package, µs. */
  readonly bareUs: number
  /** What the package added. */
  readonly addedUs: number
  /** The part of it on the application's own thread; the rest is compression, collection, compilation. */
  readonly addedMainUs: number
  /** For streams. */
  readonly addedFirstChunkUs: number | null
}

/** Asks for the next pair, or says that there is none. */
export type TurnOrder = 'pair' | 'end'
