import type { IngestHealth } from '@sightline/server/contract'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { countText, metricText, spanText } from '../../lib/format.ts'
import { clockText, dayClockText, type Zone } from '../../lib/zone.ts'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { mergeSources, type SourceRow as Row } from './merge-sources.ts'

const DAY_MS = 86_400_000

/** Who sends: one row per service, dialect and SDK version of the last day. */
export function Sources({ health, zone }: { health: IngestHealth; zone: Zone }) {
  const { source: chosen } = useSearch({ from: '/ingest' })
  const shown = mergeSources(health.sources).filter(
    ({ service }) => chosen === undefined || service === chosen,
  )
  return (
    <section className="card" aria-label="Sources" data-testid="sources">
      <div className="hd">
        <h2>Sources</h2>
        <span className="u num">{countText(shown.length)} in the last day</span>
        {chosen !== undefined && <AllSources chosen={chosen} />}
      </div>
      {shown.length === 0 ? (
        <div className="empty">
          <b>Nobody has sent anything in the last day.</b>
          <p>
            <Link to="/start" className="link">
              Connect an application
            </Link>{' '}
            to see it here.
          </p>
        </div>
      ) : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Table of sources">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col">Dialect</th>
                <th scope="col">SDK</th>
                <th scope="col">Last seen</th>
                <th scope="col" className="n">
                  Spans/s
                </th>
                <th scope="col" className="n">
                  Received
                </th>
                <th scope="col" className="n">
                  Rejected
                </th>
                <th scope="col" className="n">
                  Dropped
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <SourceRow
                  key={JSON.stringify([one.service, one.sdk, one.sdkVersion])}
                  one={one}
                  at={health.at}
                  zone={zone}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function AllSources({ chosen }: { chosen: string }) {
  const navigate = useNavigate()
  return (
    <div className="r">
      <span className="chip">
        service <b>{chosen}</b>
      </span>
      <button
        type="button"
        className="link"
        onClick={() => void navigate({ to: '/ingest', search: {} })}
      >
        All sources
      </button>
    </div>
  )
}

function SourceRow({ one, at, zone }: { one: Row; at: number; zone: Zone }) {
  const { service, dialects, sdk, sdkVersion, lastSeenAt, silentForMs } = one
  return (
    <tr data-service={service ?? ''}>
      <td>
        {service === null ? (
          <span className="t3">no name</span>
        ) : (
          <Link
            to="/ingest"
            search={(search) => ({ ...search, source: service })}
            className="cell-link"
          >
            <b>{service}</b>
          </Link>
        )}
      </td>
      <td>{dialects.join(', ')}</td>
      <td className="t2">
        {sdk ?? 'unknown'} <span className="t3 num">{sdkVersion}</span>
      </td>
      <td className="num">
        {silentForMs === null ? (
          seenText(lastSeenAt, at, zone)
        ) : (
          <span className="status warn">
            <StatusIcon shape="warn" />
            silent {spanText(silentForMs)}
          </span>
        )}
      </td>
      <td className="n num">{metricText(one.spansPerSecond, '1')}</td>
      <td className="n num">{countText(one.received)}</td>
      <td className={one.rejected > 0 ? 'n num warn' : 'n num t3'}>{countText(one.rejected)}</td>
      <td className={one.dropped > 0 ? 'n num warn' : 'n num t3'}>{countText(one.dropped)}</td>
    </tr>
  )
}

function seenText(lastSeenAt: number, at: number, zone: Zone): string {
  return at - lastSeenAt < DAY_MS / 2
    ? clockText(lastSeenAt, zone, true)
    : dayClockText(lastSeenAt, zone)
}
