import type { Incident, Release, Rule } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { exemplarsQuery, releasesQuery } from '../../api/overview-queries.ts'
import { incidentsQuery, rulesQuery } from '../../api/queries.ts'
import type { Band, Exemplar, ReleaseMark } from '../../charts/chart-series.ts'
import { releaseGroups } from './activity.ts'
import type { OverviewModel } from './overview-model.ts'
import { useSlow } from './use-slow.ts'

export type ChartNotes = {
  releases: readonly ReleaseMark[]
  /** Incidents of latency rules. */
  bands: readonly Band[]
  exemplars: readonly Exemplar[]
  /** The releases whole, for the list of what happened. */
  released: readonly Release[]
}

const NONE: readonly Release[] = []

/** Releases, alerts and single slow calls of the range; asked at most once a minute. */
export function useChartNotes(model: OverviewModel, filters: readonly string[]): ChartNotes {
  const { complete, revision, stepMs, storedThrough: at } = model
  const key = JSON.stringify([filters, stepMs, complete.to - complete.from])
  const asked = useSlow({ complete, revision }, { key, at })
  const releases = useQuery(releasesQuery(asked.complete))
  const exemplars = useQuery(exemplarsQuery({ ...asked.complete, f: filters, step: stepMs }))
  const incidents = useQuery(incidentsQuery)
  const rules = useQuery(rulesQuery)
  const released = releases.data?.items ?? NONE
  return useMemo(
    () => ({
      released,
      releases: releaseGroups(released).flatMap(([first]) =>
        first === undefined ? [] : [{ at: first.at, label: first.release }],
      ),
      bands: latencyBands(incidents.data?.items ?? [], rules.data?.items ?? [], asked.complete),
      exemplars: exemplars.data?.items ?? [],
    }),
    [released, incidents.data, rules.data, exemplars.data, asked.complete],
  )
}

/** Alerts on latency whose time touches the range. */
export function latencyBands(
  incidents: readonly Incident[],
  rules: readonly Rule[],
  range: { from: number; to: number },
): Band[] {
  const watched = new Set(
    rules.filter(({ condition }) => condition.metric.startsWith('latency')).map(({ id }) => id),
  )
  return incidents
    .filter(({ ruleId, endAt }) => watched.has(ruleId) && (endAt ?? range.to) >= range.from)
    .map(({ startAt, endAt, ruleName }) => ({ from: startAt, to: endAt, label: ruleName }))
}
