import type { TraceSummary } from '@sightline/server/contract'
import { Link } from '@tanstack/react-router'
import { clockText, dayText, instantText } from '../../lib/zone.ts'
import { Segments } from '../../ui/Segments.tsx'
import { TraceStatus } from '../../ui/TraceTable.tsx'
import { CostText, DurationText, type CellContext } from './trace-columns.tsx'

/** A row on a phone: what it is and how it went, in two lines. */
export function TraceCard({ trace, context }: { trace: TraceSummary; context: CellContext }) {
  const { traceId, name, startTime, durationMs, models, cost, segments, status } = trace
  const { zone, withDay, fullMs, sort } = context
  return (
    <>
      <span className="vt-card-line">
        <Link
          to="/traces/$traceId"
          params={{ traceId }}
          search={sort === undefined ? {} : { sort }}
          tabIndex={-1}
          className="vt-name"
        >
          {name}
        </Link>
        <span className="spacer" />
        <Segments
          segments={segments}
          durationMs={durationMs}
          fullMs={fullMs}
          isError={status === 'error'}
        />
        <span className="num">
          <DurationText durationMs={durationMs} />
        </span>
      </span>
      <span className="vt-card-line t3">
        <TraceStatus trace={trace} />
        <time className="mono" title={instantText(startTime, zone)}>
          {withDay && `${dayText(startTime, zone)} `}
          {clockText(startTime, zone, true)}
        </time>
        <span className="vt-card-model">{models[0] ?? ''}</span>
        <span className="spacer" />
        <span className="num">
          <CostText cost={cost} />
        </span>
      </span>
    </>
  )
}
