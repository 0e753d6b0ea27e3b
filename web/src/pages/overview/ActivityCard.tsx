import type { Release } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { incidentsQuery } from '../../api/queries.ts'
import { clockText, dayText, type Zone } from '../../lib/zone.ts'
import { ArrowText } from '../../ui/Arrow.tsx'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { activityOf } from './activity.ts'
import type { OverviewModel } from './overview-model.ts'
import { useDrift } from './use-drift.ts'

type ActivityCardProps = {
  model: OverviewModel
  filters: readonly string[]
  zone: Zone
  releases: readonly Release[]
}

export function ActivityCard({ model, filters, zone, releases }: ActivityCardProps) {
  const incidents = useQuery(incidentsQuery)
  const drift = useDrift(model, filters)
  const items = activityOf(
    {
      incidents: incidents.data?.items ?? [],
      signals: drift.data?.signals ?? [],
      releases,
      up: model.up,
    },
    { from: model.complete.from, to: model.storedThrough },
  )
  const today = dayText(model.storedThrough, zone)
  return (
    <section className="card c4" aria-label="Activity" data-testid="activity-card">
      <div className="hd">
        <h2>Activity</h2>
        <div className="r">
          <span className="t3">alerts, releases, drift, gaps</span>
        </div>
      </div>
      {incidents.isError && (
        <ErrorState
          what="Incidents could not be loaded"
          failure={failureOf(incidents.error)}
          onRetry={() => void incidents.refetch()}
        />
      )}
      {!incidents.isError && items.length === 0 && (
        <div className="empty">
          <b>Nothing happened in this range.</b>Set a limit in{' '}
          <Link className="link" to="/alerts">
            Alerts
          </Link>{' '}
          to be told when something does.
        </div>
      )}
      <div className="feed">
        {items.map(({ id, at, shape, tone, title, detail }) => (
          <div key={id} className="ev">
            <span className={tone}>
              <StatusIcon shape={shape} size={16} />
            </span>
            <p>
              <b>{title}</b>
              <br />
              <ArrowText text={detail} />
            </p>
            <time dateTime={new Date(at).toISOString()}>
              {dayText(at, zone) === today ? clockText(at, zone) : dayText(at, zone)}
            </time>
          </div>
        ))}
      </div>
    </section>
  )
}
