import type { TraceSummary } from '@sightline/server/contract'
import { Link, useNavigate } from '@tanstack/react-router'
import { memo, type MouseEvent } from 'react'
import { countText, durationText, formatFixed, moneyCellText } from '../lib/format.ts'
import { clockText, instantText, type Zone } from '../lib/zone.ts'
import { ArrowRight } from './Arrow.tsx'
import { Segments } from './Segments.tsx'
import { StatusIcon } from './StatusIcon.tsx'

type TraceTableProps = {
  traces: readonly TraceSummary[]
  zone: Zone
  /** Why a trace counts as slow; null when it does not. */
  slowNoteOf?: (trace: TraceSummary) => string | null
  /** The score that has a column; null or left out without any. */
  scoreName?: string | null
}

export function TraceTable(props: TraceTableProps) {
  const { traces, zone, slowNoteOf, scoreName = null } = props
  const fullMs = Math.max(...traces.map((trace) => trace.durationMs ?? 0), 1)
  return (
    <table className="table traces" data-testid="trace-table">
      <thead>
        <tr>
          <th className="col-time">Time</th>
          <th>Trace</th>
          <th className="col-status">Status</th>
          <th className="col-model">Model</th>
          <th className="col-duration">Duration</th>
          <th className="n col-tokens">
            In <ArrowRight /> out
          </th>
          <th className="n col-cost">Cost</th>
          {scoreName !== null && (
            <th className="n col-score" title={scoreName}>
              Score
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {traces.map((trace, index) => (
          // By place: a new trace on top changes what the rows say instead of pushing them down,
          // which a browser would count as layout shift every second.
          <TraceRow
            key={index}
            trace={trace}
            zone={zone}
            fullMs={fullMs}
            slowNote={slowNoteOf?.(trace) ?? null}
            scoreName={scoreName}
            isStop={index === 0}
          />
        ))}
      </tbody>
    </table>
  )
}

type TraceRowProps = {
  trace: TraceSummary
  zone: Zone
  fullMs: number
  slowNote: string | null
  scoreName: string | null
  /** One tab stop a table: from there on J and K move. */
  isStop: boolean
}

const TraceRow = memo(function TraceRow(props: TraceRowProps) {
  const { trace, zone, fullMs, slowNote, scoreName, isStop } = props
  const navigate = useNavigate()
  const { traceId, durationMs } = trace
  const onClick = (event: MouseEvent): void => {
    const isOnLink = event.target instanceof Element && event.target.closest('a') !== null
    // Selecting text in a row must not open it.
    if (isOnLink || getSelection()?.isCollapsed === false) return
    void navigate({ to: '/traces/$traceId', params: { traceId } })
  }
  const time = clockText(trace.startTime, zone, true)
  return (
    <tr className="row-link" onClick={onClick} data-testid="trace-row" data-trace-id={traceId}>
      <td className="mono t3 col-time" title={instantText(trace.startTime, zone)}>
        {time}
      </td>
      <td className="clip">
        <Link
          to="/traces/$traceId"
          params={{ traceId }}
          title={trace.name}
          tabIndex={isStop ? 0 : -1}
        >
          <b>{trace.name}</b>
        </Link>
        <span className="sub num">
          {time} · {trace.models[0] ?? 'no model'}
        </span>
      </td>
      <td className="col-status">
        <TraceStatus trace={trace} slowNote={slowNote} />
      </td>
      <td className="clip col-model" title={trace.models.join(', ')}>
        <Models models={trace.models} />
      </td>
      <td className="col-duration">
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
        <span className="sub num">
          <CostText cost={trace.cost} />
        </span>
      </td>
      <td className="n col-tokens">
        <TokensText usage={trace.usage} />
      </td>
      <td className="n col-cost">
        <CostText cost={trace.cost} />
      </td>
      {scoreName !== null && (
        <td className="n col-score">
          <ScoreText scores={trace.scores} name={scoreName} />
        </td>
      )}
    </tr>
  )
})

function TokensText({ usage }: Pick<TraceSummary, 'usage'>) {
  if (usage.inputTokens + usage.outputTokens === 0) return <span className="t3">none</span>
  return (
    <>
      {countText(usage.inputTokens)}{' '}
      <span className="t3">
        <ArrowRight />
      </span>{' '}
      {countText(usage.outputTokens)}
    </>
  )
}

function CostText({ cost }: Pick<TraceSummary, 'cost'>) {
  if (cost.totalUsd !== null) return moneyCellText(cost.totalUsd)
  return <span className="t3">{cost.unpricedCalls > 0 ? 'unpriced' : 'none'}</span>
}

/** Under half a score of 0 to 1 has not passed. */
const PASSES_FROM = 0.5

function ScoreText({ scores, name }: Pick<TraceSummary, 'scores'> & { name: string }) {
  const score = scores.find((one) => one.name === name)
  if (score === undefined) return <span className="t3">none</span>
  if (score.value === null) return score.label ?? 'none'
  const isLow = score.value < PASSES_FROM
  return (
    <span
      className={isLow ? 'low-score' : ''}
      title={isLow ? `did not pass: under ${PASSES_FROM}` : undefined}
    >
      {formatFixed(score.value, Number.isInteger(score.value) ? 0 : 2)}
    </span>
  )
}

type TraceStatusProps = {
  trace: Pick<TraceSummary, 'status' | 'errorCount' | 'rootReceived'>
  slowNote?: string | null
}

export function TraceStatus({ trace, slowNote = null }: TraceStatusProps) {
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
  if (slowNote !== null) {
    return (
      <span className="status warn" title={slowNote}>
        <StatusIcon shape="warn" />
        slow
      </span>
    )
  }
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
