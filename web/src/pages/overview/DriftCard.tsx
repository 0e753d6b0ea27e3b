import type { DriftSignal } from '@sightline/server/contract'
import { EvidenceStrip } from '../../charts/EvidenceStrip.tsx'
import { countText, formatFixed } from '../../lib/format.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { ArrowText, TriangleMark } from '../../ui/Arrow.tsx'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import type { OverviewModel } from './overview-model.ts'
import { useDrift } from './use-drift.ts'

type DriftCardProps = { model: OverviewModel; filters: readonly string[]; zone: Zone }

const LABELS: Record<DriftSignal['signal'], string> = {
  input_length: 'Input length',
  output_length: 'Output length',
}

export function DriftCard({ model, filters, zone }: DriftCardProps) {
  const drift = useDrift(model, filters)
  const signals = drift.data?.signals ?? []
  const shifted = signals.filter(({ verdict }) => verdict === 'shifted').length
  return (
    <section
      className="card c4"
      aria-label="Drift"
      data-testid="drift-card"
      data-stored-through={drift.data?.storedThrough}
    >
      <div className="hd">
        <h2>Drift</h2>
        <span className="u">evidence against 24 h before</span>
        <div className="r">
          {drift.data !== undefined &&
            (shifted > 0 ? (
              <span className="status warn">
                <StatusIcon shape="warn" />
                {shifted} of {signals.length} shifted
              </span>
            ) : (
              <span className="status t2">
                <StatusIcon shape="ok" />0 of {signals.length} shifted
              </span>
            ))}
        </div>
      </div>
      {drift.isPending && (
        <div className="drift-rows">
          <Skeleton height={60} />
          <Skeleton height={60} />
          <Skeleton height={16} />
        </div>
      )}
      {drift.isError && (
        <ErrorState
          what="Drift could not be loaded"
          failure={failureOf(drift.error)}
          onRetry={() => void drift.refetch()}
        />
      )}
      {drift.isSuccess && (
        <div className="drift-rows">
          {signals.map((signal) => (
            <SignalRow key={signal.signal} signal={signal} />
          ))}
          <div className="drift-axis ax num">
            <span>{clockText(model.complete.from, zone)}</span>
            <span>dashed: threshold</span>
            <span>{clockText(model.complete.to, zone)}</span>
          </div>
        </div>
      )}
    </section>
  )
}

function SignalRow({ signal }: { signal: DriftSignal }) {
  const { verdict, evidence, threshold } = signal
  const label = LABELS[signal.signal]
  const tone = verdict === 'shifted' ? 'crit' : 't2'
  return (
    <div className="drift-row" data-testid={`drift-${signal.signal}`} data-verdict={verdict}>
      <div className="drift-head num">
        <b>{label}</b>
        <span className={tone}>
          {verdict === 'shifted' && <TriangleMark direction="up" />} {verdict}
        </span>
        <span className="spacer" />
        <span className="t3">
          {evidence === null
            ? 'no evidence yet'
            : `evidence ${formatFixed(evidence, 1)} of ${formatFixed(threshold, 0)}`}
        </span>
      </div>
      <EvidenceStrip
        threshold={threshold}
        summary={`${label}: ${verdict}. ${signal.effect.text}`}
        buckets={signal.strip.map((bucket) => ({
          t: bucket.t,
          evidence: bucket.evidence,
          isShifted: bucket.verdict === 'shifted',
        }))}
      />
      <div className="drift-effect num">
        <span className={verdict === 'shifted' ? 'crit' : ''}>
          <ArrowText text={signal.effect.text} />
        </span>
        <span className="t3">n {countText(signal.n)}</span>
      </div>
    </div>
  )
}
