import type { TraceSummary } from '@sightline/server/contract'
import type { ReactNode } from 'react'
import { countText, durationText } from '../../lib/format.ts'
import { typedActions } from '../../lib/value-actions.ts'
import { instantText, offsetText, type Zone } from '../../lib/zone.ts'
import { useView } from '../../shell/use-view.ts'
import { ArrowRight } from '../../ui/Arrow.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import { ValueMenu } from '../../ui/ValueMenu.tsx'
import { CostText, DurationText, ScoreText } from './trace-columns.tsx'

type Fact = readonly [name: string, value: ReactNode]

/** What the list knows of a trace; what can be filtered by offers it. */
export function PeekFacts({ summary, zone }: { summary: TraceSummary; zone: Zone }) {
  const { startTime, durationMs, ttftMs, usage, cost, models, scores } = summary
  const facts: Fact[] = [
    ['Started', `${instantText(startTime, zone)} ${offsetText(startTime, zone)}`],
    ['Duration', <DurationText key="duration" durationMs={durationMs} />],
    ['First token', ttftMs === null ? 'none' : durationText(ttftMs)],
    [
      'Tokens',
      <span key="tokens">
        {countText(usage.inputTokens)} <ArrowRight /> {countText(usage.outputTokens)}
        {usage.cacheReadTokens > 0 && `, ${countText(usage.cacheReadTokens)} cached`}
      </span>,
    ],
    ['Cost', <CostText key="cost" cost={cost} />],
    ['Models', <Values key="models" field="model" values={models} />],
    ['Service', <Value key="service" field="service" value={summary.service} />],
    ['Release', <Value key="release" field="release" value={summary.release} />],
    ['User', <Value key="user" field="user" value={summary.userId} />],
    ['Session', <Value key="session" field="session" value={summary.sessionId} />],
    ...(scores.length > 0 ? [['Score', <ScoreText key="score" scores={scores} />] as const] : []),
  ]
  return (
    <>
      <div className="peek-bar" role="img" aria-label={segmentsText(summary.segments)}>
        {summary.segments.map(({ kind, ms }, index) => (
          <span key={index} data-kind={kind} style={{ flexGrow: ms }} />
        ))}
      </div>
      <dl className="peek-facts num">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <SegmentLegend />
    </>
  )
}

function segmentsText(segments: TraceSummary['segments']): string {
  return `Where the time went: ${segments.map(({ kind, ms }) => `${kind} ${durationText(ms)}`).join(', ')}`
}

function Values({ field, values }: { field: string; values: readonly string[] }) {
  if (values.length === 0) return <>none</>
  return values.map((value) => <Value key={value} field={field} value={value} />)
}

function Value({ field, value }: { field: string; value: string | null }) {
  const { view, setView } = useView()
  if (value === null) return <>none</>
  return (
    <span className="peek-value">
      <span>{value}</span>
      <ValueMenu
        name={field}
        text={value}
        actions={() => typedActions({ field, value })}
        onFilter={(filter) => setView({ ...view, f: [...new Set([...(view.f ?? []), filter])] })}
      />
    </span>
  )
}
