import { useQuery } from '@tanstack/react-query'
import { Navigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react'
import { newestScoresQuery } from '../../api/overview-queries.ts'
import { createHoverStore, HoverContext } from '../../charts/hover.ts'
import { valueOf } from '../../charts/rows.ts'
import { countText, spanText } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { serverNow } from '../../lib/server-time.ts'
import { DEFAULT_COMPARE } from '../../lib/url-state.ts'
import { floorTo, type Window } from '../../lib/window.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import type { PageStatus } from '../../shell/StatusBar.tsx'
import { useAnyData } from '../../shell/use-any-data.ts'
import { useView } from '../../shell/use-view.ts'
import { WhyEmpty } from '../../shell/WhyEmpty.tsx'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { ActivityCard } from './ActivityCard.tsx'
import { comparisonOf } from './compare.ts'
import { CostCard } from './CostCard.tsx'
import { DriftCard } from './DriftCard.tsx'
import { ErrorsCard } from './ErrorsCard.tsx'
import { LatencyCard } from './LatencyCard.tsx'
import { LiveTraces } from './LiveTraces.tsx'
import type { OverviewModel } from './overview-model.ts'
import { mostUsedScore } from './scores.ts'
import { Tiles } from './Tiles.tsx'
import { TokensCard } from './TokensCard.tsx'
import { useCardHandlers } from './use-card-handlers.ts'
import { useChartNotes } from './use-chart-notes.ts'
import { useOverviewModel } from './use-overview-metrics.ts'
import { useVerdictReady } from './use-verdict-ready.ts'
import { Verdict } from './Verdict.tsx'

export function OverviewPage() {
  const arrival = useAnyData()
  switch (arrival.status) {
    case 'empty':
      return <Navigate to="/start" replace />
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
    // What the page shows is asked for meanwhile.
    case 'pending':
    case 'known':
      return <Overview />
  }
}

function Overview() {
  const { view, window: range, filters } = useView()
  const kind = view.cmp ?? DEFAULT_COMPARE
  const comparison = useMemo(() => comparisonOf(kind, range.lengthMs), [kind, range.lengthMs])
  const { model, error, outdated, retry } = useOverviewModel(range, filters, comparison)
  const [hover] = useState(createHoverStore)
  return (
    <PageFrame
      title="Overview"
      withRange
      withCompare
      status={model === null ? {} : statusOf(model)}
    >
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
          <Loaded {...{ model, range, filters }} isOutdated={outdated} />
        )}
      </HoverContext>
    </PageFrame>
  )
}

type LoadedProps = {
  model: OverviewModel
  range: Window
  filters: readonly string[]
  isOutdated: boolean
}

function Loaded({ model, range, filters, isOutdated }: LoadedProps) {
  const { zone } = useView()
  const scoreName = useScoreName()
  const isReady = useVerdictReady(model, filters)
  // The figures are painted before the charts are made, which takes several frames.
  const withCards = useDeferredValue(isReady, false)
  if (!isReady) return <OverviewSkeleton />
  return (
    <div
      className={isOutdated ? 'dimmed' : ''}
      data-testid="overview"
      data-from={model.complete.from}
      data-to={model.complete.to}
      data-stored-through={model.storedThrough}
      data-step={model.stepMs}
    >
      <Verdict model={model} filters={filters} />
      <Tiles model={model} filters={filters} scoreName={scoreName} />
      {withCards ? (
        <Cards model={model} filters={filters}>
          <LiveTraces
            window={range}
            filters={filters}
            zone={zone}
            scoreName={scoreName}
            now={model.storedThrough}
          />
        </Cards>
      ) : (
        <CardsSkeleton />
      )}
    </div>
  )
}

type CardsProps = {
  model: OverviewModel
  filters: readonly string[]
  /** The live list, which knows nothing of the model. */
  children: ReactNode
}

function Cards({ model, filters, children }: CardsProps) {
  const { zone } = useView()
  const { focus } = useSearch({ from: '/' })
  const { setFocus, ...handlers } = useCardHandlers(focus)
  const { releases, bands, exemplars, released } = useChartNotes(model, filters)
  const isFocused = focus !== undefined
  const unfocusing = [{ keys: 'Escape', label: 'Back', run: () => setFocus(undefined) }]
  usePageKeys('One chart', unfocusing, isFocused)
  const shared = { model, filters, zone, isFocused, releases }
  const cards = {
    latency: <LatencyCard {...shared} {...handlers.latency} {...{ bands, exemplars }} />,
    cost: <CostCard {...shared} {...handlers.cost} />,
    errors: <ErrorsCard {...shared} {...handlers.errors} />,
    tokens: <TokensCard {...shared} {...handlers.tokens} />,
  }
  if (focus !== undefined) {
    return (
      <div className="grid focused" data-testid="focused-card">
        {cards[focus]}
      </div>
    )
  }
  return (
    <div className="grid">
      {hasCalls(model) ? (
        <>
          {cards.latency}
          {cards.cost}
          {cards.errors}
          <DriftCard model={model} filters={filters} zone={zone} />
          {cards.tokens}
        </>
      ) : (
        <section className="card c12" aria-label="Nothing to draw">
          <WhyEmpty what="model calls" />
        </section>
      )}
      {children}
      <ActivityCard model={model} filters={filters} zone={zone} releases={released} />
    </div>
  )
}

function hasCalls({ rows }: OverviewModel): boolean {
  return rows.some(({ n }) => n > 0)
}

const SCORES_SINCE_MS = 7 * 86_400_000

/** The most used score of the last week; null until one exists. */
function useScoreName(): string | null {
  const [from] = useState(() => floorTo(serverNow() - SCORES_SINCE_MS, 3_600_000))
  const scores = useQuery(newestScoresQuery(from))
  return useMemo(() => mostUsedScore(scores.data?.items ?? []), [scores.data])
}

function OverviewSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label="Loading">
      <div className="verdict quiet">
        <Skeleton height={18} width={320} />
      </div>
      <div className="card tiles">
        {[0, 1, 2, 3, 4, 5].map((key) => (
          <div key={key} className="tile">
            <Skeleton height={96} />
          </div>
        ))}
      </div>
      <CardsSkeleton />
    </div>
  )
}

function CardsSkeleton() {
  return (
    <div className="grid" aria-busy="true">
      <div className="card c8 pad">
        <Skeleton height={262} />
      </div>
      <div className="card c4 pad">
        <Skeleton height={262} />
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
