import type { EpochMs } from '../contract/index.ts'
import { groupKeyOf, toStepRule, type RuleGroup } from './rule-record.ts'
import { judgeGroup, joinGroups, PlanDraft } from './plan-evaluation.ts'
import type { EvaluationPlan, PlanRule, TickReading } from './plan-evaluation.ts'
import { initialState, step, type Level, type Verdict } from './step.ts'

type Replayed = { group: RuleGroup; verdict: Verdict; firedAt: EpochMs | null }

/**
 * What an edited rule makes of the last `for` + W: only where it ends counts. A group that still
 * fires keeps its incident without a new page, one that does not closes with `rule_changed`.
 */
export function planReplay(
  rule: PlanRule & { nextTick: EpochMs },
  groups: readonly RuleGroup[],
  readings: readonly TickReading[],
): EvaluationPlan {
  const keys = groupLabelsKey(rule.input.condition.groupBy)
  const kept = groups.filter((group) => groupLabelsKey(Object.keys(group.labels)) === keys)
  const draft = new PlanDraft(rule, [])
  for (const group of groups) if (!kept.includes(group)) draft.remove(group, 'rule_changed')

  const replayed = replay(rule, kept, readings)
  for (const { group, firedAt, verdict } of replayed) {
    draft.groups.set(group.key, group)
    // Ticks that had been judged by the old rule keep their rows.
    if ((group.state.lastTick ?? 0) >= rule.nextTick) draft.record(group, verdict, 'rule changed')
    const toldLevel = groups.find((before) => before.key === group.key)?.state.level ?? 'critical'
    settle(draft, { group, firedAt, toldLevel })
  }
  return draft.toPlan()
}

/**
 * What late data shows: a group that would be firing by now, but was never told of, fires. All other
 * groups keep the state they are in.
 */
export function planLateReplay(
  rule: PlanRule & { now: EpochMs },
  groups: readonly RuleGroup[],
  readings: readonly TickReading[],
): EvaluationPlan {
  const draft = new PlanDraft(rule, [])
  const quiet = groups.filter((group) => group.incident === null)
  for (const { group, firedAt } of replay(rule, quiet, readings)) {
    if (group.state.phase !== 'firing' || firedAt === null) continue
    draft.groups.set(group.key, group)
    draft.open(group, 'ok', firedAt)
  }
  const plan = draft.toPlan()
  for (const notice of plan.notices) {
    notice.lateMinutes = Math.round((rule.now - notice.startedAt) / 60_000)
  }
  return plan
}

type Ending = { group: RuleGroup; firedAt: EpochMs | null; toldLevel: Level }

function settle(draft: PlanDraft, { group, firedAt, toldLevel }: Ending): void {
  const { phase, level, lastTick } = group.state
  const isFiring = phase === 'firing' || phase === 'recovering'
  if (isFiring && group.incident === null) {
    draft.open(group, 'ok', firedAt ?? lastTick ?? 0)
    return
  }
  if (isFiring) {
    const row = draft.touch(group, level ?? 'critical')
    if (row !== undefined) draft.addToTimeline(row, lastTick ?? 0, 'kept after rule change')
    return
  }
  draft.tell({
    group,
    previous: 'firing',
    kind: 'resolve',
    reason: 'rule_changed',
    level: toldLevel,
  })
}

function replay(
  rule: PlanRule,
  kept: readonly RuleGroup[],
  readings: readonly TickReading[],
): Replayed[] {
  const stepRule = toStepRule(rule.input)
  const groups = new Map(kept.map((group) => [group.key, { ...group, state: initialState() }]))
  const replayed = new Map<string, Replayed>()
  for (const reading of readings) {
    joinGroups(rule, groups, reading)
    for (const [key, group] of groups) {
      const { value, n, verdict } = judgeGroup(rule, key, reading)
      const result = step({ state: group.state, verdict, tick: reading.tick }, stepRule)
      const next: RuleGroup = {
        ...group,
        state: result.state,
        value,
        n,
        seenAt: n > 0 ? reading.tick : group.seenAt,
      }
      groups.set(key, next)
      const hasFired = result.events.some((event) => event.type === 'fire')
      const firedAt = hasFired ? reading.tick : (replayed.get(key)?.firedAt ?? null)
      replayed.set(key, { group: next, verdict, firedAt })
    }
  }
  return [...replayed.values()]
}

function groupLabelsKey(names: readonly string[]): string {
  return groupKeyOf(Object.fromEntries(names.map((name) => [name, null])))
}
