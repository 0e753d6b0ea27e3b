import type { EpochMs, RuleInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { ClaimedRule, GroupLabels, RuleGroup } from './rule-record.ts'
import type { GroupState } from './step.ts'

type RuleRow = Omit<ClaimedRule, 'input'> & { input: RuleInput }
type GroupRow = {
  ruleId: string
  groupKey: string
  labels: GroupLabels
  state: GroupState
  value: number | null
  n: number
  seenAt: EpochMs | null
  incidentId: string | null
  startedAt: EpochMs | null
  peak: number | null
  seq: number | null
}

/**
 * Takes due rules that no other evaluator holds. A lease further ahead than any lease lasts was made
 * before the clock was set back, so it is void.
 */
export async function claimDueRules(sql: Sql, limit: number): Promise<ClaimedRule[]> {
  return sql<RuleRow[]>`
    with due as (
      select rule_id from alert_rules
      where enabled and deleted_at is null and due_at <= sightline_now()
        and (lease_until is null or lease_until <= sightline_now()
          or lease_until > sightline_now() + interval '5 minutes')
      order by due_at limit ${limit}
      for update skip locked
    )
    update alert_rules r set lease_until = sightline_now() + interval '60 seconds', fence = r.fence + 1
    from due where r.rule_id = due.rule_id
    returning r.rule_id, r.project_id, r.version, r.input, r.next_tick, r.replay_from, r.replay_reason,
      r.failures,
      r.fence, sightline_now() as now`
}

/** The groups of one rule with their open incidents. */
export async function listRuleGroups(sql: Sql, ruleId: string): Promise<RuleGroup[]> {
  const rows = await sql<GroupRow[]>`
    select i.rule_id, i.group_key, i.labels, i.state, i.value, i.n, i.seen_at,
      c.incident_id, c.started_at, c.peak, c.seq
    from alert_instances i
    left join alert_incidents c on c.incident_id = i.incident_id and c.ended_at is null
    where i.rule_id = ${ruleId}`
  return rows.map(toRuleGroup)
}

function toRuleGroup(row: GroupRow): RuleGroup {
  const { incidentId, startedAt, peak, seq } = row
  const isOpen = incidentId !== null && startedAt !== null && seq !== null
  return {
    key: row.groupKey,
    labels: row.labels,
    state: row.state,
    value: row.value,
    n: row.n,
    seenAt: row.seenAt,
    incident: isOpen ? { incidentId, startedAt, peak, seq } : null,
  }
}

/** Gives a rule back unchanged but for the time it is due again. */
export async function releaseRule(sql: Sql, rule: ClaimedRule, dueAt: EpochMs): Promise<void> {
  await sql`
    update alert_rules set lease_until = null, due_at = ${dueAt}, catching_up = false
    where rule_id = ${rule.ruleId} and fence = ${rule.fence}`
}

/** Notes a failed query; the tick stays due, so that one error loses nothing. */
export async function recordRuleFailure(
  sql: Sql,
  rule: ClaimedRule,
  message: string,
): Promise<void> {
  await sql`
    update alert_rules set lease_until = null, failures = failures + 1, last_error = ${message},
      catching_up = false, due_at = sightline_now() + interval '5 seconds'
    where rule_id = ${rule.ruleId} and fence = ${rule.fence}`
}
