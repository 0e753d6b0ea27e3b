import type { CostReason } from '../contract/index.ts'
import type { SpanRecord, TokenUsage } from '../spans/span.ts'
import { findImpossible } from './impossible-usage.ts'
import { findPrices } from './prices.ts'
import { type Price, pricePerMTok, type TokenPrices } from './token-prices.ts'

export type CostBucket = {
  kind:
    | 'input'
    | 'cache_read'
    | 'cache_write'
    | 'cache_write_1h'
    | 'audio_input'
    | 'image_input'
    | 'output'
    | 'audio_output'
    | 'reasoning'
  tokens: number
  pricePerMTok: number
}

export type SpanPrice = {
  /** Rounded once, over all buckets. null with its `reason`. */
  costNanoUsd: number | null
  reason: CostReason | null
  priceVersion: string | null
  /** Disjoint: their tokens add up to the span's input and output. */
  buckets: CostBucket[]
}

/** Writes a span's cost, reason and price version into its record. */
export function priceRecord(record: SpanRecord): void {
  const { costNanoUsd, reason, priceVersion } = priceSpan(record)
  record.costNanoUsd = costNanoUsd
  record.costReason = reason
  record.priceVersion = priceVersion
}

type Priceable = Pick<
  SpanRecord,
  | 'countsTokens'
  | 'type'
  | 'costReason'
  | 'provider'
  | 'model'
  | 'requestModel'
  | 'startUs'
  | 'usage'
>

/** What a call cost by the price list at its start. */
export function priceSpan(record: Priceable): SpanPrice {
  const { usage } = record
  if (!record.countsTokens) return unpriced('not_a_model_call')
  if (record.costReason === 'implausible_usage' || findImpossible(usage) !== null) {
    return unpriced('implausible_usage')
  }
  if (record.provider !== null && SELF_HOSTED.has(record.provider)) {
    return unpriced('self_hosted_unpriced')
  }
  const needsOutput = record.type !== 'embedding'
  if (usage.input === null || (needsOutput && usage.output === null)) {
    return unpriced('missing_usage')
  }
  const prices = pricesOf(record)
  if (prices === null || (needsOutput && prices.output === null)) return unpriced('unknown_model')
  const buckets = bucketsOf(usage, prices)
  return { costNanoUsd: sum(buckets), reason: null, priceVersion: prices.version, buckets }
}

function unpriced(reason: CostReason): SpanPrice {
  return { costNanoUsd: null, reason, priceVersion: null, buckets: [] }
}

const SELF_HOSTED = new Set([
  'ollama',
  'vllm',
  'llama.cpp',
  'llamacpp',
  'lmstudio',
  'lm_studio',
  'tgi',
])

/** The response's model, else the requested one (a deployment's answer may have a private name). */
function pricesOf(record: Priceable): TokenPrices | null {
  for (const model of [record.model, record.requestModel]) {
    const prices = model === null ? null : findPrices(record.provider, model, record.startUs)
    if (prices !== null) return prices
  }
  return null
}

/** Splits inclusive counts; what has no price of its own costs what plain input or output costs. */
function bucketsOf(usage: TokenUsage, prices: TokenPrices): CostBucket[] {
  const { cacheWrite, cacheWrite1h } = prices
  const writes1h = usage.cacheWrite1h ?? 0
  const ofInput: Share[] = [
    ['cache_read', usage.cacheRead, prices.cacheRead],
    ['cache_write_1h', writes1h, cacheWrite1h ?? cacheWrite],
    ['cache_write', (usage.cacheWrite ?? 0) - writes1h, cacheWrite],
    ['audio_input', usage.audioInput, prices.inputAudio],
    ['image_input', usage.imageInput, prices.inputImage],
    ['input', usage.input, prices.input],
  ]
  const ofOutput: Share[] = [
    ['audio_output', usage.audioOutput, prices.outputAudio],
    ['reasoning', usage.reasoning, prices.outputReasoning],
    ['output', usage.output, prices.output],
  ]
  const input = usage.input ?? 0
  return [...divide(input, input, ofInput), ...divide(usage.output ?? 0, input, ofOutput)]
}

type Share = [kind: CostBucket['kind'], wanted: number | null, price: Price | null]

/** Gives each share what it wants of `total` while it lasts; the last one takes the rest. */
function divide(total: number, inputTokens: number, shares: readonly Share[]): CostBucket[] {
  const plain = shares.at(-1)?.[2] ?? 0
  const buckets: CostBucket[] = []
  let rest = total
  for (const [kind, wanted, price] of shares) {
    const tokens = Math.min(wanted ?? 0, rest)
    if (tokens === 0) continue
    buckets.push({ kind, tokens, pricePerMTok: pricePerMTok(price ?? plain, inputTokens) })
    rest -= tokens
  }
  return buckets
}

/**
 * Tokens × USD per million = micro-USD; prices have at most 6 decimals, so the products are whole
 * pico-USD and exact in a double up to 6e8 tokens at 15 USD.
 */
function sum(buckets: readonly CostBucket[]): number {
  let picoUsd = 0
  for (const { tokens, pricePerMTok: price } of buckets) picoUsd += tokens * Math.round(price * 1e6)
  return Math.round(picoUsd / 1_000)
}
