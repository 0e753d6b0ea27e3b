import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { RequestError } from '../../api/client.ts'
import { traceQuery } from '../../api/trace-queries.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Crumb } from './TraceHeading.tsx'
import { TraceSkeleton } from './TraceSkeleton.tsx'
import { Trace } from './Trace.tsx'
import { traceModelOf } from './trace-model.ts'
import { useTraceUpdates } from './use-trace-updates.ts'

const NO_SPANS: never[] = []

export function TracePage() {
  const { traceId } = useParams({ from: '/traces/$traceId' })
  return <LoadedTrace key={traceId} traceId={traceId} />
}

function LoadedTrace({ traceId }: { traceId: string }) {
  const trace = useQuery(traceQuery(traceId))
  const spans = trace.data?.spans ?? NO_SPANS
  const model = useMemo(() => traceModelOf(spans), [spans])
  const first = model.nodes[0]?.span
  const lastSpanAt = useTraceUpdates({
    traceId,
    spanCount: spans.length,
    isFetching: trace.isFetching,
    onChange: () => void trace.refetch(),
  })
  if (trace.data !== undefined && first !== undefined) {
    return <Trace trace={trace.data} model={model} lastSpanAt={lastSpanAt} />
  }
  const isMissing = trace.error instanceof RequestError && trace.error.status === 404
  return (
    <PageFrame title="Trace" heading={<Crumb name={traceId} />}>
      {trace.isPending && <TraceSkeleton />}
      {isMissing && <Missing />}
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

function Missing() {
  return (
    <div className="card">
      <div className="empty">
        <b>No span of this trace has been received.</b>
        It may have been deleted after its retention, or it is still on its way; this page fills in
        when it comes.
      </div>
    </div>
  )
}
