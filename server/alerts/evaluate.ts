import type { EpochMs, Incident, RuleGroupState } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { Bus } from '../live/bus.ts'
import type { Log } from '../platform/log.ts'
import type { MetricOptions } from '../rollups/query-metric.ts'
import { claimDueRules, listRuleGroups, recordRuleFailure, releaseRule } from './claim-rules.ts'
import { newIncidentId } from './alert-ids.ts'
import { findExemplars } from './find-exemplars.ts'
import { readTicks, type MetricSource } from './metric-source.ts'
import { planEvaluation, type EvaluationPlan, type TickReading } from './plan-evaluation.ts'
import { planLateReplay, planReplay } from './plan-replay.ts'
import type { ClaimedRule, RuleGroup } from './rule-record.ts'
import { saveEvaluation } from './save-evaluation.ts'
import { toGroupState } from './to-group-state.ts'

/** Without what spans can answer, incidents have no exemplars. */
export type EvaluatorContext = MetricOptions & {
  sql: Sql
  bus: Bus
  log: Log
  source: MetricSource
}

const RULES_PER_CLAIM = 20
const MAX_CLAIMS_PER_PASS = 50
const TICKS_PER_SAVE = 60
const REPLAY_LIMIT_MS = 86_400_000
const MAX_QUERIES_AT_ONCE = 120
const MAX_EXEMPLAR_QUERIES = 5
/** From then on a tick whose query fails is judged unknown instead of being tried again. */
const MAX_FAILURES = 5

/** One pass: every due tick of every due rule that no other evaluator holds. */
export async function evaluateDueRules(
  context: EvaluatorContext,
  signal?: AbortSignal,
): Promise<void> {
  for (let claim = 0; claim < MAX_CLAIMS_PER_PASS; claim += 1) {
    const rules = await claimDueRules(context.sql, RULES_PER_CLAIM)
    for (const rule of rules) {
      if (signal?.aborted === true) return
      await evaluateRule(context, rule, signal)
    }
    if (rules.length < RULES_PER_CLAIM) return
  }
}

