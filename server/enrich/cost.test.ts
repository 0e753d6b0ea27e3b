import { describe, expect, it } from 'vitest'
import type { SpanRecord, TokenUsage } from '../spans/span.ts'
import { priceSpan, type SpanPrice } from './cost.ts'

/** 2026-11-01T00:00:00Z. */
const NOVEMBER_US = 1_793_491_200_000_000

const noUsage: TokenUsage = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
}

type Call = Partial<Omit<SpanRecord, 'usage'>> & { usage?: Partial<TokenUsage> }

function price(call: Call): SpanPrice {
  return priceSpan({
    countsTokens: true,
    type: 'llm',
    costReason: null,
    provider: 'openai',
    model: 'gpt-4o-mini-2024-07-18',
    requestModel: 'gpt-4o-mini',
    startUs: NOVEMBER_US,
    ...call,
    usage: { ...noUsage, ...call.usage },
  })
}

describe('the amount', () => {
  it('of 33 uncached + 64 read + 12 written + 19 output tokens of claude-sonnet-4-5 is 448,200 nano-USD', () => {
    const { costNanoUsd, buckets, reason, priceVersion } = price({
      provider: 'anthropic',
      model: 'claude-sonnet-4-5-20250929',
      usage: { input: 109, cacheRead: 64, cacheWrite: 12, output: 19 },
    })

    // 33 × 3 + 64 × 0.30 + 12 × 3.75 + 19 × 15 = 448.2 micro-USD.
    expect(costNanoUsd).toBe(448_200)
    expect(reason).toBeNull()
    expect(priceVersion).toMatch(/^genai-prices@/)
    expect(buckets).toEqual([
      { kind: 'cache_read', tokens: 64, pricePerMTok: 0.3 },
      { kind: 'cache_write', tokens: 12, pricePerMTok: 3.75 },
      { kind: 'input', tokens: 33, pricePerMTok: 3 },
      { kind: 'output', tokens: 19, pricePerMTok: 15 },
    ])
  })

  it.each([
    // 42 × 0.15 + 17 × 0.60 = 16.5 micro-USD; with 32 cached at 0.075 14.1.
    ['gpt-4o-mini', { input: 42, output: 17 }, 16_500],
    ['gpt-4o-mini', { input: 42, output: 17, cacheRead: 32 }, 14_100],
    // Reasoning is inside output: 55 × 1.10 + 148 × 4.40 = 711.7.
    ['o4-mini', { input: 55, output: 148, reasoning: 128 }, 711_700],
    // Audio apart: 60 × 2.5 + 40 × 32 + 30 × 10 + 20 × 64 = 3010.
    ['gpt-audio', { input: 100, audioInput: 40, output: 50, audioOutput: 20 }, 3_010_000],
    // Without an audio price it is plain input: 100 × 0.15.
    ['gpt-4o-mini', { input: 100, audioInput: 40, output: 0 }, 15_000],
    ['gpt-4o-mini', { input: 0, output: 0 }, 0],
  ])('of %s with %j is %i nano-USD', (model, usage, nanoUsd) => {
    expect(price({ model, usage }).costNanoUsd).toBe(nanoUsd)
  })

  it('is divided by what was used, even at one price', () => {
    const { buckets } = price({
      model: 'o4-mini',
      usage: { input: 55, imageInput: 20, output: 148, reasoning: 128 },
    })

    expect(buckets).toEqual([
      { kind: 'image_input', tokens: 20, pricePerMTok: 1.1 },
      { kind: 'input', tokens: 35, pricePerMTok: 1.1 },
      { kind: 'reasoning', tokens: 128, pricePerMTok: 4.4 },
      { kind: 'output', tokens: 20, pricePerMTok: 4.4 },
    ])
  })

  it('of an embedding needs no output: 9 × 0.02 = 0.18 micro-USD', () => {
    const call = price({ type: 'embedding', model: 'text-embedding-3-small', usage: { input: 9 } })

    expect(call.costNanoUsd).toBe(180)
  })

  it.each([
    [200_000, 1.25],
    [200_001, 2.5],
  ])('of %i input tokens of gemini-2.5-pro uses %d USD for all of them', (input, perMTok) => {
    const call = price({
      provider: 'gcp.gen_ai',
      model: 'gemini-2.5-pro',
      usage: { input, output: 0 },
    })

    expect(call.costNanoUsd).toBe(input * perMTok * 1_000)
  })

  it('is rounded once, to whole nano-USD', () => {
    // 1 × 0.035 + 1 × 0.00875 micro-USD = 43.75 nano-USD.
    const call = price({
      provider: 'aws.bedrock',
      model: 'amazon.nova-micro-v1:0',
      usage: { input: 2, cacheRead: 1, output: 0 },
    })

    expect(call.costNanoUsd).toBe(44)
  })

  it.each([
    ['2025-06-09T00:00:00Z', 10],
    ['2025-06-11T00:00:00Z', 2],
  ])('of o3 on %s uses the price of that day, %d USD', (date, perMTok) => {
    const call = price({
      model: 'o3',
      startUs: Date.parse(date) * 1_000,
      usage: { input: 1_000, output: 0 },
    })

    expect(call.costNanoUsd).toBe(perMTok * 1_000_000)
  })
})

