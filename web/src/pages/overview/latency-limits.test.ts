import { expect, test } from 'vitest'
import type { Rule } from '@sightline/server/contract'
import { latencyLimits } from './latency-limits.ts'

function ruleOf(condition: Partial<Rule['condition']>, enabled = true): Rule {
  return {
    enabled,
    condition: { metric: 'latency_p95', filter: [], critical: 4_000, ...condition },
  } as Rule
}

test('a rule over the shown calls draws its limits, named', () => {
  expect(
    latencyLimits([ruleOf({ warn: 3_000 })], []).map(({ value, label }) => [value, label]),
  ).toEqual([
    [4_000, 'p95 limit 4.00 s'],
    [3_000, 'p95 warning 3.00 s'],
  ])
})

test('rules over other calls or metrics, and paused ones, draw nothing', () => {
  const rules = [
    ruleOf({ filter: ['model:eq:m-1'] }),
    ruleOf({ metric: 'cost' }),
    ruleOf({ metric: 'latency_avg' }),
    ruleOf({}, false),
  ]

  expect(latencyLimits(rules, [])).toEqual([])
  expect(latencyLimits(rules, ['model:eq:m-1'])).toHaveLength(1)
})
