import {
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type Provider,
} from '@pydantic/genai-prices'

// The price list of @pydantic/genai-prices as data: its own `calcPrice` throws where cache exceeds
// input and takes 70 µs; a remembered look-up takes well under one.

/** The package whose list is in use; a test holds it to the installed version. */
export const PRICE_VERSION = 'genai-prices@0.1.8'

/** USD per million tokens; a tiered price goes by the call's whole input. */
export type TokenPrices = {
  input: Price
  output: Price | null
  cacheRead: Price | null
  cacheWrite: Price | null
  inputAudio: Price | null
  outputAudio: Price | null
  inputImage: Price | null
  outputReasoning: Price | null
}

export type Price = number | { base: number; tiers: readonly { start: number; price: number }[] }

/** OTel's provider names where the price list has others. */
const LIST_IDS = new Map([
  ['gcp.gen_ai', 'google'],
  ['gcp.vertex_ai', 'google'],
  ['aws.bedrock', 'aws'],
  ['azure.ai.openai', 'azure'],
  ['azure.ai.inference', 'azure'],
  ['mistral_ai', 'mistral'],
  ['x_ai', 'x-ai'],
  ['moonshot_ai', 'moonshotai'],
  ['together_ai', 'together'],
  ['fireworks_ai', 'fireworks'],
])

const MAX_REMEMBERED = 2_000
const remembered = new Map<string, ModelInfo | null>()
const pricesByModel = new WeakMap<object, TokenPrices | null>()

/** The prices of a model at the instant of a call, or null where the list has none. */
export function findPrices(
  provider: string | null,
  model: string,
  startUs: number,
): TokenPrices | null {
  const key = `${provider ?? ''}\n${model}`
  let info = remembered.get(key)
  if (info === undefined) {
    info = findModel(provider, model)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, info)
  }
  if (info === null) return null
  const active = activePrices(info, startUs)
  let prices = pricesByModel.get(active)
  if (prices === undefined) {
    prices = toTokenPrices(active)
    pricesByModel.set(active, prices)
  }
  return prices
}

function findModel(provider: string | null, model: string): ModelInfo | null {
  for (const { list, name } of candidates(provider, model)) {
    const listed = findProvider({ providerId: list })
    // The package also matches parts of names; a provider of another name has other prices.
    if (listed?.id !== list) continue
    const info = findListedModel(listed, name)
    if (info !== null) return info
  }
  return null
}

/** Where to look: the provider's list, then that of a `provider/` prefix of the model. */
function candidates(provider: string | null, model: string): { list: string; name: string }[] {
  const found: { list: string; name: string }[] = []
  const slash = model.indexOf('/')
  const bare = slash > 0 ? model.slice(slash + 1) : model
  if (provider !== null) {
    const list = LIST_IDS.get(provider) ?? provider
    found.push({ list, name: model })
    if (bare !== model) found.push({ list, name: bare })
  }
  if (slash > 0) {
    const prefix = model.slice(0, slash).toLowerCase()
    found.push({ list: LIST_IDS.get(PREFIXES.get(prefix) ?? prefix) ?? prefix, name: bare })
  }
  return found
}

const PREFIXES = new Map([
  ['gemini', 'gcp.gen_ai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['bedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['xai', 'x_ai'],
  ['together_ai', 'together_ai'],
  ['fireworks_ai', 'fireworks_ai'],
])

const DATE_SUFFIX = /[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest)$/

function findListedModel(provider: Provider, name: string): ModelInfo | null {
  const undated = name.replace(DATE_SUFFIX, '')
  const names = undated === name ? [name] : [name, undated]
  for (const candidate of names) {
    const info = provider.models.find((model) => isMatch(model.match, candidate))
    if (info !== undefined) return info
  }
  for (const id of provider.fallback_model_providers ?? []) {
    const fallback = findProvider({ providerId: id })
    if (fallback === undefined || fallback.id === provider.id) continue
    for (const candidate of names) {
      const info = fallback.models.find((model) => isMatch(model.match, candidate))
      if (info !== undefined) return info
    }
  }
  return null
}

function isMatch(logic: MatchLogic, model: string): boolean {
  const name = model.toLowerCase()
  if ('or' in logic) return logic.or.some((part) => isMatch(part, model))
  if ('and' in logic) return logic.and.every((part) => isMatch(part, model))
  if ('equals' in logic) return name === logic.equals.toLowerCase()
  if ('starts_with' in logic) return name.startsWith(logic.starts_with.toLowerCase())
  if ('ends_with' in logic) return name.endsWith(logic.ends_with.toLowerCase())
  if ('contains' in logic) return name.includes(logic.contains.toLowerCase())
  return new RegExp(logic.regex).test(model)
}

type ListedPrices = Extract<ModelInfo['prices'], Record<string, unknown>>

/** Of dated prices the last whose condition holds; before all of them the first. */
function activePrices(info: ModelInfo, startUs: number): ListedPrices {
  const { prices } = info
  if (!Array.isArray(prices)) return prices
  const atMs = startUs / 1_000
  for (const { constraint, prices: dated } of prices.toReversed()) {
    if (constraint === undefined) return dated
    if (constraint.type === 'start_date') {
      if (atMs >= Date.parse(constraint.start_date)) return dated
    } else if (isWithin(atMs, constraint.start_time, constraint.end_time)) return dated
  }
  return prices[0]?.prices ?? {}
}

const DAY_S = 86_400

/** Whether the time of day (UTC) lies in a range that may pass midnight. */
function isWithin(atMs: number, startTime: string, endTime: string): boolean {
  const second = ((Math.floor(atMs / 1_000) % DAY_S) + DAY_S) % DAY_S
  const start = secondOfDay(startTime)
  const end = secondOfDay(endTime)
  return end < start ? second >= start || second < end : second >= start && second < end
}

function secondOfDay(time: string): number {
  return Math.floor(Date.parse(`1970-01-01T${time}`) / 1_000)
}

function toTokenPrices(listed: ListedPrices): TokenPrices | null {
  const input = priceOf(listed['input_mtok'])
  const output = priceOf(listed['output_mtok'])
  if (input === null && output === null) return null
  return {
    input: input ?? 0,
    output,
    cacheRead: priceOf(listed['cache_read_mtok']),
    cacheWrite: priceOf(listed['cache_write_mtok']),
    inputAudio: priceOf(listed['input_audio_mtok']),
    outputAudio: priceOf(listed['output_audio_mtok']),
    inputImage: priceOf(listed['input_image_mtok']),
    outputReasoning: priceOf(listed['output_reasoning_mtok']),
  }
}

function priceOf(value: ListedPrices[string]): Price | null {
  if (typeof value === 'number') return value
  if (value === undefined) return null
  const tiers = [...value.tiers].sort((a, b) => a.start - b.start)
  return { base: value.base, tiers }
}

/** USD per million tokens for a call with so much input in all. */
export function pricePerMTok(price: Price, inputTokens: number): number {
  if (typeof price === 'number') return price
  let rate = price.base
  for (const tier of price.tiers) if (inputTokens > tier.start) rate = tier.price
  return rate
}
