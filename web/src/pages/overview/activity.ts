import type { DriftSignal, Incident, Release } from '@sightline/server/contract'
import { metricText, spanText } from '../../lib/format.ts'
import type { Interval } from '../../live/merge.ts'
import type { StatusShape } from '../../ui/StatusIcon.tsx'

export type ActivityItem = {
  id: string
  at: number
  shape: StatusShape
  tone: 'crit' | 'warn' | 'ok' | 't1' | 't3'
  title: string
  detail: string
}

const MAX_ITEMS = 8

/** Alerts, releases, shifts and gaps of the range, newest first. */
export function activityOf(
  sources: {
    incidents: readonly Incident[]
    signals: readonly DriftSignal[]
    releases: readonly Release[]
    up: readonly Interval[]
  },
  range: { from: number; to: number },
): ActivityItem[] {
  const items = [
    ...sources.incidents.map((incident) => incidentItem(incident, range.to)),
    ...sources.signals.filter((signal) => signal.verdict === 'shifted').map(shiftItem),
    ...releaseGroups(sources.releases).map(releaseItem),
    ...gapItems(sources.up, range),
  ]
  return items.toSorted((a, b) => b.at - a.at).slice(0, MAX_ITEMS)
}

function incidentItem(incident: Incident, now: number): ActivityItem {
  const { id, ruleName, state, startAt, endAt, value, unit, threshold } = incident
  const limit = metricText(threshold, unit)
  if (state === 'resolved') {
    const length = endAt === null ? '' : ` after ${spanText(endAt - startAt)}`
    return {
      id,
      at: endAt ?? startAt,
      shape: 'ok',
      tone: 'ok',
      title: ruleName,
      detail: `resolved${length}`,
    }
  }
  const seen = value === null ? 'no value' : metricText(value, unit)
  return {
    id,
    at: startAt,
    shape: 'firing',
    tone: incident.severity === 'critical' ? 'crit' : 'warn',
    title: ruleName,
    detail: `${state} ${spanText(now - startAt)}, ${seen} against ${limit}${incident.ackBy === null ? '' : ', acknowledged'}`,
  }
}

function shiftItem(signal: DriftSignal): ActivityItem {
  const name = signal.signal === 'input_length' ? 'Input length' : 'Output length'
  // The shift began with the last unbroken run of shifted strip buckets.
  const firstOfRun = signal.strip.findLastIndex(({ verdict }) => verdict !== 'shifted') + 1
  const at = signal.strip[firstOfRun]?.t ?? signal.window.from
  return {
    id: `drift-${signal.signal}`,
    at,
    shape: 'warn',
    tone: 'warn',
    title: `${name} shifted`,
    detail: signal.effect.text,
  }
}

/** Services that a release reaches within this time belong to one roll-out. */
const ROLL_OUT_MS = 15 * 60_000

/** The roll-outs of the range, each with its first release at first. */
export function releaseGroups(releases: readonly Release[]): Release[][] {
  const groups: Release[][] = []
  for (const one of releases.toSorted((a, b) => a.at - b.at)) {
    const group = groups.findLast(
      ([first]) => first?.release === one.release && one.at - first.at < ROLL_OUT_MS,
    )
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

function releaseItem(group: readonly Release[]): ActivityItem {
  const [first] = group
  const services = [...new Set(group.flatMap(({ service }) => service ?? []))]
  const where = services.length === 0 ? '' : ` of ${services.join(', ')}`
  const isReported = group.some(({ source }) => source === 'reported')
  return {
    id: `release-${first?.release ?? ''}-${first?.at ?? 0}`,
    at: first?.at ?? 0,
    shape: 'release',
    tone: 't1',
    title: `Release ${first?.release ?? ''}`,
    detail: isReported ? `reported${where}` : `first span${where} seen`,
  }
}

function gapItems(up: readonly Interval[], range: { from: number; to: number }): ActivityItem[] {
  return up.flatMap(([, to], index) => {
    const next = up[index + 1]
    if (next === undefined || next[0] - to < 60_000 || next[0] <= range.from || to >= range.to)
      return []
    const detail = 'the collector was not running'
    return [
      {
        id: `gap-${to}`,
        at: to,
        shape: 'gap',
        tone: 't3',
        title: `No data for ${spanText(next[0] - to)}`,
        detail,
      } as const,
    ]
  })
}
