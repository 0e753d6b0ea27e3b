import type { EpochMs, Rule, RuleGroupState, RuleInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { newRuleId } from './alert-ids.ts'
import type { GroupLabels } from './rule-record.ts'
import type { GroupState } from './step.ts'
import { toGroupState } from './to-group-state.ts'

type RuleKey = { projectId: string; ruleId: string }
type RuleListQuery = { projectId: string; limit: number; after?: string | undefined }
type StoredGroup = { labels: GroupLabels; state: GroupState; value: number | null; n: number }
type StoredRule = {
  ruleId: string
  version: number
  createdAt: EpochMs
  enabled: boolean
  input: RuleInput
  stepMs: number
  dueAt: EpochMs
  failures: number
  now: EpochMs
  groups: StoredGroup[] | null
}

const CLOCK_STEP_MS = 60_000

/** Its first tick is the one just past, so that a new rule has a state within seconds. */
export async function insertRule(sql: Sql, projectId: string, input: RuleInput): Promise<string> {
  const ruleId = newRuleId()
  await sql`
    insert into alert_rules (rule_id, project_id, enabled, input, next_tick, due_at)
    select ${ruleId}, ${projectId}, ${input.enabled}, ${sql.json(input)}, tick, tick
    from (select date_bin(make_interval(secs => ${input.condition.stepMs / 1_000}::float8),
      sightline_now(), 'epoch') as tick) t`
  return ruleId
}

/**
 * Replaces a rule. An edit of the query, a threshold or a window makes a new version, whose last
 * `for` + W the evaluator replays; other edits keep state and version. False: there is no such rule.
 */
export async function updateRule(
  sql: Sql,
  { projectId, ruleId }: RuleKey,
  input: RuleInput,
): Promise<boolean> {
  const { condition, forMs } = input
  const replaySeconds = (forMs + condition.windowMs) / 1_000
  const rows = await sql`
    with next as (
      select rule_id, ${sql.json(input)}::jsonb as input,
        make_interval(secs => ${condition.stepMs / 1_000}::float8) as step
      from alert_rules where rule_id = ${ruleId} and project_id = ${projectId} and deleted_at is null
    ), edit as (
      select n.*, r.input -> 'condition' <> n.input -> 'condition'
          or r.input -> 'forMs' <> n.input -> 'forMs'
          or r.input -> 'keepFiringMs' <> n.input -> 'keepFiringMs' as is_new_version,
        not r.enabled and ${input.enabled} as is_resumed
      from next n join alert_rules r using (rule_id)
    )
    update alert_rules r set input = e.input, enabled = ${input.enabled}, fence = r.fence + 1,
      version = r.version + e.is_new_version::int, lease_until = null,
      failures = case when e.is_new_version then 0 else r.failures end,
      next_tick = case when e.is_resumed then date_bin(e.step, sightline_now(), 'epoch')
        else date_bin(e.step, r.next_tick - interval '1 microsecond', 'epoch') + e.step end,
      due_at = case when e.is_resumed or e.is_new_version then sightline_now() else r.due_at end,
      replay_from = case when e.is_resumed then null
        when e.is_new_version then date_bin(e.step,
          sightline_now() - make_interval(secs => ${replaySeconds}::float8), 'epoch')
        else r.replay_from end,
      replay_reason = case when e.is_resumed then null when e.is_new_version then 'edit'
        else r.replay_reason end
    from edit e where r.rule_id = e.rule_id and r.deleted_at is null
    returning r.rule_id`
  return rows.length > 0
}

export async function findRule(
  sql: Sql,
  { projectId, ruleId }: RuleKey,
): Promise<Rule | undefined> {
  const [row] = await sql<StoredRule[]>`
    ${selectRules(sql)}
    where r.project_id = ${projectId} and r.rule_id = ${ruleId} and r.deleted_at is null`
  return row === undefined ? undefined : toRule(row)
}

/** Newest first. */
export async function listRules(sql: Sql, query: RuleListQuery): Promise<Rule[]> {
  const { projectId, limit, after = null } = query
  const rows = await sql<StoredRule[]>`
    ${selectRules(sql)}
    where r.project_id = ${projectId} and r.deleted_at is null
      and (${after}::text is null or r.rule_id < ${after}::text)
    order by r.rule_id desc limit ${limit}`
  return rows.map(toRule)
}

function selectRules(sql: Sql) {
  return sql`
    select r.rule_id, r.version, r.created_at, r.enabled, r.input, r.due_at, r.failures,
      (r.input -> 'condition' ->> 'stepMs')::int8 as step_ms, sightline_now() as now,
      (select jsonb_agg(jsonb_build_object('labels', i.labels, 'state', i.state, 'value', i.value,
        'n', i.n) order by i.group_key) from alert_instances i where i.rule_id = r.rule_id) as groups
    from alert_rules r`
}

function toRule(row: StoredRule): Rule {
  return {
    ...row.input,
    enabled: row.enabled,
    id: row.ruleId,
    version: row.version,
    createdAt: row.createdAt,
    state: { groups: (row.groups ?? []).map((group) => stateOf(row, group)) },
  }
}

/** What the evaluator cannot say of itself: that it fails, lags, or that the clock was set back. */
function stateOf(row: StoredRule, group: StoredGroup): RuleGroupState {
  const state = toGroupState(group)
  const lastTick = state.lastTick ?? 0
  if (lastTick > row.now + CLOCK_STEP_MS) return { ...state, health: 'clock' }
  if (row.failures > 0) return { ...state, health: 'error' }
  if (row.enabled && row.now - row.dueAt > 2 * row.stepMs) return { ...state, health: 'stale' }
  return state
}
