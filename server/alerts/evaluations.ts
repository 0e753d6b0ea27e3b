import type { EpochMs } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { GroupLabels } from './rule-record.ts'

/** One judged tick of one group: what was seen and what came of it. */
export type Evaluation = {
  tick: EpochMs
  group: GroupLabels
  version: number
  /** critical, warn, between, clear, unknown:CAUSE or gap. */
  verdict: string
  value: number | null
  n: number
  state: string
  health: string
  /** What happened: fire, resolve …, or the error. */
  detail: string
  evaluatedAt: EpochMs
  finalAt: EpochMs | null
  finalValue: number | null
  late: 'late_missed' | 'late_spurious' | null
}
export type EvaluationPosition = { tick: EpochMs; groupKey: string }
export type EvaluationListQuery = {
  projectId: string
  ruleId: string
  limit: number
  after?: EvaluationPosition | undefined
}
type EvaluationRecord = Omit<Evaluation, 'group'> & { labels: GroupLabels; groupKey: string }

/** Newest first, with the position of the last one. */
export async function listEvaluations(
  sql: Sql,
  { projectId, ruleId, limit, after }: EvaluationListQuery,
): Promise<{ items: Evaluation[]; last: EvaluationPosition | undefined }> {
  const rows = await sql<EvaluationRecord[]>`
    select e.tick, e.labels, e.group_key, e.version, e.verdict, e.value, e.n, e.state, e.health,
      e.detail, e.evaluated_at, e.final_at, e.final_value, e.late
    from alert_evaluations e join alert_rules r using (rule_id)
    where e.rule_id = ${ruleId} and r.project_id = ${projectId}
      and (${after === undefined} or (e.tick, e.group_key)
        < (${after?.tick ?? null}::timestamptz, ${after?.groupKey ?? null}::text))
    order by e.tick desc, e.group_key desc limit ${limit}`
  const last = rows.at(-1)
  return {
    items: rows.map(toEvaluation),
    last: last === undefined ? undefined : { tick: last.tick, groupKey: last.groupKey },
  }
}

function toEvaluation({ labels, groupKey: _key, ...record }: EvaluationRecord): Evaluation {
  return { ...record, group: labels }
}
