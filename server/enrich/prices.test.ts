import { createRequire } from 'node:module'
import { findProvider } from '@pydantic/genai-prices'
import { expect, it } from 'vitest'
import { OVERRIDES_VERSION, PRICE_OVERRIDES } from './price-overrides.ts'
import { findPrices } from './prices.ts'
import { pricePerMTok } from './token-prices.ts'

it('names the installed price list, and the overrides where one was used', () => {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const { name, version } = createRequire(import.meta.url)(
    entry.replace(/dist[/\\].*$/, 'package.json'),
  ) as { name: string; version: string }

  const listed = `${name.replace('@pydantic/', '')}@${version}`
  expect(findPrices('openai', 'gpt-4o-mini', 0)?.version).toBe(listed)
  expect(findPrices('openai', 'ft:gpt-4o-mini:acme::a1', 0)?.version).toBe(
    `${listed}+${OVERRIDES_VERSION}`,
  )
})

it('holds prices of at most 6 decimals, which the exact sum of cost.ts rests on', () => {
  const providers = ['openai', 'anthropic', 'google', 'aws', 'azure', 'mistral', 'groq', 'deepseek']
  const amounts = providers.flatMap((id) =>
    (findProvider({ providerId: id })?.models ?? []).flatMap(({ prices }) =>
      (Array.isArray(prices) ? prices.map((dated) => dated.prices) : [prices]).flatMap((listed) =>
        Object.values(listed).flatMap((price) =>
          typeof price === 'number'
            ? [price]
            : price === undefined
              ? []
              : [price.base, ...price.tiers.map((tier) => tier.price)],
        ),
      ),
    ),
  )

  expect(amounts.length).toBeGreaterThan(500)
  for (const amount of amounts) expect(Math.round(amount * 1e6) / 1e6).toBeCloseTo(amount, 12)
})

it('answers the same object for the same model, and null for one it does not know', () => {
  const first = findPrices('anthropic', 'claude-sonnet-4-5', 0)

  expect(first).not.toBeNull()
  expect(findPrices('anthropic', 'claude-sonnet-4-5', 1)).toBe(first)
  expect(findPrices('anthropic', 'gpt-4o-mini', 0)).toBeNull()
})

it('still answers after thousands of made-up models', () => {
  for (let index = 0; index < 3_000; index++) findPrices('openai', `made-up-${index}`, 0)

  expect(findPrices('openai', 'gpt-4o-mini', 0)?.input).toBe(0.15)
})

it('changes by the time of day where the list says so', () => {
  const noon = Date.parse('2025-05-01T12:00:00Z') * 1_000
  const evening = Date.parse('2025-05-01T20:00:00Z') * 1_000
  const at = (us: number) => findPrices('deepseek', 'deepseek-chat', us)

  expect(at(evening)?.output).not.toEqual(at(noon)?.output)
})

it('takes the tier whose start the input exceeds', () => {
  const price = {
    base: 1,
    tiers: [
      { start: 100, price: 2 },
      { start: 200, price: 3 },
    ],
  }

  expect([100, 101, 200, 201].map((tokens) => pricePerMTok(price, tokens))).toEqual([1, 2, 2, 3])
})

const at = (date: string): number => Date.parse(date) * 1_000

it.each([
  ['2025-09-05T15:59:59Z', 0.27],
  ['2025-09-05T16:00:00Z', 0.56],
  ['2025-10-01T16:00:00Z', 0.28],
])(
  'stands over the list from its first instant on: deepseek-chat at %s costs %d',
  (date, input) => {
    expect(findPrices('deepseek', 'deepseek-chat', at(date))?.input).toBe(input)
  },
)

it('leaves to the list what an override does not name', () => {
  const prices = findPrices('openai', 'gpt-4o-audio-preview', 0)

  expect(prices).toMatchObject({ input: 2.5, output: 10, inputAudio: 40, outputAudio: 80 })
})

it('reaches a model that another provider sells by the same list', () => {
  expect(findPrices('azure.ai.openai', 'gpt-4o-audio-preview', 0)?.inputAudio).toBe(40)
})

it('prices an hour of cache at twice the input where a list does not say', () => {
  const bedrock = findPrices('aws.bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 0)
  const vertex = findPrices('gcp.vertex_ai', 'claude-sonnet-4-5@20250929', 0)
  const nova = findPrices('aws.bedrock', 'amazon.nova-lite-v1:0', 0)

  expect(bedrock).toMatchObject({ input: 3.3, cacheWrite: 4.125, cacheWrite1h: 6.6 })
  expect(vertex?.cacheWrite1h).toEqual({ base: 6, tiers: [{ start: 200_000, price: 12 }] })
  expect(nova?.cacheWrite1h).toBeNull()
})

it('takes no peak price from a list of later prices', () => {
  // The night price of the list belongs to the prices of 2026-08-17.
  const june = findPrices('deepseek', 'deepseek-v4-flash', at('2026-06-01T02:00:00Z'))
  const september = findPrices('deepseek', 'deepseek-v4-flash', at('2026-09-01T02:00:00Z'))

  expect([june?.input, september?.input]).toEqual([0.14, 0.44])
})

it.each([
  ['gcp.vertex_ai', 'projects/p/locations/l/publishers/google/models/gemini-2.5-flash', 0.3],
  ['gcp.gen_ai', 'models/gemini-2.5-flash', 0.3],
  ['aws.bedrock', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0', 0.8],
  ['openrouter', 'openai/gpt-4o-mini', 0.15],
  [null, 'openrouter/openai/gpt-4o-mini', 0.15],
  ['openai', 'ft:gpt-4o-mini-2024-07-18:acme::a1', 0.3],
  ['anthropic', 'claude-3-5-sonnet-latest', 3],
])('knows a model of %s as %s', (provider, model, input) => {
  expect(findPrices(provider, model, 0)?.input).toBe(input)
})

it('has overrides with at most 6 decimals, a source and an interval', () => {
  for (const { prices, source, from, until } of PRICE_OVERRIDES) {
    for (const price of Object.values(prices)) {
      const amounts = typeof price === 'number' ? [price] : (price?.tiers.map((t) => t.price) ?? [])
      for (const amount of amounts) expect(Math.round(amount * 1e6) / 1e6).toBe(amount)
    }
    expect(source.length).toBeGreaterThan(10)
    if (from !== undefined && until !== undefined) expect(from < until).toBe(true)
  }
})
