import type { Span, SpanSummary } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { spanQuery } from '../../api/queries.ts'
import { countText, durationText, formatFixed, moneyText } from '../../lib/format.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Attributes } from './Attributes.tsx'
import { jsonText } from './json-text.ts'
import { KindBadge } from './KindBadge.tsx'
import { tokensPerSecond } from './trace-facts.ts'
import { LongText } from './LongText.tsx'
import { Messages } from './Messages.tsx'

const TABS = ['Messages', 'Attributes', 'Raw'] as const
type Tab = (typeof TABS)[number]

export function SpanPanel({ summary }: { summary: SpanSummary }) {
  const [tab, setTab] = useState<Tab>('Messages')
  const span = useQuery(spanQuery(summary.traceId, summary.spanId))
  return (
    <section
      className="panel"
      aria-label="Selected span"
      data-testid="span-panel"
      data-span-id={summary.spanId}
    >
      <header className="sh">
        <h2>
          <KindBadge type={summary.type} isError={summary.status === 'error'} large />
          {summary.name}
          <span className="t3 model">{summary.model ?? summary.toolName ?? ''}</span>
        </h2>
        <Chips span={summary} />
        <div className="tabs" role="tablist" aria-label="Span details">
          {TABS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={tab === name}
              className={tab === name ? 'tab on' : 'tab'}
              onClick={() => setTab(name)}
            >
              {name}
              {span.data !== undefined && <i className="num">{tabCount(name, span.data)}</i>}
            </button>
          ))}
        </div>
      </header>
      <div className="panel-body" role="tabpanel" aria-label={tab}>
        {span.isPending && <Skeleton height={180} />}
        {span.isError && (
          <ErrorState
            what="This span could not be loaded"
            failure={failureOf(span.error)}
            onRetry={() => void span.refetch()}
          />
        )}
        {span.isSuccess && <TabBody key={summary.spanId} tab={tab} span={span.data} />}
      </div>
    </section>
  )
}

function TabBody({ tab, span }: { tab: Tab; span: Span }) {
  switch (tab) {
    case 'Messages':
      return <Messages span={span} />
    case 'Attributes':
      return <Attributes span={span} />
    case 'Raw':
      return (
        <div className="msg raw">
          <div className="mb">
            <LongText text={jsonText(span)} mono />
          </div>
        </div>
      )
  }
}

function tabCount(tab: Tab, span: Span): string {
  if (tab === 'Attributes') return String(Object.keys(span.attributes).length)
  if (tab === 'Raw') return ''
  const count =
    span.inputMessages.length +
    span.outputMessages.length +
    (span.systemInstructions === null ? 0 : 1)
  return count === 0 ? '' : String(count)
}

function Chips({ span }: { span: SpanSummary }) {
  const show = (value: number | null, text: (value: number) => string): string | null =>
    value === null ? null : text(value)
  const chips: [string, string | null][] = [
    ['total', show(span.durationMs, durationText)],
    ['first token', show(span.ttftMs, durationText)],
    ['speed', show(tokensPerSecond(span), (speed) => `${formatFixed(speed, 0)} tok/s`)],
    ['in', show(span.inputTokens, countText)],
    ['cached', show(span.cacheReadTokens === 0 ? null : span.cacheReadTokens, countText)],
    ['out', show(span.outputTokens, countText)],
    ['cost', costText(span.cost)],
    ['finish', span.finishReasons.length === 0 ? null : span.finishReasons.join(', ')],
    ['error', span.error?.type ?? null],
  ]
  return (
    <div className="meta">
      {chips.map(
        ([label, value]) =>
          value !== null && (
            <span key={label} className="chip">
              {label} <b>{value}</b>
            </span>
          ),
      )}
    </div>
  )
}

function costText({ totalUsd, reason }: SpanSummary['cost']): string | null {
  if (totalUsd !== null) return moneyText(totalUsd)
  return reason === null || reason === 'not_a_model_call'
    ? null
    : `none, ${reason.replaceAll('_', ' ')}`
}
