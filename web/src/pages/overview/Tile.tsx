import type { MetricName } from '@sightline/server/contract'
import { METRIC_UNITS } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { totalQuery } from '../../api/queries.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { metricFigure } from '../../lib/format.ts'
import { failureOf } from '../../ui/ErrorState.tsx'
import { TriangleMark } from '../../ui/Arrow.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { deltaOf, type Delta } from './delta.ts'
import type { OverviewModel, PlainName } from './overview-model.ts'

export type TileSpec = {
  label: string
  metric: MetricName
  row: PlainName
  /** How a rise is judged: `bad` red, `costly` amber, `neutral` never coloured. */
  rise: 'bad' | 'costly' | 'neutral'
  note: (n: number, lengthMs: number, value: number) => string
}

type TileProps = { spec: TileSpec; model: OverviewModel; filters: readonly string[] }

export function Tile({ spec, model, filters }: TileProps) {
  const { metric, row } = spec
  const now = useQuery(totalQuery(metric, { ...model.complete, f: filters }, model.revision))
  const before = useQuery(totalQuery(metric, { ...model.previous, f: filters }, model.revision))
  const unit = METRIC_UNITS[metric]
  const total = now.data
  const delta =
    total !== undefined && before.data !== undefined ? deltaOf(total, before.data, unit) : undefined
  const tone = toneOf(delta, spec.rise)
  return (
    <section
      className="tile"
      aria-label={spec.label}
      data-testid={`tile-${metric}`}
      data-metric={metric}
      data-from={total?.from}
      data-to={total?.to}
      data-stored-through={total?.storedThrough}
      data-n={total?.n}
    >
      <h2>{spec.label}</h2>
      {total === undefined ? (
        <TilePending error={now.error} />
      ) : (
        <TileValue value={total.value} unit={unit} />
      )}
      <div className="d num">
        {delta !== undefined && <DeltaText delta={delta} tone={tone} />}
        {total !== undefined && total.value !== null && (
          <span>{spec.note(total.n, total.to - total.from, total.value)}</span>
        )}
      </div>
      <Sparkline
        rows={model.rows}
        valueKey={row}
        ghostKey={`${row}@before`}
        completeTo={model.complete.to}
        color={tone === 'crit' || tone === 'warn' ? `var(--${tone})` : 'var(--t2)'}
      />
    </section>
  )
}

function DeltaText({ delta, tone }: { delta: Delta; tone: string }) {
  return (
    <b className={tone} data-testid="tile-delta">
      {delta.direction !== 'flat' && <TriangleMark direction={delta.direction} />} {delta.text}
    </b>
  )
}

function TileValue({ value, unit }: { value: number | null; unit: string }) {
  if (value === null)
    return (
      <div className="v t3" data-testid="tile-value" title="no call in this range carries it">
        none
      </div>
    )
  const figure = metricFigure(value, unit)
  return (
    <div className="v" data-testid="tile-value" title={String(value)}>
      {figure.text}
      {figure.unit !== '' && <em>{figure.unit}</em>}
    </div>
  )
}

function TilePending({ error }: { error: unknown }) {
  if (error === null)
    return (
      <div className="v">
        <Skeleton height={22} width={90} />
      </div>
    )
  const failure = failureOf(error)
  return (
    <div className="tile-error crit" role="alert" title={failure.message}>
      failed: {failure.message}{' '}
      {failure.requestId !== undefined && <span className="mono">{failure.requestId}</span>}
    </div>
  )
}

function toneOf(delta: Delta | undefined, rise: TileSpec['rise']): 'crit' | 'warn' | 'ok' | 'flat' {
  if (delta === undefined || delta.direction === 'flat' || rise === 'neutral') return 'flat'
  if (delta.direction === 'down') return 'ok'
  return rise === 'bad' ? 'crit' : 'warn'
}
