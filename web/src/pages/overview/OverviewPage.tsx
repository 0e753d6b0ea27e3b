import { useMemo, useState } from 'react'
import { createHoverStore, HoverContext } from '../../charts/hover.ts'
import { valueOf } from '../../charts/rows.ts'
import { countText, spanText } from '../../lib/format.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import type { PageStatus } from '../../shell/StatusBar.tsx'
import { useView } from '../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { ActivityCard } from './ActivityCard.tsx'
import { CostCard } from './CostCard.tsx'
import { DriftCard } from './DriftCard.tsx'
import { ErrorsCard } from './ErrorsCard.tsx'
import { LatencyCard } from './LatencyCard.tsx'
import { LiveTraces } from './LiveTraces.tsx'
import { Onboarding } from './Onboarding.tsx'
import { overviewModel, type OverviewModel } from './overview-model.ts'
import { Tiles } from './Tiles.tsx'
import { TokensCard } from './TokensCard.tsx'
import { useFirstSpan } from './use-first-span.ts'
import { useOverviewMetrics } from './use-overview-metrics.ts'

export function OverviewPage() {
  const arrival = useFirstSpan()
  switch (arrival.status) {
    case 'waiting':
      return (
        <PageFrame title="Overview">
          <Onboarding span={null} />
        </PageFrame>
      )
    case 'arrived':
      return (
        <PageFrame title="Overview">
          <Onboarding span={arrival.span} onContinue={arrival.dismiss} />
        </PageFrame>
      )
    case 'error':
      return (
        <PageFrame title="Overview">
          <div className="card">
            <ErrorState
              what="The overview could not be loaded"
              failure={failureOf(arrival.error)}
              onRetry={arrival.retry}
            />
          </div>
        </PageFrame>
      )
    case 'pending':
      return (
        <PageFrame title="Overview" withRange>
          <OverviewSkeleton />
        </PageFrame>
      )
    case 'known':
      return <Overview />
  }
}

function Overview() {
  const { window: range, zone, filters } = useView()
  const { metrics, error, outdated, retry } = useOverviewMetrics(range, filters)
  const [hover] = useState(createHoverStore)
  const model = useMemo(
    () => (metrics === null ? null : overviewModel(metrics, range)),
    [metrics, range],
  )
  return (
    <PageFrame title="Overview" withRange status={model === null ? {} : statusOf(model)}>
      <HoverContext value={hover}>
        {error !== null && (
          <div className="card notice">
            <ErrorState
              what="Live figures could not be loaded"
              failure={{ message: error }}
              onRetry={retry}
            />
          </div>
        )}
        {model === null ? (
          error === null && <OverviewSkeleton />
        ) : (
          <div
            className={outdated ? 'dimmed' : ''}
            data-testid="overview"
            data-from={model.complete.from}
            data-to={model.complete.to}
            data-stored-through={model.storedThrough}
            data-step={model.stepMs}
          >
            <Tiles model={model} filters={filters} />
            <div className="grid">
              <LatencyCard model={model} filters={filters} zone={zone} />
              <CostCard model={model} zone={zone} />
              <ErrorsCard model={model} zone={zone} />
              <DriftCard model={model} filters={filters} zone={zone} />
              <TokensCard model={model} zone={zone} />
              <LiveTraces window={range} filters={filters} zone={zone} />
              <ActivityCard model={model} filters={filters} zone={zone} />
            </div>
          </div>
        )}
      </HoverContext>
    </PageFrame>
  )
}

function OverviewSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading">
      <div className="card tiles">
        {[0, 1, 2, 3, 4].map((key) => (
          <div key={key} className="tile">
            <Skeleton height={96} />
          </div>
        ))}
      </div>
      <div className="grid">
        <div className="card c8 pad">
          <Skeleton height={262} />
        </div>
        <div className="card c4 pad">
          <Skeleton height={262} />
        </div>
      </div>
    </div>
  )
}

function statusOf(model: OverviewModel): PageStatus {
  const last = model.rows.findLast((row) => row.t < model.complete.to)
  const perMinute =
    last === undefined ? 0 : ((valueOf(last, 'requests') ?? 0) * 60_000) / model.stepMs
  const partialMs = model.storedThrough - model.complete.to
  return {
    storedThrough: model.storedThrough,
    facts: [
      { label: '', value: countText(Math.round(perMinute)), after: 'calls/min' },
      { label: 'bucket', value: spanText(model.stepMs) },
      ...(partialMs > 0 && partialMs < 10 * model.stepMs
        ? [{ label: 'last bucket partial,', value: spanText(partialMs), after: 'in' }]
        : []),
    ],
  }
}
