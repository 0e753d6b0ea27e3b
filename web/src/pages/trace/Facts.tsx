import type { TraceDetail } from '@sightline/server/contract'
import { countText, durationText, formatFixed, moneyText } from '../../lib/format.ts'
import { instantText, offsetText, type Zone } from '../../lib/zone.ts'
import { firstTokenMs } from './trace-facts.ts'
import type { Waterfall } from './waterfall.ts'

type FactsProps = { trace: TraceDetail; waterfall: Waterfall; zone: Zone }

export function Facts({ trace, waterfall, zone }: FactsProps) {
  const { usage, cost } = trace.totals
  const { start, end, root } = waterfall
  const ttft = firstTokenMs(trace.spans, start)
  const cached = usage.inputTokens > 0 ? (usage.cacheReadTokens / usage.inputTokens) * 100 : 0
  const first = (pick: (span: TraceDetail['spans'][number]) => string | null): string | null =>
    (root === null ? null : pick(root)) ??
    trace.spans.map(pick).find((value) => value !== null) ??
    null
  const named = [
    ['Service', first((span) => span.service)],
    ['Release', first((span) => span.release)],
    ['Session', first((span) => span.sessionId)],
    ['User', first((span) => span.userId)],
  ] as const
  return (
    <dl className="facts num" data-testid="trace-facts">
      <Fact label="Started" value={instantText(start, zone)} note={offsetText(start, zone)} />
      <Fact
        label="Duration"
        value={durationText(root?.durationMs ?? end - start)}
        note={root === null ? 'so far' : ''}
      />
      <Fact label="First token" value={ttft === null ? 'none' : durationText(ttft)} />
      <Fact
        label="Tokens"
        value={`${countText(usage.inputTokens)} in`}
        note={`${cached > 0 ? `${formatFixed(cached, 0)}% cached, ` : ''}${countText(usage.outputTokens)} out`}
      />
      <Fact
        label="Cost"
        value={cost.totalUsd === null ? 'none' : moneyText(cost.totalUsd)}
        note={cost.unpricedCalls > 0 ? `${cost.unpricedCalls} unpriced` : ''}
      />
      {named.map(
        ([label, value]) => value !== null && <Fact key={label} label={label} value={value} />,
      )}
    </dl>
  )
}

function Fact({ label, value, note = '' }: { label: string; value: string; note?: string }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd title={value}>
        {value}
        {note !== '' && <em>{note}</em>}
      </dd>
    </div>
  )
}
