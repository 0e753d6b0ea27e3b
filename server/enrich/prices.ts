import {
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type Provider,
} from '@pydantic/genai-prices'
import type { Price, TokenPrices } from './token-prices.ts'
import { OVERRIDES_VERSION, PRICE_OVERRIDES, type PriceOverride } from './price-overrides.ts'

// The price list of @pydantic/genai-prices as data: its own `calcPrice` throws where cache exceeds
// input and takes 70 µs; a remembered look-up takes well under one.

/** The package whose list is in use; a test holds it to the installed version. */
const LIST_VERSION = 'genai-prices@0.1.8'

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
const remembered = new Map<string, Listed | null>()

/** What is known of a model: its place in the list, its overrides, and prices made of both so far. */
type Listed = {
  /** null: only overrides know it. */
  info: ModelInfo | null
  overrides: readonly PriceOverride[]
  made: { active: ListedPrices; override: PriceOverride | undefined; prices: TokenPrices | null }[]
}

/** The prices of a model at the instant of a call, or null where there are none. */
export function findPrices(
  provider: string | null,
  model: string,
  startUs: number,
): TokenPrices | null {
  const key = `${provider ?? ''}\n${model}`
  let listed = remembered.get(key)
  if (listed === undefined) {
    listed = findListed(provider, model)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, listed)
  }
  if (listed === null) return null
  const active = listed.info === null ? NOT_LISTED : activePrices(listed.info, startUs)
  const override = listed.overrides.find((one) => isValidAt(one, startUs))
  const made = listed.made.find((one) => one.active === active && one.override === override)
  if (made !== undefined) return made.prices
  const prices = toTokenPrices(active, override, model)
  listed.made.push({ active, override, prices })
  return prices
}

const NOT_LISTED: ListedPrices = {}

function isValidAt({ from, until }: PriceOverride, startUs: number): boolean {
  const atMs = startUs / 1_000
  if (from !== undefined && atMs < Date.parse(from)) return false
  return until === undefined || atMs < Date.parse(until)
}

function findListed(provider: string | null, model: string): Listed | null {
  for (const { list, name } of candidates(provider, model)) {
    const listed = findProvider({ providerId: list })
    // The package also matches parts of names; a provider of another name has other prices.
    const found = listed?.id === list ? findListedModel(listed, name) : null
    const owner = found?.list ?? list
    const overrides = PRICE_OVERRIDES.filter(
      (override) => override.list === owner && override.model.test(name.toLowerCase()),
    )
    if (found !== null || overrides.length > 0) {
      return { info: found?.info ?? null, overrides, made: [] }
    }
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
    // The last part alone is the model in `projects/p/locations/l/publishers/x/models/NAME`.
    const names = new Set([model, bare, model.slice(model.lastIndexOf('/') + 1)])
    for (const name of names) found.push({ list, name })
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

/** In the provider's own list, else in those whose models it sells; `list` says in which. */
function findListedModel(
  provider: Provider,
  name: string,
): { info: ModelInfo; list: string } | null {
  const undated = name.replace(DATE_SUFFIX, '')
  const names = undated === name ? [name] : [name, undated]
  for (const id of [provider.id, ...(provider.fallback_model_providers ?? [])]) {
    const owner = id === provider.id ? provider : findProvider({ providerId: id })
    for (const candidate of names) {
      const info = owner?.models.find((model) => isMatch(model.match, candidate))
      if (info !== undefined) return { info, list: id }
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

/**
 * Of dated prices the last whose condition holds; before all of them the first. They stand in order
 * of time: what follows a date that has not come, has not come either.
 */
function activePrices(info: ModelInfo, startUs: number): ListedPrices {
  const { prices } = info
  if (!Array.isArray(prices)) return prices
  const atMs = startUs / 1_000
  let active = prices[0]?.prices ?? NOT_LISTED
  for (const { constraint, prices: dated } of prices) {
    if (constraint?.type === 'start_date') {
      if (atMs < Date.parse(constraint.start_date)) break
      active = dated
    } else if (
      constraint === undefined ||
      isWithin(atMs, constraint.start_time, constraint.end_time)
    ) {
      active = dated
    }
  }
  return active
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

function toTokenPrices(
  listed: ListedPrices,
  override: PriceOverride | undefined,
  model: string,
): TokenPrices | null {
  const input = override?.prices.input ?? priceOf(listed['input_mtok'])
  const output = priceOf(listed['output_mtok'])
  if (input === null && output === null && override?.prices.output === undefined) return null
  return withHourlyWrites(model, {
    version: override === undefined ? LIST_VERSION : `${LIST_VERSION}+${OVERRIDES_VERSION}`,
    output,
    cacheRead: priceOf(listed['cache_read_mtok']),
    cacheWrite: priceOf(listed['cache_write_mtok']),
    cacheWrite1h: priceOf(listed['cache_write_1h_mtok']),
    inputAudio: priceOf(listed['input_audio_mtok']),
    outputAudio: priceOf(listed['output_audio_mtok']),
    inputImage: priceOf(listed['input_image_mtok']),
    outputReasoning: priceOf(listed['output_reasoning_mtok']),
    ...override?.prices,
    input: input ?? 0,
  })
}

/** Twice the input wherever Claude is sold; not every provider's list has it. */
function withHourlyWrites(model: string, prices: TokenPrices): TokenPrices {
  if (prices.cacheWrite1h !== null || prices.cacheWrite === null) return prices
  if (!/claude/i.test(model)) return prices
  return { ...prices, cacheWrite1h: twice(prices.input) }
}

function twice(price: Price): Price {
  if (typeof price === 'number') return price * 2
  const tiers = price.tiers.map((tier) => ({ ...tier, price: tier.price * 2 }))
  return { base: price.base * 2, tiers }
}

function priceOf(value: ListedPrices[string]): Price | null {
  if (typeof value === 'number') return value
  if (value === undefined) return null
  const tiers = [...value.tiers].sort((a, b) => a.start - b.start)
  return { base: value.base, tiers }
}
