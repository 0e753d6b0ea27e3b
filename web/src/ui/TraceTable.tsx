import type { TraceSummary } from '@sightline/server/contract'
import { Link, useNavigate } from '@tanstack/react-router'
import { memo, type MouseEvent } from 'react'
import { countText, durationText, moneyText } from '../lib/format.ts'
import { clockText, instantText, type Zone } from '../lib/zone.ts'
import { ArrowRight } from './Arrow.tsx'
import { Segments } from './Segments.tsx'
import { StatusIcon } from './StatusIcon.tsx'

type TraceTableProps = { traces: readonly TraceSummary[]; zone: Zone }

export function TraceTable({ traces, zone }: TraceTableProps) {
  const fullMs = Math.max(...traces.map((trace) => trace.durationMs ?? 0), 1)
  return (
    <div className="scroll-x">
      <table className="table traces" data-testid="trace-table">
        <thead>
          <tr>
            <th>Time</th>
            <th>Trace</th>
            <th>Status</th>
            <th className="col-model">Model</th>
            <th>Duration</th>
            <th className="n col-tokens">
              In <ArrowRight /> out
            </th>
            <th className="n">Cost</th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <TraceRow key={trace.traceId} trace={trace} zone={zone} fullMs={fullMs} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type TraceRowProps = { trace: TraceSummary; zone: Zone; fullMs: number }

const TraceRow = memo(function TraceRow({ trace, zone, fullMs }: TraceRowProps) {
  const navigate = useNavigate()
  const { traceId, usage, cost, durationMs } = trace
  const onClick = (event: MouseEvent): void => {
    const isOnLink = event.target instanceof Element && event.target.closest('a') !== null
    // Selecting text in a row must not open it.
    if (isOnLink || getSelection()?.isCollapsed === false) return
    void navigate({ to: '/traces/$traceId', params: { traceId } })
  }
  return (
    <tr className="row-link" onClick={onClick} data-testid="trace-row" data-trace-id={traceId}>
      <td className="mono t3" title={instantText(trace.startTime, zone)}>
        {clockText(trace.startTime, zone, true)}
      </td>
      <td className="clip">
        <Link to="/traces/$traceId" params={{ traceId }} title={trace.name}>
          <b>{trace.name}</b>
        </Link>
      </td>
      <td>
        <TraceStatus trace={trace} />
      </td>
      <td className="clip col-model" title={trace.models.join(', ')}>
        <Models models={trace.models} />
      </td>
      <td>
        <span className="duration num">
          <Segments
            segments={trace.segments}
            durationMs={durationMs}
            fullMs={fullMs}
            isError={trace.status === 'error'}
          />
          {durationMs === null ? (
            <span className="t3">open</span>
          ) : (
            <b>{durationText(durationMs)}</b>
          )}
        </span>
      </td>
      <td className="n col-tokens">
        {usage.inputTokens + usage.outputTokens === 0 ? (
          <span className="t3">none</span>
        ) : (
          <>
            {countText(usage.inputTokens)}{' '}
            <span className="t3">
              <ArrowRight />
            </span>{' '}
            {countText(usage.outputTokens)}
          </>
        )}
      </td>
      <td className="n">
        {cost.totalUsd === null ? (
          <span className="t3">{cost.unpricedCalls > 0 ? 'unpriced' : 'none'}</span>
        ) : (
          moneyText(cost.totalUsd)
        )}
      </td>
    </tr>
  )
})

export function TraceStatus({
  trace,
}: {
  trace: Pick<TraceSummary, 'status' | 'errorCount' | 'rootReceived'>
}) {
  if (trace.status === 'error')
    return (
      <span className="status crit">
        <StatusIcon shape="error" />
        error
      </span>
    )
  if (!trace.rootReceived)
    return (
      <span className="status t3">
        <StatusIcon shape="gap" />
        no root yet
      </span>
    )
  if (trace.errorCount > 0) {
    return (
      <span className="status warn" title={`${trace.errorCount} failed inside`}>
        <StatusIcon shape="warn" />
        recovered
      </span>
    )
  }
  return (
    <span className="status ok">
      <StatusIcon shape="ok" />
      ok
    </span>
  )
}

function Models({ models }: { models: readonly string[] }) {
  const [first, ...more] = models
  if (first === undefined) return <span className="t3">none</span>
  return (
    <>
      {first}
      {more.length > 0 && <span className="t3"> +{more.length}</span>}
    </>
  )
}
