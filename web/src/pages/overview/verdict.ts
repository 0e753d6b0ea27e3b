import { parseFilterTerm, type Incident, type Release, type Rule } from '@sightline/server/contract'
import { metricText, spanText } from '../../lib/format.ts'
import { groupKey } from '../../live/merge.ts'
import { metricWords } from './metric-words.ts'

export type Worst = { incident: Incident; more: number }
export type IncidentVerdict = {
  tone: 'crit' | 'warn' | 'info'
  badge: string
  headline: string
  release: { name: string; text: string } | null
}

const SEVERITIES = ['critical', 'warning', 'info'] as const
/** A release this long before an incident is named with it. */
const RELEASE_MS = 30 * 60_000

/** The open incident of highest severity, then the oldest; and how many more there are. */
export function worstIncident(incidents: readonly Incident[]): Worst | null {
  const open = incidents.filter(({ state }) => state !== 'resolved')
  const [incident] = open.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.startAt - b.startAt,
  )
  return incident === undefined ? null : { incident, more: open.length - 1 }
}

export type IncidentFacts = {
  incident: Incident
  rule: Rule | undefined
  releases: readonly Release[]
  now: number
}

/** The incident in a sentence: what, how much, over which limit, since when, after which release. */
export function incidentVerdict(facts: IncidentFacts): IncidentVerdict {
  const { incident, rule, releases } = facts
  const isRecovering = incident.state === 'recovering'
  const { tone, badge } = signOf(incident)
  const isOver = rule === undefined ? true : rule.condition.op.startsWith('gt')
  const release = releaseBefore(releases, incident, rule)
  return {
    tone: isRecovering && tone === 'crit' ? 'warn' : tone,
    badge: isRecovering ? 'Recovering' : badge,
    headline: headlineOf(facts, isOver),
    release:
      release === undefined
        ? null
        : {
            name: release.release,
            text: `It ${isOver ? 'rose' : 'fell'} ${spanText(incident.startAt - release.at)} after release`,
          },
  }
}

/** The filter of the rule and its group, as the trace list and explain take it. */
export function incidentFilter(incident: Incident, rule: Rule | undefined): string[] {
  const terms = Object.entries(incident.group).flatMap(([field, value]) =>
    value === null ? [] : [`${field}:eq:${value}`],
  )
  return [...new Set([...(rule?.condition.filter ?? []), ...terms])]
}

export type Ranges = { from: number; to: number; baselineFrom: number; baselineTo: number }

/** Longer incidents are explained by how they began. */
const MAX_EXPLAINED_MS = 6 * 3_600_000
const MINUTE_MS = 60_000

/** The incident with what its rule waited for, against as much time just before. */
export function incidentRanges(incident: Incident, rule: Rule | undefined, now: number): Ranges {
  const waitedMs = (rule?.forMs ?? 0) + Math.min(5 * MINUTE_MS, rule?.condition.windowMs ?? 0)
  const from = floorToMinute(incident.startAt - waitedMs)
  const to = Math.min(Math.max(floorToMinute(now), from + MINUTE_MS), from + MAX_EXPLAINED_MS)
  return { from, to, baselineFrom: from - (to - from), baselineTo: from }
}

function headlineOf({ incident, rule, now }: IncidentFacts, isOver: boolean): string {
  const { unit, threshold, startAt } = incident
  const what = rule === undefined ? incident.ruleName : subjectOf(incident, rule)
  const verb = rule === undefined ? 'is' : metricWords(rule.condition.metric).verb
  const value = currentValue(incident, rule)
  const limit = limitText(threshold, unit)
  const since = spanText(now - startAt)
  if (value === null) return `${what} has no data, its rule has been firing for ${since}.`
  const seen = `${what} ${verb} ${metricText(value, unit)}`
  const side = isOver ? 'over' : 'under'
  return incident.state === 'recovering'
    ? `${seen}, recovering; it went ${side} its ${limit} limit ${since} ago.`
    : `${seen}, ${side} its ${limit} limit for ${since}.`
}

/** `p95 latency of gpt-5-mini`, `error rate where service is chat`. */
function subjectOf(incident: Incident, rule: Rule): string {
  const { subject } = metricWords(rule.condition.metric)
  const group = Object.values(incident.group).map((value) => value ?? 'none')
  const where = rule.condition.filter.map(termText)
  return [
    subject,
    ...(group.length > 0 ? [`of ${group.join(', ')}`] : []),
    ...(where.length > 0 ? [`where ${where.join(' and ')}`] : []),
  ].join(' ')
}

function termText(raw: string): string {
  const parsed = parseFilterTerm(raw)
  if (parsed.status === 'invalid') return raw
  const { field, op, value } = parsed.term
  return op === 'eq' ? `${field} is ${value}` : `${field} ${op} ${value}`
}

/** The rule's state is told each minute, the incident only when it changes. */
function currentValue(incident: Incident, rule: Rule | undefined): number | null {
  const key = groupKey(incident.group)
  const group = rule?.state.groups.find((one) => groupKey(one.group) === key)
  return group?.value ?? incident.value
}

function releaseBefore(
  releases: readonly Release[],
  { startAt }: Incident,
  rule: Rule | undefined,
): Release | undefined {
  const service = serviceOf(rule)
  return releases
    .filter(({ at }) => at <= startAt && at >= startAt - RELEASE_MS)
    .filter((one) => service === undefined || one.service === null || one.service === service)
    .toSorted((a, b) => b.at - a.at)[0]
}

function serviceOf(rule: Rule | undefined): string | undefined {
  return rule?.condition.filter
    .find((raw) => raw.startsWith('service:eq:'))
    ?.slice('service:eq:'.length)
}

function signOf({ severity }: Incident): Pick<IncidentVerdict, 'tone' | 'badge'> {
  switch (severity) {
    case 'critical':
      return { tone: 'crit', badge: 'Degraded' }
    case 'warning':
      return { tone: 'warn', badge: 'Warning' }
    case 'info':
      return { tone: 'info', badge: 'Notice' }
  }
}

/** Limits are typed by people: `4.00 s` reads as `4.0 s`. */
function limitText(threshold: number, unit: string): string {
  const text = metricText(threshold, unit)
  return unit === 'USD' ? text : text.replace(/(\.\d)0+(?=\D|$)/, '$1')
}

function floorToMinute(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}
