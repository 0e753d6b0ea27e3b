/** What one window's value means to a rule. */
import {
  isSumMetric,
  type AnyMetricName,
  type CompareOp,
  type RuleInput,
  type ThresholdCondition,
} from '../contract/index.ts'
import type { Level, Verdict } from './step.ts'

/** `up`: a collector ran during the window, so that nothing stored means nothing happened. */
export type WindowSample = { value: number | null; n: number; up: boolean }
export type Judgement = { value: number | null; n: number; verdict: Verdict }
export type RuleFault = { field: string; message: string }

const MIN_SAMPLES_P99 = 100
const MIN_SAMPLES = 20

export function judge(condition: ThresholdCondition, sample: WindowSample): Judgement {
  const { n } = sample
  if (isSumMetric(condition.metric)) {
    const value = sample.value ?? (sample.up ? 0 : null)
    if (value === null) return { value, n, verdict: { type: 'unknown', cause: 'down' } }
    return { value, n, verdict: compare(condition, value) }
  }
  const { value } = sample
  if (value === null || n < condition.minSamples) {
    const cause = n > 0 ? 'insufficient' : sample.up ? 'nodata' : 'down'
    return { value, n, verdict: { type: 'unknown', cause } }
  }
  return { value, n, verdict: compare(condition, value) }
}

/** Percentiles near the end need more calls before one slow call stops deciding. */
export function defaultMinSamples(metric: AnyMetricName): number {
  return metric.endsWith('_p99') ? MIN_SAMPLES_P99 : MIN_SAMPLES
}

export function fireThreshold(condition: ThresholdCondition, level: Level): number {
  const { critical, warn } = condition
  return (level === 'critical' ? (critical ?? warn) : (warn ?? critical)) ?? 0
}

/** Where a value must come back to; without a recover threshold the mildest fire threshold. */
export function recoverThreshold(condition: ThresholdCondition): number {
  return condition.recover ?? condition.warn ?? condition.critical ?? 0
}

export function topLevel(condition: ThresholdCondition): Level {
  return condition.critical === undefined ? 'warn' : 'critical'
}

export function isHigherWorse(op: CompareOp): boolean {
  return op === 'gt' || op === 'gte'
}

/** The first contradiction between fields of a rule, each of which is valid alone. */
export function findRuleFault({ condition }: RuleInput): RuleFault | undefined {
  return findThresholdFault(condition) ?? findWindowFault(condition)
}

function findThresholdFault(condition: ThresholdCondition): RuleFault | undefined {
  const { critical, warn, recover, op } = condition
  const side = isHigherWorse(op) ? 'at most' : 'at least'
  if (critical === undefined && warn === undefined) {
    return {
      field: 'condition.critical',
      message: 'give at least one threshold: critical, warn or both, for example critical 4000',
    }
  }
  if (critical !== undefined && warn !== undefined && isPast(op, warn, critical)) {
    return {
      field: 'condition.warn',
      message: `warn ${warn} is past critical ${critical}: with op ${op} it must be ${side} critical, for example ${exampleOf(op)}`,
    }
  }
  const mildest = warn ?? critical
  if (recover !== undefined && mildest !== undefined && isPast(op, recover, mildest)) {
    return {
      field: 'condition.recover',
      message: `recover ${recover} is on the wrong side of ${warn === undefined ? 'critical' : 'warn'} ${mildest}: with op ${op} it must be ${side} that, for example ${exampleOf(op)}`,
    }
  }
  return undefined
}

function findWindowFault({ stepMs, windowMs }: ThresholdCondition): RuleFault | undefined {
  if (stepMs <= windowMs) return undefined
  return {
    field: 'condition.stepMs',
    message: `stepMs ${stepMs} is longer than windowMs ${windowMs}, so calls between two windows would never be judged; for example stepMs 60000, windowMs 300000`,
  }
}

function exampleOf(op: CompareOp): string {
  return isHigherWorse(op)
    ? 'critical 4000, warn 3000, recover 2500'
    : 'critical 10, warn 20, recover 30'
}

function isPast(op: CompareOp, value: number, limit: number): boolean {
  return isHigherWorse(op) ? value > limit : value < limit
}

function compare(condition: ThresholdCondition, value: number): Verdict {
  const { op, critical, warn } = condition
  if (critical !== undefined && holds(op, value, critical)) {
    return { type: 'breach', level: 'critical' }
  }
  if (warn !== undefined && holds(op, value, warn)) return { type: 'breach', level: 'warn' }
  return holds(op, value, recoverThreshold(condition)) ? { type: 'between' } : { type: 'clear' }
}

function holds(op: CompareOp, value: number, threshold: number): boolean {
  switch (op) {
    case 'gt':
      return value > threshold
    case 'gte':
      return value >= threshold
    case 'lt':
      return value < threshold
    case 'lte':
      return value <= threshold
  }
}
