import { useQuery } from '@tanstack/react-query'
import { usualQuery, type LoadedTrace } from '../../api/trace-queries.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { useCompleteness } from './completeness.ts'
import { Facts } from './Facts.tsx'
import { timesUsual, traceDurationMs, verdictOf } from './trace-facts.ts'
import { CopyLinkButton, Crumb, Neighbours, TwinButton, VerdictBadge } from './TraceHeading.tsx'
import type { TraceModel } from './trace-node.ts'
import { TraceBody } from './TraceBody.tsx'
import { statusOf } from './trace-status.ts'
import { TwinView } from './TwinView.tsx'
import { useListView } from './use-list-view.ts'
import { useTraceSearch } from './use-trace-search.ts'

type TraceProps = { trace: LoadedTrace; model: TraceModel; lastSpanAt: number | null }

export function Trace({ trace, model, lastSpanAt }: TraceProps) {
  const { zone } = useView()
  const { search, change } = useTraceSearch()
  const list = useListView()
  const usual = useQuery(usualQuery(trace.traceId, trace.totals.spanCount)).data
  const completeness = useCompleteness({
    model,
    loaded: trace.spans.length,
    total: trace.totals.spanCount,
    isWhole: trace.isWhole,
    lastSpanAt,
    zone,
  })
  const verdict = verdictOf(model, timesUsual(traceDurationMs(model), usual))
  const name = model.root?.span.name ?? model.nodes[0]?.span.name ?? trace.traceId
  const heading = (
    <>
      <Crumb name={name} />
      <VerdictBadge verdict={verdict} />
    </>
  )
  const actions = (
    <>
      <Neighbours traceId={trace.traceId} list={list} />
      <TwinButton
        usual={usual}
        isOn={search.with !== undefined}
        onTwin={(id) => change({ with: id ?? undefined })}
      />
      <CopyLinkButton />
    </>
  )
  return (
    <PageFrame
      title={name}
      heading={heading}
      actions={actions}
      status={statusOf(completeness, model)}
    >
      <div className="trace-view">
        <Facts trace={trace} model={model} usual={usual} zone={zone} />
        {search.with === undefined ? (
          <TraceBody trace={trace} model={model} usual={usual} completeness={completeness} />
        ) : (
          <TwinView
            model={model}
            twinId={search.with}
            usual={usual}
            onEnd={() => change({ with: undefined })}
          />
        )}
      </div>
    </PageFrame>
  )
}
