import { findProvider } from '@pydantic/genai-prices'
import type { TokenUsage } from '../simulator/wire.ts'

type NanoUsdPerToken = { input: number; cacheRead: number; output: number }

const pricesByModel = new Map<string, NanoUsdPerToken>()

/** The cost of one call in nano-USD, rounded once; cached tokens are part of the input. */
export function callCostNanoUsd(model: string, usage: TokenUsage): number {
  const price = pricesByModel.get(model) ?? readPrice(model)
  pricesByModel.set(model, price)
  const fresh = usage.promptTokens - usage.cachedTokens
  return Math.round(
    fresh * price.input +
      usage.cachedTokens * price.cacheRead +
      usage.completionTokens * price.output,
  )
}

function readPrice(model: string): NanoUsdPerToken {
  const known = findProvider({ providerId: 'openai' })?.models.find(({ id }) => id === model)
  if (known === undefined || Array.isArray(known.prices)) {
    throw new Error(`no single price of the model ${model} in @pydantic/genai-prices`)
  }
  const { prices } = known
  function nanoUsd(key: string): number {
    const perMillion = prices[key]
    if (typeof perMillion !== 'number') throw new Error(`the price of ${model} has no ${key}`)
    // USD per million tokens is 1,000 times nano-USD per token.
    return perMillion * 1_000
  }
  return {
    input: nanoUsd('input_mtok'),
    cacheRead: nanoUsd('cache_read_mtok'),
    output: nanoUsd('output_mtok'),
  }
}
