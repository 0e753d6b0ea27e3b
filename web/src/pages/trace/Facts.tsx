import type { TraceUsual } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import { turnsQuery, type LoadedTrace } from '../../api/trace-queries.ts'
import { countText, durationText, formatFixed, moneyText } from '../../lib/format.ts'
import { instantText, offsetText, type Zone } from '../../lib/zone.ts'
import { firstTokenMs, firstValue, timesUsual, traceDurationMs } from './trace-facts.ts'
import type { TraceModel } from './trace-node.ts'

type FactsProps = {
  trace: LoadedTrace
  model: TraceModel
  usual: TraceUsual | undefined
  zone: Zone
}

export function Facts({ trace, model, usual, zone }: FactsProps) {
  const { usage, cost } = trace.totals
  const startTime = model.root?.span.startTime ?? model.startTime
  const durationMs = traceDurationMs(model)
  const times = timesUsual(durationMs, usual)
  const ttft = firstTokenMs(model)
  const session = firstValue(model, (span) => span.sessionId)
  const named = [
    ['Service', 'service', firstValue(model, (span) => span.service)],
    ['Release', 'release', firstValue(model, (span) => span.release)],
  ] as const
  const user = firstValue(model, (span) => span.userId)
  return (
    <dl className="facts num" data-testid="trace-facts">
      <Fact label="Started">
        {instantText(startTime, zone)}
        <em>{offsetText(startTime, zone)}</em>
      </Fact>
      <Fact label="Duration" tone={times !== null && times >= 1.5 ? 'warn' : ''}>
        {durationText(durationMs)}
        {model.root === null && <em>so far</em>}
        {times !== null && <em>{formatFixed(times, 1)}× usual</em>}
      </Fact>
      <Fact label="First token">{ttft === null ? 'none' : durationText(ttft)}</Fact>
      <Fact label="Tokens">
        <Tokens usage={usage} />
      </Fact>
      <Fact label="Cost">
        {cost.totalUsd === null ? 'none' : moneyText(cost.totalUsd)}
        {cost.unpricedCalls > 0 && <em>{countText(cost.unpricedCalls)} unpriced</em>}
      </Fact>
      {named.map(([label, field, value]) =>
        value === null ? null : (
          <Fact key={label} label={label}>
            <ValueLink field={field} value={value} />
          </Fact>
        ),
      )}
      {session !== null && (
        <Fact label="Session">
          <ValueLink field="session" value={session} />
          <Turn traceId={trace.traceId} sessionId={session} startTime={startTime} />
        </Fact>
      )}
      {user !== null && (
        <Fact label="User">
          <ValueLink field="user" value={user} />
        </Fact>
      )}
    </dl>
  )
}

function Fact({
  label,
  tone = '',
  children,
}: {
  label: string
  tone?: string
  children: ReactNode
}) {
  return (
    <div className="fact" data-fact={label}>
      <dt>{label}</dt>
      <dd className={tone}>{children}</dd>
    </div>
  )
}

function Tokens({ usage }: { usage: LoadedTrace['totals']['usage'] }) {
  const { inputTokens, cacheReadTokens, outputTokens } = usage
  const cached = inputTokens > 0 ? (cacheReadTokens / inputTokens) * 100 : 0
  return (
    <Fragment>
      {countText(inputTokens)}
      <em>{cached > 0 ? `in, ${formatFixed(cached, 0)}% cached` : 'in'}</em>{' '}
      {countText(outputTokens)}
      <em>out</em>
    </Fragment>
  )
}

function ValueLink({ field, value }: { field: string; value: string }) {
  return (
    <Link
      to="/traces"
      search={{ f: [`${field}:eq:${value}`] }}
      className="link"
      title={`Traces with ${field} ${value}`}
    >
      {value}
    </Link>
  )
}

type TurnProps = { traceId: string; sessionId: string; startTime: number }

/** Which turn of its session this trace is. */
function Turn({ traceId, sessionId, startTime }: TurnProps) {
  const turns = useQuery(turnsQuery(sessionId, startTime))
  const items = turns.data?.items ?? []
  const index = items.findIndex((item) => item.traceId === traceId)
  if (index < 0 || items.length < 2) return null
  const isMore = turns.data?.nextCursor !== null
  return (
    <em>
      turn {index + 1} of {items.length}
      {isMore ? '+' : ''}
    </em>
  )
}
