import type { ScoreList, Span, SpanSummary } from '@sightline/server/contract'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { RequestError } from '../../api/client.ts'
import { spanQuery } from '../../api/queries.ts'
import { traceScoresQuery } from '../../api/score-queries.ts'
import { countText } from '../../lib/format.ts'
import type { SpanTab } from '../../lib/page-search.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { KindBadge } from './KindBadge.tsx'
import { Messages } from './Messages.tsx'
import { Attributes } from './panel/Attributes.tsx'
import { CopyButton } from './panel/CopyButton.tsx'
import { Mapping } from './panel/Mapping.tsx'
import { messagesOf } from './panel/message-list.ts'
import { PanelTabs, TAB_PANEL_ID, tabId, type PanelTab } from './panel/PanelTabs.tsx'
import { Raw } from './panel/Raw.tsx'
import { ScoreCards } from './panel/ScoreCards.tsx'
import { Scores } from './panel/Scores.tsx'
import { chipsOf } from './panel/span-chips.ts'
import { SpanErrorBanner } from './panel/SpanErrorBanner.tsx'
import { useRoleFolds, type RoleFolds } from './panel/use-role-folds.ts'
import { useTraceSearch } from './use-trace-search.ts'

/** All that is known of one span; what is folded and the tab stay while one steps through spans. */
export function SpanPanel({ summary }: { summary: SpanSummary }) {
  const { search, change } = useTraceSearch()
  const { traceId, spanId, error } = summary
  const span = useQuery(spanQuery(traceId, spanId))
  const scores = useQuery(traceScoresQuery(traceId))
  const folds = useRoleFolds()
  const tab = search.tab ?? 'messages'
  return (
    <section
      className="panel"
      aria-label="Selected span"
      data-testid="span-panel"
      data-span-id={spanId}
    >
      <PanelHeader summary={summary} span={span.data} />
      <PanelTabs
        tabs={tabsOf(span.data, scores.data?.items.length)}
        chosen={tab}
        onChoose={(next) => change({ tab: next === 'messages' ? undefined : next })}
      />
      {error !== null && <SpanErrorBanner key={spanId} error={error} />}
      <div
        className="panel-body"
        id={TAB_PANEL_ID}
        role="tabpanel"
        aria-labelledby={tabId(tab)}
        tabIndex={-1}
        key={`${spanId} ${tab}`}
      >
        <TabBody tab={tab} summary={summary} span={span} scores={scores} folds={folds} />
      </div>
    </section>
  )
}

function PanelHeader({ summary, span }: { summary: SpanSummary; span: Span | undefined }) {
  const { type, status, name, model, toolName } = summary
  return (
    <header className="sh">
      <div className="sh-title">
        <KindBadge type={type} isError={status === 'error'} large />
        <h2 dir="auto">{name}</h2>
        <span className="t3 model">{model ?? toolName ?? ''}</span>
        <span className="spacer" />
        <CopyButton label="Copy a link to this span" text={() => linkTo(summary)} />
      </div>
      <ul className="meta" aria-label="In short">
        {chipsOf(summary, span).map(({ label, value }) => (
          <li key={label} className="chip" title={`${label} ${value}`}>
            {label} <b>{value}</b>
          </li>
        ))}
      </ul>
    </header>
  )
}

function linkTo({ traceId, spanId }: SpanSummary): string {
  return `${location.origin}/traces/${traceId}?span=${spanId}`
}

function tabsOf(span: Span | undefined, scores: number | undefined): PanelTab[] {
  const text = (count: number | undefined): string => (count === undefined ? '' : countText(count))
  return [
    { id: 'messages', label: 'Messages', count: text(span && messagesOf(span).length) },
    { id: 'scores', label: 'Scores', count: text(scores) },
    { id: 'attributes', label: 'Attributes', count: text(span && attributeCount(span)) },
    { id: 'mapping', label: 'Mapping', count: '' },
    { id: 'raw', label: 'Raw', count: '' },
  ]
}

function attributeCount({ attributes, resource }: Span): number {
  return Object.keys(attributes).length + Object.keys(resource).length
}

type TabBodyProps = {
  tab: SpanTab
  summary: SpanSummary
  span: UseQueryResult<Span>
  scores: UseQueryResult<ScoreList>
  folds: RoleFolds
}

function TabBody({ tab, summary, span, scores, folds }: TabBodyProps) {
  if (tab === 'scores') return <Scores span={summary} scores={scores} />
  if (span.isPending) return <Skeleton height={180} />
  if (span.isError) return <SpanFailure error={span.error} onRetry={() => void span.refetch()} />
  switch (tab) {
    case 'messages':
      return (
        <>
          <Messages span={span.data} folds={folds} />
          {scores.isSuccess && <ScoreCards span={summary} scores={scores.data.items} />}
        </>
      )
    case 'attributes':
      return <Attributes span={span.data} />
    case 'mapping':
      return <Mapping span={span.data} />
    case 'raw':
      return <Raw span={span.data} />
  }
}

function SpanFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof RequestError && error.status === 404) {
    return (
      <div className="msg">
        <div className="empty">
          <b>This span is not stored.</b>
          It may have been deleted after its retention.
        </div>
      </div>
    )
  }
  return (
    <div className="msg">
      <ErrorState
        what="This span could not be loaded"
        failure={failureOf(error)}
        onRetry={onRetry}
      />
    </div>
  )
}