async function evaluateRule(
  context: EvaluatorContext,
  claimed: ClaimedRule,
  signal?: AbortSignal,
): Promise<void> {
  const { sql, source } = context
  const { stepMs, delayMs } = claimed.input.condition
  let rule = withoutExpiredReplay(claimed)
  try {
    const delay = delayMs === 'auto' ? await source.latenessMs(rule.projectId) : delayMs
    const lastDue = Math.floor((rule.now - delay) / stepMs) * stepMs
    if (lastDue < rule.nextTick && rule.replayFrom === null) {
      await releaseRule(sql, rule, rule.nextTick + delay)
      return
    }
    for (;;) {
      const turn = await takeTurn(context, rule, { delay, lastDue })
      if (turn.status === 'done') return
      rule = { ...rule, nextTick: turn.nextTick, replayFrom: null, replayReason: null, failures: 0 }
      if (signal?.aborted === true) {
        await releaseRule(sql, rule, rule.nextTick + delay)
        return
      }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    context.log.error({ error, ruleId: rule.ruleId, tick: rule.nextTick }, 'rule evaluation failed')
    await recordRuleFailure(sql, rule, message.slice(0, 500))
  }
}

/** Late data of a day ago fires nothing any more. */
function withoutExpiredReplay(rule: ClaimedRule): ClaimedRule {
  const { replayReason, nextTick, now } = rule
  if (replayReason !== 'late' || nextTick > now - REPLAY_LIMIT_MS) return rule
  return { ...rule, replayFrom: null, replayReason: null }
}

type Due = { delay: number; lastDue: EpochMs }
type Turn = { status: 'done' } | { status: 'more'; nextTick: EpochMs }

/** Reads, steps and saves a bounded run of ticks. */
async function takeTurn(
  context: EvaluatorContext,
  rule: ClaimedRule,
  { delay, lastDue }: Due,
): Promise<Turn> {
  const { stepMs } = rule.input.condition
  const ticks = ticksToRead(rule, lastDue)
  const readings = await readOrJudgeFailed(context, rule, ticks)
  const lastRead = readings.at(-1)
  if (lastRead === undefined) {
    await releaseRule(context.sql, rule, rule.now + 1_000)
    return { status: 'done' }
  }
  const nextTick = Math.max(rule.nextTick, lastRead.tick + stepMs)
  const isCatchingUp = readings.length === ticks.length && nextTick <= lastDue
  const groups = await listRuleGroups(context.sql, rule.ruleId)
  const plan = planTicks({ ...rule, delayMs: delay, newIncidentId }, groups, readings)
  addGapRows(plan, rule, ticks[0])
  await addExemplars(context, rule, plan)
  const saved = await saveEvaluation(context.sql, rule, {
    plan,
    advance: {
      nextTick,
      dueAt: nextTick + delay,
      isCatchingUp,
      lastError: lastRead.type === 'failed' ? lastRead.message : null,
    },
  })
  if (saved.status === 'lost') return { status: 'done' }
  publish(context.bus, rule, { plan, incidents: saved.incidents })
  return isCatchingUp ? { status: 'more', nextTick } : { status: 'done' }
}

type PlannedRule = Parameters<typeof planReplay>[0] & ClaimedRule

function planTicks(
  rule: PlannedRule,
  groups: readonly RuleGroup[],
  readings: readonly TickReading[],
): EvaluationPlan {
  if (rule.replayReason === 'late') return planLateReplay(rule, groups, readings)
  if (rule.replayReason === 'edit') return planReplay(rule, groups, readings)
  return planEvaluation(rule, groups, readings)
}

/** A replay is read whole, since only its end counts; missed ticks come in runs. */
function ticksToRead(rule: ClaimedRule, lastDue: EpochMs): EpochMs[] {
  const { stepMs } = rule.input.condition
  const oldest = rule.now - REPLAY_LIMIT_MS
  const isReplay = rule.replayFrom !== null
  const wanted = rule.replayFrom ?? rule.nextTick
  const first = Math.ceil(Math.max(wanted, oldest) / stepMs) * stepMs
  const lastJudged = rule.nextTick - stepMs
  const lastReplayed = rule.replayReason === 'late' ? lastJudged : Math.max(lastDue, lastJudged)
  const last = isReplay ? lastReplayed : lastDue
  const ticks: EpochMs[] = []
  for (let tick = first; tick <= last; tick += stepMs) {
    if (!isReplay && ticks.length === TICKS_PER_SAVE) break
    ticks.push(tick)
  }
  return ticks
}

async function readOrJudgeFailed(
  { source }: EvaluatorContext,
  rule: ClaimedRule,
  ticks: readonly EpochMs[],
): Promise<TickReading[]> {
  const readings: TickReading[] = []
  try {
    for (let at = 0; at < ticks.length; at += MAX_QUERIES_AT_ONCE) {
      const part = ticks.slice(at, at + MAX_QUERIES_AT_ONCE)
      const read = await readTicks(source, { ...rule, ticks: part })
      readings.push(...read)
      if (read.length < part.length) break
    }
    return readings
  } catch (error) {
    const tick = ticks[0]
    if (rule.failures + 1 < MAX_FAILURES || tick === undefined) throw error
    const message = error instanceof Error ? error.message : String(error)
    return [{ type: 'failed', tick, message: message.slice(0, 500) }]
  }
}

/** An incident opens with the calls that speak most for it; without them it opens all the same. */
async function addExemplars(
  { sql, log, spanConditions, traceRows }: EvaluatorContext,
  { projectId, ruleId, input }: ClaimedRule,
  plan: EvaluationPlan,
): Promise<void> {
  if (spanConditions === undefined || traceRows === undefined) return
  const fires = plan.notices.filter((notice) => notice.kind === 'fire')
  for (const notice of fires.slice(0, MAX_EXEMPLAR_QUERIES)) {
    const { labels, tick, incidentId } = notice
    try {
      notice.exemplars = await findExemplars(
        sql,
        { spanConditions, traceRows },
        {
          projectId,
          input,
          labels,
          tick,
        },
      )
    } catch (error) {
      log.warn({ error, ruleId, incidentId }, 'no exemplars for an incident')
    }
    const incident = plan.incidents.find((row) => row.incidentId === incidentId)
    if (incident !== undefined) incident.exemplars = notice.exemplars
  }
}

/** Ticks too old to be replayed leave one row that says so. */
function addGapRows(plan: EvaluationPlan, rule: ClaimedRule, firstRead: EpochMs | undefined): void {
  if (firstRead === undefined || rule.replayFrom !== null || firstRead <= rule.nextTick) return
  const untilText = new Date(firstRead).toISOString()
  for (const group of plan.groups) {
    plan.evaluations.push({
      groupKey: group.key,
      tick: rule.nextTick,
      labels: group.labels,
      version: rule.version,
      verdict: 'gap',
      value: null,
      n: 0,
      state: group.state.phase,
      health: group.state.health,
      detail: `not evaluated until ${untilText}: too old to replay`,
    })
  }
}

function publish(
  bus: Bus,
  rule: ClaimedRule,
  outcome: { plan: EvaluationPlan; incidents: Incident[] },
): void {
  const groups: RuleGroupState[] = outcome.plan.groups.map((group) => toGroupState(group))
  bus.publish('rule-evaluated', { projectId: rule.projectId, ruleId: rule.ruleId, groups })
  for (const incident of outcome.incidents) {
    bus.publish('incident-changed', { projectId: rule.projectId, incident })
  }
}
