import { unitOfMetric, type EpochMs, type Incident } from '../contract/index.ts'
import { fireThreshold, isHigherWorse, judge, type Judgement } from './condition.ts'
import {
  toNotice,
  type CloseReason,
  type Notice,
  type NoticeKind,
  type NoticeRule,
} from './notice.ts'
import { groupKeyOf, severityOf, toStepRule } from './rule-record.ts'
import type { GroupLabels, RuleGroup } from './rule-record.ts'
import {
  initialState,
  step,
  type GroupState,
  type Level,
  type StepEvent,
  type Verdict,
} from './step.ts'

/** One group's value over the window that ends at a tick. */
export type GroupSample = { labels: GroupLabels; value: number | null; n: number }

/** What was found when a tick was looked at. */
export type TickReading =
  | { type: 'read'; tick: EpochMs; up: boolean; samples: ReadonlyMap<string, GroupSample> }
  | { type: 'failed'; tick: EpochMs; message: string }

export type EvaluationRow = {
  groupKey: string
  tick: EpochMs
  labels: GroupLabels
  version: number
  verdict: string
  value: number | null
  n: number
  state: GroupState['phase']
  health: GroupState['health']
  detail: string
}
export type IncidentRow = Omit<Incident, 'id' | 'group' | 'ackBy' | 'slices'> & {
  incidentId: string
  groupKey: string
  labels: GroupLabels
  seq: number
}
export type EvaluationPlan = {
  groups: RuleGroup[]
  goneKeys: string[]
  evaluations: EvaluationRow[]
  incidents: IncidentRow[]
  notices: Notice[]
}
export type PlanRule = NoticeRule & { newIncidentId: () => string }

const GONE_AFTER_MS = 86_400_000

/** Steps every group of a rule through its ticks, in order. Reads and writes nothing. */
export function planEvaluation(
  rule: PlanRule,
  groups: readonly RuleGroup[],
  readings: readonly TickReading[],
): EvaluationPlan {
  const draft = new PlanDraft(rule, groups)
  for (const reading of readings) draft.take(reading)
  return draft.toPlan()
}

/** Groups by key after the reading's own groups have joined. */
export function joinGroups(
  rule: NoticeRule,
  groups: Map<string, RuleGroup>,
  reading: TickReading,
): void {
  const samples = reading.type === 'read' ? [...reading.samples.values()] : []
  const labelSets = samples.map((sample) => sample.labels)
  if (rule.input.condition.groupBy.length === 0) labelSets.push({})
  for (const labels of labelSets) {
    const key = groupKeyOf(labels)
    if (!groups.has(key)) groups.set(key, newGroup(key, labels, reading.tick))
  }
}

export function judgeGroup(rule: NoticeRule, key: string, reading: TickReading): Judgement {
  if (reading.type === 'failed') {
    return { value: null, n: 0, verdict: { type: 'unknown', cause: 'error' } }
  }
  const sample = reading.samples.get(key)
  return judge(rule.input.condition, {
    value: sample?.value ?? null,
    n: sample?.n ?? 0,
    up: reading.up,
  })
}

/** The plan while it grows: one per rule and pass. */
export class PlanDraft {
  readonly groups: Map<string, RuleGroup>
  private readonly rule: PlanRule
  private readonly goneKeys: string[] = []
  private readonly evaluations: EvaluationRow[] = []
  private readonly incidents = new Map<string, IncidentRow>()
  private readonly notices: Notice[] = []

  constructor(rule: PlanRule, groups: readonly RuleGroup[]) {
    this.rule = rule
    this.groups = new Map(groups.map((group) => [group.key, group]))
  }

  take(reading: TickReading): void {
    joinGroups(this.rule, this.groups, reading)
    for (const group of this.groups.values()) this.takeGroup(group, reading)
  }

  toPlan(): EvaluationPlan {
    return {
      groups: [...this.groups.values()],
      goneKeys: this.goneKeys,
      evaluations: this.evaluations,
      incidents: [...this.incidents.values()],
      notices: this.notices,
    }
  }

  record(group: RuleGroup, verdict: Verdict, detail: string): void {
    const { state } = group
    this.evaluations.push({
      groupKey: group.key,
      tick: state.lastTick ?? 0,
      labels: group.labels,
      version: this.rule.version,
      verdict: nameOf(verdict),
      value: group.value,
      n: group.n,
      state: state.phase,
      health: state.health,
      detail,
    })
  }

  /** Opens an incident for a group that fires and tells it. */
  open(group: RuleGroup, previous: GroupState['phase'], startedAt: EpochMs): void {
    group.incident = {
      incidentId: this.rule.newIncidentId(),
      startedAt,
      peak: group.value,
      seq: 0,
    }
    this.tell({ group, previous, kind: 'fire', reason: 'fire' })
  }

