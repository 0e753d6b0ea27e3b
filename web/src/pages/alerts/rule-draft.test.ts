import { expect, test } from 'vitest'
import { RuleInput } from '@sightline/server/contract'
import { draftOf as begunDraft, EMPTY_DRAFT, ruleOf, type RuleDraft } from './rule-draft.ts'
import { ruleSentence } from './rule-sentence.ts'

const draftOf = (overrides: Partial<RuleDraft>): RuleDraft => ({
  ...EMPTY_DRAFT,
  critical: '4000',
  ...overrides,
})

function ruleFrom(overrides: Partial<RuleDraft>): RuleInput {
  const result = ruleOf(draftOf(overrides))
  if (result.status === 'invalid') throw new Error(JSON.stringify(result.problems))
  return result.rule
}

test('a sentence becomes a rule that the contract takes', () => {
  const rule = ruleFrom({
    field: 'service',
    value: 'chat:eu',
    windowMin: 10,
    forMin: '2',
    recover: '2500',
  })

  expect(RuleInput.parse(rule)).toMatchObject({
    severity: 'critical',
    forMs: 120_000,
    condition: {
      critical: 4_000,
      recover: 2_500,
      windowMs: 600_000,
      filter: ['service:eq:chat:eu'],
    },
  })
})

test('rates are typed in percent and stored as ratios', () => {
  expect(ruleFrom({ metric: 'error_rate', critical: '29' }).condition.critical).toBe(0.29)
})

test('a rule without a name is named by its sentence', () => {
  expect(ruleFrom({}).name).toBe('p95 latency over 4000 ms')
  expect(ruleFrom({ metric: 'error_rate', critical: '5', field: 'model', value: 'm-1' }).name).toBe(
    'error rate of m-1 over 5%',
  )
})

test('with only a warning limit the rule warns', () => {
  expect(ruleFrom({ critical: '', warn: '3000' }).severity).toBe('warning')
})

test('each fault is named by its field', () => {
  const result = ruleOf(draftOf({ critical: 'abc', forMin: '-1', field: 'model' }))

  expect(result.status === 'invalid' && result.problems.map(({ field }) => field)).toEqual([
    'critical',
    'value',
    'forMin',
  ])
  expect(ruleOf(draftOf({ critical: '' })).status).toBe('invalid')
})

test('a stored rule reads as a sentence in the units people think in', () => {
  const rule = ruleFrom({ field: 'service', value: 'chat', forMin: '2', warn: '3000' })

  expect(ruleSentence(rule)).toBe(
    'p95 latency where service is chat over 4.00 s, warn at 3.00 s, window 5 min, for 2 min, at least 20 calls',
  )
})

test('a rule begun by a chart takes its filters, the first that has words into the sentence', () => {
  const draft = begunDraft({
    metric: 'error_rate',
    op: 'gte',
    critical: '0.05',
    filters: ['status:eq:error', 'model:eq:llama3.2:3b', 'user:has:x'],
  })

  expect(draft).toMatchObject({ op: 'gte', critical: '5', field: 'model', value: 'llama3.2:3b' })
  expect(draft.filters).toEqual(['status:eq:error', 'user:has:x'])
  expect(ruleFrom(draft).condition).toMatchObject({
    metric: 'error_rate',
    critical: 0.05,
    filter: ['model:eq:llama3.2:3b', 'status:eq:error', 'user:has:x'],
  })
})
