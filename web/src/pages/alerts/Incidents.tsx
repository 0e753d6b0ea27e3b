import type { Incident, IncidentList } from '@sightline/server/contract'
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { acknowledgeIncident, keys } from '../../api/queries.ts'
import { metricText, spanText } from '../../lib/format.ts'
import { serverNow } from '../../lib/server-time.ts'
import { dayClockText, type Zone } from '../../lib/zone.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { groupText } from './rule-sentence.ts'

type IncidentsProps = { query: UseQueryResult<IncidentList>; zone: Zone }

export function Incidents({ query, zone }: IncidentsProps) {
  const items = query.data?.items ?? []
  const open = items.filter(({ state }) => state !== 'resolved')
  const shown = [...open, ...items.filter(({ state }) => state === 'resolved')].slice(0, 50)
  return (
    <section className="card" aria-label="Incidents" data-testid="incidents">
      <div className="hd">
        <h2>Incidents</h2>
        <div className="r" role="status">
          {open.length > 0 ? (
            <span className="status crit">
              <StatusIcon shape="firing" />
              {open.length} open
            </span>
          ) : (
            <span className="status ok">
              <StatusIcon shape="ok" />
              none open
            </span>
          )}
        </div>
      </div>
      {query.isPending && (
        <div className="pad">
          <Skeleton height={62} />
        </div>
      )}
      {query.isError && (
        <ErrorState
          what="Incidents could not be loaded"
          failure={failureOf(query.error)}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isSuccess && shown.length === 0 && (
        <div className="empty">
          <b>Nothing has fired.</b>Incidents appear here the moment a rule fires.
        </div>
      )}
      {shown.length > 0 && (
        <div className="scroll-x">
          <table className="table incidents">
            <thead>
              <tr>
                <th>State</th>
                <th>Rule</th>
                <th>Started</th>
                <th className="n">Lasted</th>
                <th className="n">Value</th>
                <th className="n">Peak</th>
                <th className="n">Limit</th>
                <th>
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((incident) => (
                <IncidentRow key={incident.id} incident={incident} zone={zone} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function IncidentRow({ incident, zone }: { incident: Incident; zone: Zone }) {
  const { id, ruleName, group, state, startAt, endAt, unit, threshold } = incident
  const figure = (value: number | null): string =>
    value === null ? 'none' : metricText(value, unit)
  return (
    <tr data-testid="incident" data-incident-id={id} data-state={state}>
      <td>
        <span className={`status ${toneOf(incident)}`}>
          <StatusIcon shape={state === 'resolved' ? 'ok' : 'firing'} />
          {state}
        </span>
      </td>
      <td>
        <b>{ruleName}</b> <span className="t3">{groupText(group)}</span>
      </td>
      <td className="num">{dayClockText(startAt, zone)}</td>
      <td className="n">{spanText((endAt ?? serverNow()) - startAt)}</td>
      <td className="n" data-testid="incident-value">
        {figure(incident.value)}
      </td>
      <td className="n">{figure(incident.peak)}</td>
      <td className="n">{figure(threshold)}</td>
      <td>
        <span className="row-actions">
          <Exemplar incident={incident} />
          <Acknowledge incident={incident} />
        </span>
      </td>
    </tr>
  )
}

function toneOf({ state, severity }: Incident): 'ok' | 'warn' | 'crit' {
  if (state === 'resolved') return 'ok'
  return severity === 'critical' && state === 'firing' ? 'crit' : 'warn'
}

function Exemplar({ incident }: { incident: Incident }) {
  const slowest = incident.exemplars[0]
  if (slowest === undefined) return null
  return (
    <Link className="link" to="/traces/$traceId" params={{ traceId: slowest.traceId }}>
      trace
    </Link>
  )
}

function Acknowledge({ incident: { id, state, ackBy } }: { incident: Incident }) {
  const queryClient = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () => acknowledgeIncident(id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.incidents }),
  })
  if (state === 'resolved') return null
  if (ackBy !== null) return <span className="t3">acknowledged</span>
  return (
    <button
      type="button"
      className="btn small"
      data-testid="acknowledge"
      disabled={acknowledge.isPending}
      title={acknowledge.error?.message}
      onClick={() => acknowledge.mutate()}
    >
      {acknowledge.isError ? 'Try again' : 'Acknowledge'}
    </button>
  )
}
