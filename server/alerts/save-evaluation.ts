import type { EpochMs, Incident } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { toIncident, type IncidentRecord } from './incident-record.ts'
import type { EvaluationPlan } from './plan-evaluation.ts'
import type { ClaimedRule } from './rule-record.ts'

export type Advance = {
  nextTick: EpochMs
  dueAt: EpochMs
  /** More missed ticks follow in this pass: the lease is kept and notices wait. */
  isCatchingUp: boolean
  lastError: string | null
}
export type SaveResult = { status: 'saved'; incidents: Incident[] } | { status: 'lost' }

export type Fragment = ReturnType<Sql>

/**
 * Saves the outcome of one or more ticks of a rule. A holder whose fence is no longer the rule's
 * changes no row.
 */
export async function saveEvaluation(
  sql: Sql,
  rule: ClaimedRule,
  { plan, advance }: { plan: EvaluationPlan; advance: Advance },
): Promise<SaveResult> {
  const isReplay = rule.replayFrom !== null
  return savePlan(sql, advanceRule(sql, rule, advance), { plan, isReplay })
}

/**
 * Saves a plan in ONE statement, so that nothing can come between. `holder` is an update of the rule
 * that returns its row only to whoever still holds it; all else hangs on that row, and evaluations,
 * incident changes and messages come only from instance rows that this statement moved forward.
 */
export async function savePlan(
  sql: Sql,
  holder: Fragment,
  { plan, isReplay }: { plan: EvaluationPlan; isReplay: boolean },
): Promise<SaveResult> {
  const [row] = await sql<{ held: number; incidents: IncidentRecord[] | null }[]>`
    with holder as (${holder}),
    moved as (${moveInstances(sql, plan, isReplay)}),
    removed as (
      delete from alert_instances i using holder h
      where i.rule_id = h.rule_id and i.group_key = any(${plan.goneKeys}::text[])
      returning i.rule_id, i.group_key
    ),
    changed as (
      select rule_id, group_key from moved union select rule_id, group_key from removed
    ),
    evaluated as (${insertEvaluations(sql, plan)}),
    incidents as (${upsertIncidents(sql, plan)}),
    queued as (${insertOutbox(sql, plan)})
    select (select count(*) from holder) as held, (select jsonb_agg(jsonb_build_object(
      'incidentId', incident_id, 'projectId', project_id, 'ruleId', rule_id, 'ruleName', rule_name,
      'labels', labels, 'state', state, 'severity', severity,
      'startedAt', extract(epoch from started_at) * 1000, 'endedAt', extract(epoch from ended_at) * 1000,
      'value', value, 'peak', peak, 'unit', unit, 'threshold', threshold, 'reason', reason,
      'ackBy', ack_by, 'exemplars', exemplars, 'timeline', timeline)) from incidents) as incidents`
  if (row === undefined || row.held === 0) return { status: 'lost' }
  return { status: 'saved', incidents: (row.incidents ?? []).map(toIncident) }
}

function advanceRule(sql: Sql, rule: ClaimedRule, advance: Advance): Fragment {
  const lease = advance.isCatchingUp ? '60 seconds' : null
  return sql`
    update alert_rules set next_tick = ${advance.nextTick}, due_at = ${advance.dueAt},
      replay_from = null, replay_reason = null, failures = ${advance.lastError === null ? 0 : rule.failures + 1},
      last_error = ${advance.lastError}, catching_up = ${advance.isCatchingUp},
      lease_until = sightline_now() + ${lease}::interval
    where rule_id = ${rule.ruleId} and fence = ${rule.fence} and next_tick = ${rule.nextTick}
    returning rule_id, project_id, input`
}

function moveInstances(sql: Sql, plan: EvaluationPlan, isReplay: boolean) {
  return sql`
    insert into alert_instances
      (rule_id, group_key, labels, last_tick, state, value, n, seen_at, incident_id)
    select h.rule_id, g.group_key, g.labels, g.last_tick, g.state, g.value, g.n, g.seen_at, g.incident_id
    from holder h, jsonb_to_recordset(${sql.json(instanceRows(plan))}) as g (group_key text,
      labels jsonb, last_tick timestamptz, state jsonb, value float8, n int8, seen_at timestamptz,
      incident_id text)
    on conflict (rule_id, group_key) do update set labels = excluded.labels,
      last_tick = excluded.last_tick, state = excluded.state, value = excluded.value,
      n = excluded.n, seen_at = excluded.seen_at, incident_id = excluded.incident_id
    where alert_instances.last_tick < excluded.last_tick
      or ${isReplay}::boolean and alert_instances.last_tick = excluded.last_tick
    returning rule_id, group_key`
}

