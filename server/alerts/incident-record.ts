import type { AlertSeverity, EpochMs, Incident } from '../contract/index.ts'
import type { GroupLabels } from './rule-record.ts'

export type IncidentRecord = {
  incidentId: string
  projectId: string
  ruleId: string
  ruleName: string
  labels: GroupLabels
  state: Incident['state']
  severity: AlertSeverity
  startedAt: EpochMs
  endedAt: EpochMs | null
  value: number | null
  peak: number | null
  unit: string
  threshold: number
  reason: string
  ackBy: string | null
  exemplars: Incident['exemplars']
  timeline: Incident['timeline']
}

export function toIncident(record: IncidentRecord): Incident {
  return {
    id: record.incidentId,
    ruleId: record.ruleId,
    ruleName: record.ruleName,
    group: record.labels,
    severity: record.severity,
    state: record.state,
    startAt: record.startedAt,
    endAt: record.endedAt,
    value: record.value,
    peak: record.peak,
    unit: record.unit,
    threshold: record.threshold,
    reason: record.reason,
    ackBy: record.ackBy,
    exemplars: record.exemplars,
    slices: [],
    timeline: record.timeline,
  }
}
