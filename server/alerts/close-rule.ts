import type { Incident, RuleInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { UnavailableError } from '../platform/errors.ts'
import { newIncidentId } from './alert-ids.ts'
import { listRuleGroups } from './claim-rules.ts'
import { PlanDraft } from './plan-evaluation.ts'
import { savePlan, type Fragment } from './save-evaluation.ts'

type ClosedRule = { projectId: string; ruleId: string; reason: 'rule_deleted' | 'rule_disabled' }
type Seen = { version: number; input: RuleInput; fence: number; now: number }

const MAX_TRIES = 10

/**
 * Stops a rule and resolves its incidents with the reason, in one statement. Undefined: there is no
 * such rule.
 */
export async function closeRule(sql: Sql, closed: ClosedRule): Promise<Incident[] | undefined> {
  const { projectId, ruleId, reason } = closed
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const [seen] = await sql<Seen[]>`
      select version, input, fence, sightline_now() as now from alert_rules
      where rule_id = ${ruleId} and project_id = ${projectId} and deleted_at is null`
    if (seen === undefined) return undefined
    const groups = await listRuleGroups(sql, ruleId)
    const rule = { ...seen, projectId, ruleId, delayMs: 0, newIncidentId }
    const draft = new PlanDraft(rule, [])
    for (const group of groups) {
      draft.remove({ ...group, state: { ...group.state, lastTick: seen.now } }, reason)
    }
    const holder: Fragment = sql`
      update alert_rules set enabled = false, fence = fence + 1, lease_until = null,
        catching_up = false, replay_from = null, replay_reason = null,
        deleted_at = case when ${reason === 'rule_deleted'} then sightline_now() end
      where rule_id = ${ruleId} and fence = ${seen.fence} and deleted_at is null
      returning rule_id, project_id, input`
    const saved = await savePlan(sql, holder, { plan: draft.toPlan(), isReplay: false })
    if (saved.status === 'saved') return saved.incidents
    // An evaluator claimed the rule in between and may have changed what is open.
  }
  throw new UnavailableError(`rule ${ruleId} is being evaluated without a pause; try again`)
}