function insertEvaluations(sql: Sql, plan: EvaluationPlan) {
  return sql`
    insert into alert_evaluations (rule_id, group_key, tick, labels, version, verdict, value, n,
      state, health, detail, evaluated_at)
    select c.rule_id, c.group_key, e.tick, e.labels, e.version, e.verdict, e.value, e.n, e.state,
      e.health, e.detail, sightline_now()
    from changed c join jsonb_to_recordset(${sql.json(evaluationRows(plan))}) as e (group_key text,
      tick timestamptz, labels jsonb, version int4, verdict text, value float8, n int8, state text,
      health text, detail text) using (group_key)
    on conflict (rule_id, group_key, tick) do nothing`
}

/** Keeps the 200 newest timeline entries, so that a flapping incident stays small. */
function upsertIncidents(sql: Sql, plan: EvaluationPlan) {
  return sql`
    insert into alert_incidents as known (incident_id, project_id, rule_id, rule_name, group_key,
      labels, state, severity, started_at, ended_at, value, peak, unit, threshold, reason, seq,
      exemplars, timeline)
    select i.incident_id, h.project_id, h.rule_id, i.rule_name, i.group_key, i.labels, i.state,
      i.severity, i.started_at, i.ended_at, i.value, i.peak, i.unit, i.threshold, i.reason, i.seq,
      i.exemplars, i.timeline
    from holder h cross join jsonb_to_recordset(${sql.json(incidentRows(plan))}) as i
      (incident_id text, rule_name text, group_key text, labels jsonb, state text, severity text,
      started_at timestamptz, ended_at timestamptz, value float8, peak float8, unit text,
      threshold float8, reason text, seq int4, exemplars jsonb, timeline jsonb)
      join changed c on c.group_key = i.group_key
    on conflict (incident_id) do update set rule_name = excluded.rule_name, state = excluded.state,
      severity = excluded.severity, ended_at = excluded.ended_at,
      value = coalesce(excluded.value, known.value), peak = excluded.peak,
      threshold = excluded.threshold, reason = coalesce(nullif(excluded.reason, ''), known.reason),
      seq = excluded.seq,
      timeline = (select coalesce(jsonb_agg(t.entry order by t.at), '[]') from
        (select a.entry, a.at from jsonb_array_elements(known.timeline || excluded.timeline)
          with ordinality as a (entry, at) order by a.at desc limit 200) t)
    returning *`
}

function insertOutbox(sql: Sql, plan: EvaluationPlan) {
  return sql`
    insert into alert_outbox (incident_id, seq, channel_id, project_id, rule_id, kind, notice,
      created_at, next_attempt_at)
    select n.incident_id, n.seq, ch.channel_id, h.project_id, h.rule_id, n.kind, n.notice,
      sightline_now(), sightline_now()
    from holder h cross join jsonb_to_recordset(${sql.json(noticeRows(plan))}) as n
      (incident_id text, seq int4, kind text, notice jsonb)
      join incidents i on i.incident_id = n.incident_id
      join alert_channels ch on ch.project_id = h.project_id and h.input -> 'channels' ? ch.channel_id
    on conflict (incident_id, seq, channel_id) do nothing`
}

function instanceRows(plan: EvaluationPlan) {
  return plan.groups.map((group) => ({
    group_key: group.key,
    labels: group.labels,
    last_tick: toIso(group.state.lastTick),
    state: group.state,
    value: group.value,
    n: group.n,
    seen_at: toIso(group.seenAt),
    incident_id: group.incident?.incidentId ?? null,
  }))
}

function evaluationRows(plan: EvaluationPlan) {
  return plan.evaluations.map(({ groupKey, tick, ...rest }) => ({
    ...rest,
    group_key: groupKey,
    tick: toIso(tick),
  }))
}

function incidentRows(plan: EvaluationPlan) {
  return plan.incidents.map((row) => ({
    incident_id: row.incidentId,
    rule_name: row.ruleName,
    group_key: row.groupKey,
    labels: row.labels,
    state: row.state,
    severity: row.severity,
    started_at: toIso(row.startAt),
    ended_at: toIso(row.endAt),
    value: row.value,
    peak: row.peak,
    unit: row.unit,
    threshold: row.threshold,
    reason: row.reason,
    seq: row.seq,
    exemplars: row.exemplars,
    timeline: row.timeline,
  }))
}

function noticeRows(plan: EvaluationPlan) {
  return plan.notices.map((notice) => ({
    incident_id: notice.incidentId,
    seq: notice.seq,
    kind: notice.kind,
    notice,
  }))
}

function toIso(instant: EpochMs | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
