import type { AlertSeverity, EpochMs, RuleInput } from '../contract/index.ts'
import { topLevel } from './condition.ts'
import type { GroupState, Level, StepRule } from './step.ts'

export type GroupLabels = Record<string, string | null>

/** A rule as one evaluator holds it under its lease. */
export type ClaimedRule = {
  ruleId: string
  projectId: string
  version: number
  input: RuleInput
  nextTick: EpochMs
  replayFrom: EpochMs | null
  replayReason: 'edit' | 'late' | null
  failures: number
  fence: number
  /** The database's time at the claim. */
  now: EpochMs
}

export type OpenIncident = {
  incidentId: string
  startedAt: EpochMs
  peak: number | null
  seq: number
}

/** What is known of one group of a rule between two ticks. */
export type RuleGroup = {
  key: string
  labels: GroupLabels
  state: GroupState
  value: number | null
  n: number
  /** Last tick whose window held a call of this group. */
  seenAt: EpochMs | null
  incident: OpenIncident | null
}

/** Same labels, same key, in whatever order they came. */
export function groupKeyOf(labels: GroupLabels): string {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(entries))
}

export function toStepRule({ condition, ...input }: RuleInput): StepRule {
  return {
    stepMs: condition.stepMs,
    windowMs: condition.windowMs,
    forMs: input.forMs,
    keepFiringMs: input.keepFiringMs,
    onNoData: input.onNoData,
    onError: input.onError,
    topLevel: topLevel(condition),
  }
}

/** A warning is never graver than the rule itself. */
export function severityOf(input: RuleInput, level: Level): AlertSeverity {
  if (level === 'critical') return input.severity
  return input.severity === 'info' ? 'info' : 'warning'
}
