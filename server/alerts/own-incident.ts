import { DEFAULT_PROJECT, type Incident } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { Bus } from '../live/bus.ts'
import { newIncidentId } from './alert-ids.ts'
import { toIncident, type IncidentRecord } from './incident-record.ts'

/** An incident of the collector itself, which no rule of a user's watches for. */
export type OwnIncident = { name: string; reason: string; value: number; threshold: number }

type Context = { sql: Sql; bus: Bus }

/** Opens the incident unless one of its name is open. */
export async function openOwnIncident({ sql, bus }: Context, own: OwnIncident): Promise<void> {
  const { name, reason, value, threshold } = own
  const rows = await sql<IncidentRecord[]>`
    insert into alert_incidents (incident_id, project_id, rule_id, rule_name, group_key, labels,
      state, severity, started_at, value, peak, unit, threshold, reason, seq, timeline)
    select ${newIncidentId()}, ${DEFAULT_PROJECT}, ${ruleIdOf(name)}, ${name}, '', '{}'::jsonb,
      'firing', 'critical', sightline_now(), ${value}::float8, ${value}::float8, '1',
      ${threshold}::float8, ${reason}, 1, jsonb_build_array(jsonb_build_object(
        'at', extract(epoch from sightline_now()) * 1000, 'event', 'firing', 'detail', ${reason}::text))
    where not exists (
      select 1 from alert_incidents where rule_id = ${ruleIdOf(name)} and ended_at is null)
    returning *`
  publish(bus, rows)
}

export async function closeOwnIncident({ sql, bus }: Context, name: string): Promise<void> {
  const rows = await sql<IncidentRecord[]>`
    update alert_incidents set state = 'resolved', ended_at = sightline_now(), seq = seq + 1,
      timeline = timeline || jsonb_build_array(jsonb_build_object(
        'at', extract(epoch from sightline_now()) * 1000, 'event', 'resolved', 'detail', ''))
    where rule_id = ${ruleIdOf(name)} and ended_at is null
    returning *`
  publish(bus, rows)
}

function ruleIdOf(name: string): string {
  return `sightline:${name}`
}

function publish(bus: Bus, rows: readonly IncidentRecord[]): void {
  for (const row of rows) {
    const incident: Incident = toIncident(row)
    bus.publish('incident-changed', { projectId: row.projectId, incident })
  }
}
