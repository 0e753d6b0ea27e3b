import type { Span, SpanSummary } from '@sightline/server/contract'
import { useQueries } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { spanQuery } from '../../api/queries.ts'
import { countText, durationText, moneyText } from '../../lib/format.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { turnsOf, type Turn } from './conversation.ts'
import { KindBadge } from './KindBadge.tsx'
import { Messages } from './Messages.tsx'
import type { TraceModel } from './trace-node.ts'

type ConversationProps = {
  model: TraceModel
  selectedKey: string | null
  onSelect: (spanId: string) => void
}

const PAGE_CALLS = 20

/** The messages of all model calls, in order, as one conversation. */
export function Conversation({ model, selectedKey, onSelect }: ConversationProps) {
  const [limit, setLimit] = useState(PAGE_CALLS)
  const calls = useMemo(() => modelCalls(model), [model])
  const { spans, isPending, error, retry } = useSpans(calls.slice(0, limit))
  const turns = useMemo(() => turnsOf(spans), [spans])
  if (calls.length === 0) {
    return (
      <div className="empty">
        <b>No model was called in this trace.</b>
        The waterfall and the table show what was done.
      </div>
    )
  }
  return (
    <div
      className="conversation"
      data-testid="conversation"
      role="region"
      aria-label="Conversation"
      tabIndex={0}
    >
      {turns.map((turn) => (
        <TurnBlock
          key={turn.span.spanId}
          turn={turn}
          isSelected={turn.span.spanId === selectedKey}
          onSelect={onSelect}
        />
      ))}
      {isPending && <Skeleton height={180} />}
      {error !== null && (
        <ErrorState
          what="Messages could not be loaded"
          failure={failureOf(error)}
          onRetry={retry}
        />
      )}
      {limit < calls.length && (
        <button type="button" className="btn" onClick={() => setLimit(limit + PAGE_CALLS)}>
          Show more: {countText(calls.length - limit)} calls left
        </button>
      )}
    </div>
  )
}

function modelCalls({ nodes }: TraceModel): SpanSummary[] {
  return nodes
    .filter(({ span }) => span.type === 'llm' || (span.type === 'evaluator' && span.model !== null))
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ span }) => span)
}

/** The bodies of calls as far as they have come, without a gap, so that order stays order. */
function useSpans(calls: readonly SpanSummary[]) {
  const queries = useQueries({
    queries: calls.map(({ traceId, spanId }) => spanQuery(traceId, spanId)),
  })
  const firstGap = queries.findIndex(({ data }) => data === undefined)
  const ready = firstGap < 0 ? queries : queries.slice(0, firstGap)
  const spans = ready.flatMap(({ data }): Span[] => (data === undefined ? [] : [data]))
  return {
    spans,
    isPending: queries.some((query) => query.isPending),
    error: queries.find((query) => query.error !== null)?.error ?? null,
    retry: () => {
      for (const query of queries) if (query.isError) void query.refetch()
    },
  }
}

type TurnBlockProps = { turn: Turn; isSelected: boolean; onSelect: (spanId: string) => void }

function TurnBlock({ turn, isSelected, onSelect }: TurnBlockProps) {
  const { span, system, input, output, repeated } = turn
  const isSilent = system === null && input.length + output.length === 0 && span.error === null
  return (
    <article
      className={isSelected ? 'turn turn-selected' : 'turn'}
      aria-label={span.name}
      data-testid="turn"
    >
      <header>
        <KindBadge type={span.type} isError={span.status === 'error'} />
        <button type="button" className="link turn-name" onClick={() => onSelect(span.spanId)}>
          {span.name}
        </button>
        <span className="t3">{span.model ?? ''}</span>
        <span className="spacer" />
        <Meters span={span} />
      </header>
      {repeated > 0 && (
        <p className="t3">
          {repeated} earlier message{repeated === 1 ? '' : 's'} sent again, shown above
        </p>
      )}
      {isSilent ? (
        <p className="t3">Its messages were not sent.</p>
      ) : (
        <Messages
          span={{
            ...span,
            systemInstructions: system,
            inputMessages: input,
            outputMessages: output,
          }}
        />
      )}
    </article>
  )
}

function Meters({ span }: { span: Span }) {
  const { durationMs, inputTokens, outputTokens, cost } = span
  const tokens =
    inputTokens === null && outputTokens === null
      ? null
      : `${countText(inputTokens ?? 0)} in, ${countText(outputTokens ?? 0)} out`
  const parts = [
    durationMs === null ? null : durationText(durationMs),
    tokens,
    cost.totalUsd === null ? null : moneyText(cost.totalUsd),
  ].filter((part) => part !== null)
  return <span className="meters num t3">{parts.join(' · ')}</span>
}