describe('the model', () => {
  it.each([
    ['openai', 'openai/gpt-4o-mini'],
    [null, 'openai/gpt-4o-mini'],
    ['litellm_proxy', 'openai/gpt-4o-mini'],
    ['azure.ai.openai', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-mini-2024-07-18'],
    ['openai', 'GPT-4o-mini'],
  ])('of %s is found as %s', (provider, model) => {
    const call = price({ provider, model, requestModel: null, usage: { input: 1_000, output: 0 } })

    expect(call.costNanoUsd).toBe(150_000)
  })

  it('falls back to the requested one where the answer has a private name', () => {
    const call = price({ model: 'deployment-7', usage: { input: 1_000, output: 0 } })

    expect(call.costNanoUsd).toBe(150_000)
  })

  it.each([
    ['openai', 'our-model'],
    ['my-openai-gateway', 'gpt-4o-mini'],
    [null, 'gpt-4o-mini'],
    ['openai', null],
  ])('of %s named %s has no price', (provider, model) => {
    const call = price({ provider, model, requestModel: model, usage: { input: 1, output: 1 } })

    expect(call).toEqual({
      costNanoUsd: null,
      reason: 'unknown_model',
      priceVersion: null,
      buckets: [],
    })
  })
})

describe('no amount', () => {
  const usage = { input: 10, output: 10 }

  it.each([
    ['not_a_model_call', { countsTokens: false, usage }],
    ['missing_usage', { usage: { input: 10 } }],
    ['missing_usage', { usage: { output: 10 } }],
    ['missing_usage', { type: 'embedding', usage: {} }],
    ['implausible_usage', { costReason: 'implausible_usage', usage }],
    ['implausible_usage', { usage: { input: 10, output: -1 } }],
    ['implausible_usage', { usage: { input: 2e9, output: 1 } }],
    ['implausible_usage', { usage: { input: 10, output: 1, cacheRead: 8, cacheWrite: 3 } }],
    ['self_hosted_unpriced', { provider: 'ollama', usage }],
  ] satisfies [string, Call][])('because of %s: %j', (reason, call) => {
    expect(price(call)).toEqual({ costNanoUsd: null, reason, priceVersion: null, buckets: [] })
  })
})

describe('writes to the cache', () => {
  const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5-20250929' }

  it('cost twice the input where they are kept for an hour', () => {
    // 100 × 3 + 50 × 3.75 + 200 × 6 + 10 × 15 = 1837.5 micro-USD.
    const call = price({
      ...claude,
      usage: { input: 350, cacheWrite: 250, cacheWrite1h: 200, output: 10 },
    })

    expect(call.costNanoUsd).toBe(1_837_500)
    expect(call.buckets.map(({ kind, tokens }) => [kind, tokens])).toEqual([
      ['cache_write_1h', 200],
      ['cache_write', 50],
      ['input', 100],
      ['output', 10],
    ])
  })

  it('cost what the provider has for all of them where it does not tell lengths apart', () => {
    const call = price({
      model: 'gpt-5.6',
      usage: { input: 300, cacheWrite: 200, cacheWrite1h: 200, output: 0 },
    })

    // 100 × 4 + 200 × 5 = 1400.
    expect(call.costNanoUsd).toBe(1_400_000)
  })

  it('are not believed beyond all that was written', () => {
    const usage = { input: 300, cacheWrite: 100, cacheWrite1h: 200, output: 0 }

    expect(price({ ...claude, usage }).reason).toBe('implausible_usage')
  })
})
