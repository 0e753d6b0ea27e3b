import type { TokenPrices } from './token-prices.ts'

/** Part of the price version of a span that was priced with one of these. Set it to the day of a change. */
export const OVERRIDES_VERSION = '2026-11-26'

/**
 * A price that the provider publishes and the installed list has otherwise or not at all. It stands
 * over the list's; what it leaves out stays the list's.
 */
export type PriceOverride = {
  /** Id of the provider in the list. */
  list: string
  model: RegExp
  /** First and last instant (exclusive), ISO 8601; open where left out. */
  from?: string
  until?: string
  prices: Partial<Omit<TokenPrices, 'version'>>
  /** Where it is published, and of when. */
  source: string
}

const OPENAI = 'platform.openai.com/docs/pricing'
const DEEPSEEK =
  'api-docs.deepseek.com/quick_start/pricing, price lists of 2025-09-05 and 2025-09-29'
const GPT_4O_AUDIO = { inputAudio: 40, outputAudio: 80 }
const LONG_SONNET = {
  input: over200k(3, 6),
  output: over200k(15, 22.5),
  cacheRead: over200k(0.3, 0.6),
  cacheWrite: over200k(3.75, 7.5),
  cacheWrite1h: over200k(6, 12),
}
const SEPTEMBER_5 = '2025-09-05T16:00:00Z'
const SEPTEMBER_29 = '2025-09-29T10:00:00Z'
const MISTRAL_LARGE_3 = '2025-12-02T00:00:00Z'

export const PRICE_OVERRIDES: readonly PriceOverride[] = [
  fineTuned('gpt-4o-mini(-2024-07-18)?', [0.3, 0.15, 1.2]),
  fineTuned('gpt-4o(-2024-08-06|-2024-11-20)?', [3.75, 1.875, 15]),
  fineTuned('gpt-4\\.1(-2025-04-14)?', [3, 0.75, 12]),
  fineTuned('gpt-4\\.1-mini(-2025-04-14)?', [0.8, 0.2, 3.2]),
  fineTuned('gpt-4\\.1-nano(-2025-04-14)?', [0.2, 0.05, 0.8]),
  fineTuned('o4-mini(-2025-04-16)?', [4, 1, 16]),
  {
    list: 'openai',
    model: /^gpt-4o-audio-preview(-2024-12-17|-2025-06-03)?$/,
    prices: GPT_4O_AUDIO,
    source: `${OPENAI}, audio tokens, list of 2025-06`,
  },
  {
    list: 'openai',
    model: /^gpt-4o-audio-preview-2024-10-01$/,
    prices: { inputAudio: 100, outputAudio: 200 },
    source: `${OPENAI}, audio tokens, list of 2024-12`,
  },
  {
    list: 'openai',
    model: /^gpt-4o-mini-audio-preview/,
    prices: { inputAudio: 10, outputAudio: 20 },
    source: `${OPENAI}, audio tokens, list of 2025-06`,
  },
  {
    list: 'openai',
    model: /^o3(-2025-04-16)?$/,
    until: '2025-06-10T00:00:00Z',
    prices: { cacheRead: 2.5 },
    source: `${OPENAI}, o3 before the cut of 2025-06-10`,
  },
  {
    list: 'openai',
    model: /^gpt-4o$/,
    until: '2024-10-02T00:00:00Z',
    prices: { input: 5, cacheRead: null, output: 15 },
    source: `${OPENAI}, the name stood for gpt-4o-2024-05-13 until 2024-10-02`,
  },
  {
    list: 'anthropic',
    model: /^claude-sonnet-4(-0|-20250514)?$/,
    from: '2025-08-12T00:00:00Z',
    prices: LONG_SONNET,
    source: 'docs.claude.com/en/docs/about-claude/pricing, long context, list of 2025-10',
  },
  {
    list: 'google',
    model: /^gemini-1\.5-pro/,
    prices: {
      cacheRead: {
        base: 0.3125,
        tiers: [{ start: 128_000, price: 0.625 }],
      },
    },
    source: 'ai.google.dev/pricing, context caching, list of 2025-02',
  },
  {
    list: 'deepseek',
    model: /^deepseek-(chat|reasoner)$/,
    from: SEPTEMBER_5,
    until: SEPTEMBER_29,
    prices: { input: 0.56, cacheRead: 0.07, output: 1.68 },
    source: DEEPSEEK,
  },
  {
    list: 'deepseek',
    model: /^deepseek-(chat|reasoner)$/,
    from: SEPTEMBER_29,
    prices: { input: 0.28, cacheRead: 0.028, output: 0.42 },
    source: DEEPSEEK,
  },
  {
    list: 'mistral',
    model: /^mistral-large-latest$/,
    from: MISTRAL_LARGE_3,
    prices: { input: 0.5, output: 1.5, cacheRead: 0.05 },
    source: 'mistral.ai/pricing: the name stands for mistral-large-2512 since 2025-12-02',
  },
  {
    list: 'aws',
    model: /amazon\.titan-embed-text-v2/,
    prices: { input: 0.02 },
    source: 'aws.amazon.com/bedrock/pricing, Titan Text Embeddings V2, list of 2025-06',
  },
  {
    list: 'cohere',
    model: /^embed-(english|multilingual)(-light)?-v3\.0$/,
    prices: { input: 0.1 },
    source: 'cohere.com/pricing, embed 3, list of 2025-06',
  },
]

function over200k(base: number, price: number): TokenPrices['input'] {
  return { base, tiers: [{ start: 200_000, price }] }
}

function fineTuned(
  base: string,
  [input, cacheRead, output]: readonly [number, number, number],
): PriceOverride {
  return {
    list: 'openai',
    model: new RegExp(`^ft:${base}(:|$)`),
    prices: { input, cacheRead, output },
    source: `${OPENAI}, fine-tuned models, list of 2025-06`,
  }
}
