/** USD per million tokens; a tiered price goes by the call's whole input. */
export type TokenPrices = {
  /** Of the list, and of the overrides where one was used. */
  version: string
  input: Price
  output: Price | null
  cacheRead: Price | null
  /** Kept for five minutes where the provider tells lengths apart. */
  cacheWrite: Price | null
  cacheWrite1h: Price | null
  inputAudio: Price | null
  outputAudio: Price | null
  inputImage: Price | null
  outputReasoning: Price | null
}

export type Price = number | { base: number; tiers: readonly { start: number; price: number }[] }

/** USD per million tokens for a call with so much input in all. */
export function pricePerMTok(price: Price, inputTokens: number): number {
  if (typeof price === 'number') return price
  let rate = price.base
  for (const tier of price.tiers) if (inputTokens > tier.start) rate = tier.price
  return rate
}
