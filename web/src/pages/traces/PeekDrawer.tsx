import type { SpanSummary, TraceSummary } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconArrowUpRight, IconX } from '@tabler/icons-react'
import { peekQuery } from '../../api/traces-queries.ts'
import { countText, durationText } from '../../lib/format.ts'
import type { TraceSort } from '../../lib/page-search.ts'
import type { Zone } from '../../lib/zone.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { TraceStatus } from '../../ui/TraceTable.tsx'
import { PeekFacts } from './PeekFacts.tsx'
import { peekRows, type PeekRow } from './peek-rows.ts'

type PeekDrawerProps = {
  traceId: string
  /** What the list knows of it; undefined for a trace that it has not loaded. */
  summary: TraceSummary | undefined
  zone: Zone
  sort: TraceSort | undefined
  onClose: () => void
}

/** A look at one trace beside the list, which stays in use. */
export function PeekDrawer(props: PeekDrawerProps) {
  const { traceId, summary, zone } = props
  const detail = useQuery(peekQuery(traceId, summary?.spanCount ?? 0))
  return (
    <aside className="peek card" aria-label="Trace at a glance" data-testid="peek">
      <PeekHead {...props} spans={detail.data?.spans ?? []} />
      {summary !== undefined && <PeekFacts summary={summary} zone={zone} />}
      {detail.isPending && (
        <div className="peek-pending">
          <Skeleton height={180} />
        </div>
      )}
      {detail.isError && (
        <ErrorState
          what="The spans could not be loaded"
          failure={failureOf(detail.error)}
          onRetry={() => void detail.refetch()}
        />
      )}
      {detail.data !== undefined && (
        <>
          <FirstError spans={detail.data.spans} />
          <PeekSpans spans={detail.data.spans} isPart={detail.data.nextCursor !== null} />
        </>
      )}
    </aside>
  )
}

type PeekHeadProps = PeekDrawerProps & { spans: readonly SpanSummary[] }

function PeekHead({ traceId, summary, sort, spans, onClose }: PeekHeadProps) {
  const root = spans.find(({ parentSpanId }) => parentSpanId === null) ?? spans[0]
  const name = summary?.name ?? root?.name ?? traceId.slice(0, 8)
  return (
    <div className="hd">
      <h2 className="peek-name" title={name}>
        {name}
      </h2>
      {summary !== undefined && <TraceStatus trace={summary} />}
      <div className="r">
        <Link
          to="/traces/$traceId"
          params={{ traceId }}
          search={sort === undefined ? {} : { sort }}
          className="btn small"
          data-testid="peek-open"
        >
          Open
          <IconArrowUpRight size={14} aria-hidden="true" />
        </Link>
        <button
          type="button"
          className="btn ghost small"
          aria-label="Close"
          title="Close (Esc)"
          onClick={onClose}
        >
          <IconX size={15} aria-hidden="true" />
        </button>
      </div>
    </div>
  )
}

const MAX_MESSAGE = 300

function FirstError({ spans }: { spans: readonly SpanSummary[] }) {
  const failed = spans.find(({ status, error }) => status === 'error' && error !== null)
  if (failed?.error == null) return null
  const { type, message } = failed.error
  return (
    <p className="peek-error" data-testid="peek-error">
      <span className="status crit">
        <StatusIcon shape="error" />
        {type ?? 'error'}
      </span>
      <span className="t2">
        in {failed.name}
        {message !== null && `: ${message.slice(0, MAX_MESSAGE)}`}
      </span>
    </p>
  )
}

function PeekSpans({ spans, isPart }: { spans: readonly SpanSummary[]; isPart: boolean }) {
  const { rows, from, lengthMs } = peekRows(spans)
  return (
    <div className="peek-spans">
      <h3>
        Spans{' '}
        <span className="t3 num">
          {countText(spans.length)}
          {isPart ? '+' : ''}
        </span>
      </h3>
      <ol>
        {rows.map((row) => (
          <PeekSpan key={row.span.spanId} row={row} from={from} lengthMs={lengthMs} />
        ))}
      </ol>
      {isPart && <p className="t3">The first {countText(spans.length)}; open the trace for all.</p>}
    </div>
  )
}

function PeekSpan({ row, from, lengthMs }: { row: PeekRow; from: number; lengthMs: number }) {
  const { span, depth } = row
  const isFailed = span.status === 'error'
  return (
    <li className="peek-span" data-type={span.type}>
      <span className="peek-span-name" style={{ paddingLeft: depth * 10 }} title={span.name}>
        {isFailed && (
          <span className="crit">
            <StatusIcon shape="error" />
          </span>
        )}
        {span.name}
      </span>
      <span className="peek-track" aria-hidden="true">
        <span
          style={{
            left: `${((span.startTime - from) / lengthMs) * 100}%`,
            width: `${(Math.max(0, span.endTime - span.startTime) / lengthMs) * 100}%`,
          }}
          className={isFailed ? 'is-failed' : undefined}
        />
      </span>
      <span className="num">
        {span.durationMs === null ? 'open' : durationText(span.durationMs)}
      </span>
    </li>
  )
}
