import { describe, expect, test } from 'vitest'
import type { RuleInput, ThresholdCondition } from '../contract/index.ts'
import { defaultMinSamples, findRuleFault, judge, topLevel } from './condition.ts'

function conditionOf(overrides: Partial<ThresholdCondition> = {}): ThresholdCondition {
  return {
    kind: 'threshold',
    metric: 'latency_p95',
    op: 'gt',
    critical: 4_000,
    warn: 3_000,
    recover: 2_500,
    filter: [],
    groupBy: [],
    windowMs: 300_000,
    stepMs: 60_000,
    delayMs: 'auto',
    minSamples: 20,
    ...overrides,
  }
}

function ruleOf(condition: ThresholdCondition): RuleInput {
  return {
    name: 'r',
    enabled: true,
    severity: 'critical',
    condition,
    forMs: 0,
    keepFiringMs: 0,
    onNoData: 'hold',
    onError: 'hold',
    channels: [],
  }
}

const verdictAt = (condition: ThresholdCondition, value: number | null, n = 100) =>
  judge(condition, { value, n, up: true }).verdict

describe('judge', () => {
  test.each([
    [4_000.1, { type: 'breach', level: 'critical' }],
    [4_000, { type: 'breach', level: 'warn' }],
    [3_000, { type: 'between' }],
    [2_500.1, { type: 'between' }],
    [2_500, { type: 'clear' }],
  ])('gt: %d ms is %o', (value, verdict) => {
    expect(verdictAt(conditionOf(), value)).toEqual(verdict)
  })

  test.each([
    [0.5, { type: 'breach', level: 'critical' }],
    [0.7, { type: 'breach', level: 'warn' }],
    [0.71, { type: 'between' }],
    [0.8, { type: 'between' }],
    [0.81, { type: 'clear' }],
  ])('lte: a ratio of %d is %o', (value, verdict) => {
    const condition = conditionOf({
      metric: 'cache_hit_rate',
      op: 'lte',
      critical: 0.5,
      warn: 0.7,
      recover: 0.8,
    })

    expect(verdictAt(condition, value)).toEqual(verdict)
  })

  test('without a recover threshold a value is either a breach or clear', () => {
    const { recover: _unused, ...condition } = conditionOf()

    expect(verdictAt(condition, 3_000)).toEqual({ type: 'clear' })
    expect(verdictAt(condition, 3_000.5)).toEqual({ type: 'breach', level: 'warn' })
  })

  test('a percentile of too few calls is unknown, however slow they were', () => {
    expect(verdictAt(conditionOf(), 90_000, 19)).toEqual({ type: 'unknown', cause: 'insufficient' })
    expect(verdictAt(conditionOf(), 90_000, 20).type).toBe('breach')
    expect(verdictAt(conditionOf({ minSamples: 0 }), null, 0)).toEqual({
      type: 'unknown',
      cause: 'nodata',
    })
  })

  test('a sum over an empty window is zero, whatever minSamples says', () => {
    const condition = conditionOf({ metric: 'cost', op: 'lt', critical: 1, warn: 2, recover: 3 })

    expect(judge(condition, { value: null, n: 0, up: true })).toEqual({
      value: 0,
      n: 0,
      verdict: { type: 'breach', level: 'critical' },
    })
  })

  test('a sum over a window in which no collector ran is unknown', () => {
    const condition = conditionOf({ metric: 'requests' })

    expect(judge(condition, { value: null, n: 0, up: false }).verdict).toEqual({
      type: 'unknown',
      cause: 'down',
    })
  })
})

describe('findRuleFault', () => {
  test.each([
    ['condition.critical', { critical: undefined, warn: undefined }],
    ['condition.warn', { warn: 5_000 }],
    ['condition.recover', { recover: 3_500 }],
    ['condition.recover', { op: 'lt', critical: 1, warn: 2, recover: 1.5 }],
    ['condition.warn', { op: 'lt', critical: 3, warn: 2 }],
    ['condition.stepMs', { stepMs: 900_000 }],
  ] as const)('names %s for %o', (field, overrides) => {
    const condition = conditionOf(overrides as Partial<ThresholdCondition>)

    const fault = findRuleFault(ruleOf(condition))

    expect(fault?.field).toBe(field)
    expect(fault?.message).toMatch(/for example/)
  })

  test('accepts thresholds in order on either side', () => {
    expect(findRuleFault(ruleOf(conditionOf()))).toBeUndefined()
    expect(
      findRuleFault(ruleOf(conditionOf({ op: 'lt', critical: 1, warn: 2, recover: 3 }))),
    ).toBeUndefined()
  })
})

test('p99 asks for 100 samples by default, others for 20', () => {
  expect(defaultMinSamples('latency_p99')).toBe(100)
  expect(defaultMinSamples('ttft_p95')).toBe(20)
})

test('missing data breaches at the gravest level the rule has', () => {
  const { critical: _unused, ...onlyWarn } = conditionOf()

  expect(topLevel(conditionOf())).toBe('critical')
  expect(topLevel(onlyWarn)).toBe('warn')
})