  tell(told: Told): void {
    const { group, previous, kind, reason } = told
    const { incident } = group
    if (incident === null) return
    incident.seq += 1
    const tick = group.state.lastTick ?? incident.startedAt
    const isClosing = kind === 'resolve'
    const level = group.state.level ?? told.level ?? 'critical'
    this.notices.push(
      toNotice(this.rule, {
        kind,
        reason,
        incidentId: incident.incidentId,
        seq: incident.seq,
        labels: group.labels,
        value: group.value,
        samples: group.n,
        previous,
        state: group.state.phase,
        health: group.state.health,
        startedAt: incident.startedAt,
        endedAt: isClosing ? tick : null,
        tick,
        level,
      }),
    )
    const row = this.touch(group, level)
    if (row === undefined) return
    row.reason = reason
    this.addToTimeline(row, tick, reason)
    if (isClosing) {
      row.state = 'resolved'
      row.endAt = tick
      group.incident = null
    }
  }

  /** Brings the incident's row up to the group's value; undefined without an incident. */
  touch(group: RuleGroup, level: Level): IncidentRow | undefined {
    const { incident, state } = group
    if (incident === null) return undefined
    const { input, ruleId } = this.rule
    const { condition } = input
    incident.peak = worse(condition.op, incident.peak, group.value)
    const known = this.incidents.get(incident.incidentId)
    const row: IncidentRow = {
      incidentId: incident.incidentId,
      ruleId,
      ruleName: input.name,
      groupKey: group.key,
      labels: group.labels,
      severity: severityOf(input, level),
      state: state.phase === 'recovering' ? 'recovering' : 'firing',
      startAt: incident.startedAt,
      endAt: null,
      value: group.value ?? known?.value ?? null,
      peak: incident.peak,
      unit: unitOfMetric(condition.metric),
      threshold: fireThreshold(condition, level),
      reason: known?.reason ?? '',
      seq: incident.seq,
      exemplars: [],
      timeline: known?.timeline ?? [],
    }
    this.incidents.set(incident.incidentId, row)
    return row
  }

  addToTimeline(row: IncidentRow, at: EpochMs, event: string): void {
    const value = row.value === null ? 'no value' : `${row.value} ${row.unit}`
    row.timeline.push({ at, event, detail: `${value}, threshold ${row.threshold}` })
  }

  /** Ends a group whose incident, where it has one, closes for a reason of its own. */
  remove(group: RuleGroup, reason: CloseReason): void {
    const { phase, level } = group.state
    group.state = { ...initialState(), lastTick: group.state.lastTick }
    this.tell({ group, previous: phase, kind: 'resolve', reason, level: level ?? 'critical' })
    this.groups.delete(group.key)
    this.goneKeys.push(group.key)
  }

  private takeGroup(before: RuleGroup, reading: TickReading): void {
    const judgement = judgeGroup(this.rule, before.key, reading)
    const result = step(
      { state: before.state, verdict: judgement.verdict, tick: reading.tick },
      toStepRule(this.rule.input),
    )
    if (result.state === before.state) return
    const group: RuleGroup = {
      ...before,
      incident: before.incident === null ? null : { ...before.incident },
      state: result.state,
      value: judgement.value,
      n: judgement.n,
      seenAt: judgement.n > 0 ? reading.tick : before.seenAt,
    }
    this.groups.set(group.key, group)
    const detail = reading.type === 'failed' ? reading.message : describe(result.events)
    this.record(group, judgement.verdict, detail)
    this.applyEvents(group, before.state, result.events)
    if (this.isGone(group, reading.tick)) this.remove(group, 'gone')
  }

  private applyEvents(group: RuleGroup, before: GroupState, events: readonly StepEvent[]): void {
    const level = group.state.level ?? before.level ?? 'critical'
    const tick = group.state.lastTick ?? 0
    const row = this.touch(group, level)
    for (const event of events) {
      switch (event.type) {
        case 'fire':
          this.open(group, before.phase, tick)
          break
        case 'raise':
        case 'lower':
        case 'resolve':
          this.tell({ group, previous: before.phase, kind: event.type, reason: event.type, level })
          break
        case 'recovering':
        case 'refired':
          if (row !== undefined) this.addToTimeline(row, tick, event.type)
          break
      }
    }
  }

  private isGone(group: RuleGroup, tick: EpochMs): boolean {
    const isGrouped = this.rule.input.condition.groupBy.length > 0
    return isGrouped && group.seenAt !== null && tick - group.seenAt >= GONE_AFTER_MS
  }
}

type Told = {
  group: RuleGroup
  previous: GroupState['phase']
  kind: NoticeKind
  reason: Notice['reason']
  /** The level before a close took it away. */
  level?: Level
}

function newGroup(key: string, labels: GroupLabels, seenAt: EpochMs): RuleGroup {
  return { key, labels, state: initialState(), value: null, n: 0, seenAt, incident: null }
}

function worse(op: Parameters<typeof isHigherWorse>[0], a: number | null, b: number | null) {
  if (a === null || b === null) return a ?? b
  return isHigherWorse(op) ? Math.max(a, b) : Math.min(a, b)
}

/** How an evaluation row names a verdict. */
export function nameOf(verdict: Verdict): string {
  switch (verdict.type) {
    case 'breach':
      return verdict.level
    case 'unknown':
      return `unknown:${verdict.cause}`
    case 'between':
    case 'clear':
      return verdict.type
  }
}

function describe(events: readonly StepEvent[]): string {
  return events.map((event) => event.type).join(', ')
}
