import { createRequire } from 'node:module'
import { findProvider } from '@pydantic/genai-prices'
import { expect, it } from 'vitest'
import { findPrices, PRICE_VERSION, pricePerMTok } from './prices.ts'

it('names the installed price list', () => {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const { name, version } = createRequire(import.meta.url)(
    entry.replace(/dist[/\\].*$/, 'package.json'),
  ) as { name: string; version: string }

  expect(PRICE_VERSION).toBe(`${name.replace('@pydantic/', '')}@${version}`)
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
