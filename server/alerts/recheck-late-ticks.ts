import type { EpochMs, RuleInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readTicks, type MetricSource } from './metric-source.ts'
import { judgeGroup, nameOf, type TickReading } from './plan-evaluation.ts'

type OpenRow = {
  ruleId: string
  groupKey: string
  tick: EpochMs
  verdict: string
  projectId: string
  version: number
  input: RuleInput
}
type FinalRow = {
  rule_id: string
  group_key: string
  tick: string
  final_value: number | null
  late: 'late_missed' | 'late_spurious' | null
}

const TICKS_AT_ONCE = 60
const SETTLED_AT_ONCE = 5_000

/**
 * Computes ticks again once late data has had 15 minutes to come. A row whose verdict would now be
 * another is marked, never rewritten; a missed breach makes the evaluator look again.
 */
export async function recheckLateTicks(sql: Sql, source: MetricSource): Promise<void> {
  await settleWithoutLook(sql)
  const rows = await listOpenRows(sql)
  const finals: FinalRow[] = []
  for (const ofRule of Map.groupBy(rows, (row) => row.ruleId).values()) {
    finals.push(...(await computeFinals(source, ofRule)))
  }
  if (finals.length > 0) await saveFinals(sql, finals)
}

/** Ticks judged late anyway, gaps, and those of rules that have changed since. */
async function settleWithoutLook(sql: Sql): Promise<void> {
  await sql`
    with settled as (
      select e.rule_id, e.group_key, e.tick from alert_evaluations e
      left join alert_rules r on r.rule_id = e.rule_id and r.deleted_at is null
      where e.final_at is null and e.tick <= sightline_now() - interval '15 minutes'
        and (e.verdict = 'gap' or e.evaluated_at >= e.tick + interval '15 minutes'
          or r.rule_id is null or r.version <> e.version)
      limit ${SETTLED_AT_ONCE}
    )
    update alert_evaluations e set final_at = sightline_now(), final_value = e.value from settled s
    where e.rule_id = s.rule_id and e.group_key = s.group_key and e.tick = s.tick`
}

async function listOpenRows(sql: Sql): Promise<OpenRow[]> {
  return sql<OpenRow[]>`
    with ticks as (
      select distinct e.rule_id, e.tick from alert_evaluations e
      where e.final_at is null and e.tick <= sightline_now() - interval '15 minutes'
      order by e.tick limit ${TICKS_AT_ONCE}
    )
    select e.rule_id, e.group_key, e.tick, e.verdict, r.project_id, r.version, r.input
    from ticks t join alert_evaluations e using (rule_id, tick) join alert_rules r using (rule_id)
    where e.final_at is null and e.version = r.version and r.deleted_at is null
    order by e.tick`
}

async function computeFinals(source: MetricSource, rows: readonly OpenRow[]): Promise<FinalRow[]> {
  const [first] = rows
  if (first === undefined) return []
  const ticks = [...new Set(rows.map((row) => row.tick))]
  const readings = await readTicks(source, { ...first, ticks })
  const readingByTick = new Map(readings.map((reading) => [reading.tick, reading]))
  return rows.flatMap((row) => {
    const reading = readingByTick.get(row.tick)
    return reading === undefined ? [] : [toFinal(row, reading)]
  })
}

function toFinal(row: OpenRow, reading: TickReading): FinalRow {
  const { ruleId, groupKey, tick } = row
  const { value, verdict } = judgeGroup({ ...row, delayMs: 0 }, groupKey, reading)
  return {
    rule_id: ruleId,
    group_key: groupKey,
    tick: new Date(tick).toISOString(),
    final_value: value,
    late: lateness(row.verdict, nameOf(verdict)),
  }
}

function lateness(then: string, now: string): FinalRow['late'] {
  const didBreach = then === 'critical' || then === 'warn'
  const doesBreach = now === 'critical' || now === 'warn'
  if (didBreach === doesBreach) return null
  return doesBreach ? 'late_missed' : 'late_spurious'
}

async function saveFinals(sql: Sql, finals: readonly FinalRow[]): Promise<void> {
  await sql`
    with final as (
      select * from jsonb_to_recordset(${sql.json([...finals])}) as f
        (rule_id text, group_key text, tick timestamptz, final_value float8, late text)
    ), marked as (
      update alert_evaluations e set final_at = sightline_now(), final_value = f.final_value, late = f.late
      from final f
      where e.rule_id = f.rule_id and e.group_key = f.group_key and e.tick = f.tick
        and e.final_at is null
      returning e.rule_id, e.tick, e.late
    ), missed as (
      select rule_id, min(tick) as tick from marked where late = 'late_missed' group by rule_id
    )
    -- A new fence, or the save of an evaluation under way would take the wish back.
    update alert_rules r set replay_reason = 'late', due_at = sightline_now(), fence = r.fence + 1,
      lease_until = null,
      replay_from = m.tick - make_interval(secs => (r.input ->> 'forMs')::float8 / 1000)
    from missed m
    where r.rule_id = m.rule_id and r.replay_from is null and r.enabled and r.deleted_at is null`
}
