import type { IngestHealth } from '@sightline/server/contract'
import { useRef } from 'react'
import { countOf } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { reasonText } from './advice.ts'

/** What was refused, why, what to do about it, and some of it. */
export function Rejects({ health, zone }: { health: IngestHealth; zone: Zone }) {
  const { rejected, rejectSamples } = health
  const section = useRef<HTMLElement>(null)
  usePageKeys('Ingest health', [
    {
      keys: 'R',
      label: 'To what was refused',
      run: () => {
        section.current?.scrollIntoView({ block: 'start' })
        section.current?.focus()
      },
    },
  ])
  return (
    <section
      ref={section}
      tabIndex={-1}
      className="card"
      aria-label="Refused"
      data-testid="rejects"
    >
      <div className="hd">
        <h2>Refused</h2>
        <span className="u">last hour, by reason</span>
      </div>
      {rejected.length === 0 && rejectSamples.length === 0 && (
        <div className="empty">
          <b>Nothing was refused.</b>
        </div>
      )}
      <ul className="reasons">
        {rejected.map(({ reason, records, requests }) => (
          <li key={reason} data-reason={reason} data-records={records} data-requests={requests}>
            <b>{reasonText(reason).title}</b>
            <span className="num">
              {records > 0 && countOf(records, 'record')}
              {records > 0 && requests > 0 && ', '}
              {requests > 0 && countOf(requests, 'request')}
            </span>
            <p className="t2">{reasonText(reason).advice}</p>
          </li>
        ))}
      </ul>
      {rejectSamples.length > 0 && <Samples samples={rejectSamples} zone={zone} />}
    </section>
  )
}

function Samples({ samples, zone }: { samples: IngestHealth['rejectSamples']; zone: Zone }) {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Refused lately">
      <table className="table reject-samples">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Reason</th>
            <th scope="col">Trace</th>
            <th scope="col">What was wrong</th>
          </tr>
        </thead>
        <tbody>
          {samples.map(({ at, reason, traceId, spanId, detail }, index) => (
            // Two samples may be alike in every field.
            <tr key={index}>
              <td className="mono t3">{clockText(at, zone, true)}</td>
              <td>{reasonText(reason).title}</td>
              <td className="mono">
                {traceId === null ? (
                  <span className="t3">unreadable</span>
                ) : (
                  <>
                    {traceId.slice(0, 8)}
                    <CopyText text={`${traceId} ${spanId ?? ''}`.trim()} label="Copy the ids" />
                  </>
                )}
              </td>
              <td className="reject-detail">{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
