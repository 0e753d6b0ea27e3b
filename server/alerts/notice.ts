import type { AlertSeverity, EpochMs, Incident } from '../contract/index.ts'
import { unitOfMetric } from '../contract/index.ts'
import { fireThreshold, recoverThreshold } from './condition.ts'
import { severityOf, type ClaimedRule, type GroupLabels } from './rule-record.ts'
import type { GroupState, Level } from './step.ts'

export type NoticeKind = 'fire' | 'raise' | 'lower' | 'resolve'

/** Why an incident closed without its values having recovered. */
export type CloseReason = 'gone' | 'rule_changed' | 'rule_deleted' | 'rule_disabled'

/** The facts of one message, as they were at its tick; each channel words them in its own way. */
export type Notice = {
  kind: NoticeKind
  reason: NoticeKind | CloseReason | 'test'
  incidentId: string
  seq: number
  projectId: string
  ruleId: string
  ruleName: string
  ruleVersion: number
  runbook: string | null
  labels: GroupLabels
  severity: AlertSeverity
  metric: string
  op: string
  unit: string
  value: number | null
  samples: number
  fire: number
  recover: number
  windowMs: number
  forMs: number
  delayMs: number
  state: GroupState['phase']
  previous: GroupState['phase']
  health: GroupState['health']
  startedAt: EpochMs
  endedAt: EpochMs | null
  tick: EpochMs
  /** Minutes that the data of this breach came too late; null where it came in time. */
  lateMinutes: number | null
  exemplars: Incident['exemplars']
}

export type NoticeFacts = Pick<
  Notice,
  'kind' | 'reason' | 'incidentId' | 'seq' | 'labels' | 'value' | 'samples' | 'previous'
> &
  Pick<Notice, 'state' | 'health' | 'startedAt' | 'endedAt' | 'tick'> & { level: Level }

export function toNotice(rule: NoticeRule, { level, ...facts }: NoticeFacts): Notice {
  const { input } = rule
  const { condition } = input
  return {
    ...facts,
    projectId: rule.projectId,
    ruleId: rule.ruleId,
    ruleName: input.name,
    ruleVersion: rule.version,
    runbook: input.runbook ?? null,
    severity: severityOf(input, level),
    metric: condition.metric,
    op: condition.op,
    unit: unitOfMetric(condition.metric),
    fire: fireThreshold(condition, level),
    recover: recoverThreshold(condition),
    windowMs: condition.windowMs,
    forMs: input.forMs,
    delayMs: rule.delayMs,
    lateMinutes: null,
    exemplars: [],
  }
}

export type NoticeRule = Pick<ClaimedRule, 'projectId' | 'ruleId' | 'version' | 'input'> & {
  delayMs: number
}
