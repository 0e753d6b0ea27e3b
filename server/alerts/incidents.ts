import type { EpochMs, Incident } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { toIncident, type IncidentRecord } from './incident-record.ts'

export const INCIDENT_STATES = ['all', 'open', 'firing', 'recovering', 'resolved'] as const
export type IncidentPosition = { startedAt: EpochMs; incidentId: string }
export type IncidentListQuery = {
  projectId: string
  state: (typeof INCIDENT_STATES)[number]
  limit: number
  after?: IncidentPosition | undefined
}

/** Newest first. */
export async function listIncidents(sql: Sql, query: IncidentListQuery): Promise<Incident[]> {
  const { projectId, state, limit, after } = query
  const rows = await sql<IncidentRecord[]>`
    select ${columns(sql)} from alert_incidents
    where project_id = ${projectId}
      and (${state} = 'all' or state = ${state} or ${state} = 'open' and ended_at is null)
      and (${after === undefined} or (started_at, incident_id)
        < (${after?.startedAt ?? null}::timestamptz, ${after?.incidentId ?? null}::text))
    order by started_at desc, incident_id desc limit ${limit}`
  return rows.map(toIncident)
}

/** Stops repeats until the severity rises; the first to acknowledge stays named. */
export async function acknowledgeIncident(
  sql: Sql,
  { projectId, incidentId, by }: { projectId: string; incidentId: string; by: string },
): Promise<Incident | undefined> {
  const [row] = await sql<IncidentRecord[]>`
    update alert_incidents set ack_by = coalesce(ack_by, ${by}),
      timeline = case when ack_by is null then timeline || jsonb_build_array(jsonb_build_object(
        'at', extract(epoch from sightline_now()) * 1000, 'event', 'acknowledged', 'detail', ${by}::text))
        else timeline end
    where project_id = ${projectId} and incident_id = ${incidentId}
    returning ${columns(sql)}`
  return row === undefined ? undefined : toIncident(row)
}

function columns(sql: Sql) {
  return sql`incident_id, project_id, rule_id, rule_name, labels, state, severity, started_at,
    ended_at, value, peak, unit, threshold, reason, ack_by, exemplars, timeline`
}
