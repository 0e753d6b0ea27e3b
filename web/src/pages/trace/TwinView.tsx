import type { TraceUsual } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { traceQuery } from '../../api/trace-queries.ts'
import { durationText } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { traceDurationMs } from './trace-facts.ts'
import { traceModelOf } from './trace-model.ts'
import type { TraceModel } from './trace-node.ts'
import { TwinSide } from './TwinSide.tsx'
import { TwinSteps } from './TwinSteps.tsx'
import type { Zoom } from './zoom.ts'

type TwinViewProps = {
  model: TraceModel
  twinId: string
  usual: TraceUsual | undefined
  onEnd: () => void
}

/** This trace and another on one time scale, and how each step differs. */
export function TwinView({ model, twinId, usual, onEnd }: TwinViewProps) {
  usePageKeys('Trace', [{ keys: 'Escape', label: 'End the comparison', run: onEnd }])
  const fast = usual?.fastTwin ?? null
  const reason = fast?.traceId === twinId ? fast.reason : null
  const twin = useQuery(traceQuery(twinId))
  const other = useMemo(
    () => (twin.data === undefined ? null : traceModelOf(twin.data.spans)),
    [twin.data],
  )
  if (twin.isError) {
    return (
      <div className="twin">
        <ErrorState
          what="The trace to compare with could not be loaded"
          failure={failureOf(twin.error)}
          onRetry={() => void twin.refetch()}
        />
      </div>
    )
  }
  if (other === null) {
    return (
      <div className="twin">
        <Skeleton height={420} />
      </div>
    )
  }
  const scale: Zoom = { fromMs: 0, toMs: Math.max(model.lengthMs, other.lengthMs) }
  const byMs = traceDurationMs(model) - traceDurationMs(other)
  return (
    <div className="twin" data-testid="twin">
      <p className="twin-why">
        <b className={byMs > 0 ? 'crit' : 'ok'}>
          {durationText(Math.abs(byMs))} {byMs > 0 ? 'slower' : 'faster'}
        </b>{' '}
        than the other trace.{' '}
        {reason === null ? 'Chosen by its address.' : `Chosen because: ${reason}.`}
      </p>
      <div className="twin-sides">
        <TwinSide label="This trace" model={model} scale={scale} />
        <TwinSide label="Fast one" model={other} scale={scale} linkTo={twinId} />
      </div>
      <TwinSteps here={model} there={other} />
    </div>
  )
}
