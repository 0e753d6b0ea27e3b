import { expect, test } from 'vitest'
import { createTally } from './tally.ts'

const USAGE = {
  promptTokens: 2_000,
  cachedTokens: 1_024,
  completionTokens: 300,
  reasoningTokens: 50,
}

test('calls, errors, tokens and the cost of each model are summed exactly', () => {
  const tally = createTally()

  tally.add({
    isFailed: false,
    spans: 5,
    calls: [
      { model: 'gpt-5-mini', usage: USAGE },
      { model: 'gpt-4o-mini', usage: USAGE },
    ],
  })
  tally.add({ isFailed: true, spans: 3, calls: [{ model: 'gpt-5-mini', usage: undefined }] })

  expect(tally.totals()).toEqual({
    requests: 2,
    failedRequests: 1,
    calls: 3,
    errors: 1,
    spans: 8,
    tokens: { input: 4_000, output: 600, cacheRead: 2_048, reasoning: 100 },
    // USD per million: gpt-5-mini 0.25, cached 0.025, output 2; gpt-4o-mini 0.15, 0.075, 0.6.
    costUsd: { 'gpt-4o-mini': 0.0004032, 'gpt-5-mini': 0.0008696 },
    totalCostUsd: 0.0012728,
  })
})

test('a model without a price is named', () => {
  const tally = createTally()
  const calls = [{ model: 'gpt-none', usage: USAGE }]

  expect(() => tally.add({ isFailed: false, spans: 1, calls })).toThrow('gpt-none')
})
