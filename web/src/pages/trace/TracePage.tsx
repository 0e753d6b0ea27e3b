import type { TraceDetail } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { RequestError } from '../../api/client.ts'
import { traceQuery } from '../../api/queries.ts'
import { spanText } from '../../lib/format.ts'
import { serverNow } from '../../lib/server-time.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { Facts } from './Facts.tsx'
import { KindBadge } from './KindBadge.tsx'
import { kindOf } from './span-kind.ts'
import { SpanPanel } from './SpanPanel.tsx'
import { verdictOf } from './trace-facts.ts'
import { useTraceKeys } from './use-trace-keys.ts'
import { useTraceUpdates } from './use-trace-updates.ts'
import { waterfallOf, type Waterfall } from './waterfall.ts'
import { WaterfallView } from './WaterfallView.tsx'

/** A trace may still grow this long after its last span. */
const SETTLED_MS = 60_000

export function TracePage() {
  const { traceId } = useParams({ from: '/traces/$traceId' })
  const trace = useQuery({ ...traceQuery(traceId), staleTime: 0 })
  const lastEnd = Math.max(...(trace.data?.spans.map((span) => span.endTime) ?? [0]))
  const isSettled = trace.isSuccess && serverNow() - lastEnd > SETTLED_MS
  useTraceUpdates(traceId, !isSettled)
  if (trace.isSuccess && trace.data.spans.length > 0) return <Trace trace={trace.data} />
  const isMissing =
    trace.isSuccess || (trace.error instanceof RequestError && trace.error.status === 404)
  return (
    <PageFrame title="Trace" heading={<Crumb name={traceId} />}>
      {trace.isPending && <Skeleton height={420} />}
      {isMissing && (
        <div className="card">
          <div className="empty">
            <b>No span of this trace has been received.</b>
            It may have been deleted after its retention, or it is still on its way; this page fills
            in when it comes.
          </div>
        </div>
      )}
      {trace.isError && !isMissing && (
        <div className="card">
          <ErrorState
            what="This trace could not be loaded"
            failure={failureOf(trace.error)}
            onRetry={() => void trace.refetch()}
          />
        </div>
      )}
    </PageFrame>
  )
}

function Crumb({ name }: { name: string }) {
  return (
    <span className="crumb">
      <Link to="/traces" className="t3">
        Traces
      </Link>
      <span className="t3">/</span>
      <h1 title={name}>{name}</h1>
    </span>
  )
}

function Trace({ trace }: { trace: TraceDetail }) {
  const { zone } = useView()
  const { span: asked } = useSearch({ from: '/traces/$traceId' })
  const navigate = useNavigate()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const waterfall = useMemo(() => waterfallOf(trace.spans, folded), [trace.spans, folded])
  const selected = trace.spans.find((one) => one.spanId === asked) ?? defaultSpan(trace, waterfall)
  const onSelect = (spanId: string): void => {
    void navigate({
      to: '.',
      search: (before) => ({ ...before, span: spanId }),
      replace: true,
      resetScroll: false,
    })
  }
  const onFold = (spanId: string): void => {
    setFolded((before) => {
      const next = new Set(before)
      if (!next.delete(spanId)) next.add(spanId)
      return next
    })
  }
  useTraceKeys({ waterfall, selectedId: selected?.spanId ?? null, onSelect, onFold })
  const verdict = verdictOf(trace.spans, waterfall.root)
  const name = waterfall.root?.name ?? waterfall.rows[0]?.span.name ?? trace.traceId
  const heading = (
    <>
      <Crumb name={name} />
      <span className={`badge ${verdict.tone}`} data-testid="trace-status">
        <StatusIcon shape={verdict.tone === 'crit' ? 'error' : verdict.tone} size={13} />
        {verdict.text}
      </span>
    </>
  )
  return (
    <PageFrame title={name} heading={heading}>
      <Facts trace={trace} waterfall={waterfall} zone={zone} />
      <div className="trace-body">
        <section className="card trace-left" aria-label="Waterfall">
          <RootNotice waterfall={waterfall} zone={zone} />
          <WaterfallView
            waterfall={waterfall}
            selectedId={selected?.spanId ?? null}
            onSelect={onSelect}
            onFold={onFold}
          />
          <WaterfallLegend trace={trace} />
        </section>
        {selected !== undefined && <SpanPanel summary={selected} />}
      </div>
    </PageFrame>
  )
}

/** Opens on what one came for: the first failure, else the first model call, else the root. */
function defaultSpan({ spans }: TraceDetail, { rows }: Waterfall) {
  return (
    spans.find(
      (span) => span.status === 'error' && span.type !== 'agent' && span.type !== 'chain',
    ) ??
    spans.find((span) => span.type === 'llm') ??
    rows[0]?.span
  )
}

function RootNotice({ waterfall, zone }: { waterfall: Waterfall; zone: Zone }) {
  if (waterfall.root !== null && waterfall.orphanCount === 0) return null
  const age = serverNow() - waterfall.start
  const text =
    waterfall.root !== null
      ? `${waterfall.orphanCount} span${waterfall.orphanCount === 1 ? '' : 's'} whose parent has not been received`
      : age < 600_000
        ? `Root not received yet, first span began ${spanText(age)} ago`
        : `No root received, last span ${clockText(waterfall.end, zone)}`
  return (
    <div className="trace-notice warn" data-testid="root-notice">
      <StatusIcon shape="warn" />
      {text}
    </div>
  )
}

function WaterfallLegend({ trace }: { trace: TraceDetail }) {
  const types = [...new Set(trace.spans.map((span) => span.type))]
  return (
    <div className="segment-legend trace-legend">
      {types.map((type) => (
        <span key={type} className="legend-kind">
          <KindBadge type={type} />
          {kindOf(type).label}
        </span>
      ))}
      <span className="spacer" />
      {trace.spans.some((span) => span.ttftMs !== null) && (
        <span className="legend-kind">
          <i className="wait-swatch" />
          waiting for first token
        </span>
      )}
    </div>
  )
}
