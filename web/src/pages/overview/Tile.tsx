import type { MetricName } from '@sightline/server/contract'
import { METRIC_UNITS } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { totalQuery, type Total } from '../../api/queries.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { metricFigure } from '../../lib/format.ts'
import { failureOf } from '../../ui/ErrorState.tsx'
import { TriangleMark } from '../../ui/Arrow.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { deltaOf, isComparable, NO_DELTA, type Delta } from './delta.ts'
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
  const { metric, row, label, rise } = spec
  const now = useQuery(totalQuery(metric, { ...model.complete, f: filters }, model.revision))
  const before = useQuery(totalQuery(metric, { ...model.previous, f: filters }, model.revision))
  const delta = isComparable(model.previousCoverage)
    ? deltaBetween(now.data, before.data, METRIC_UNITS[metric])
    : NO_DELTA
  const tone = toneOf(delta, rise)
  const isAlarming = tone === 'crit' || tone === 'warn'
  return (
    <section
      className="tile"
      aria-label={label}
      data-testid={`tile-${metric}`}
      data-metric={metric}
      data-from={now.data?.from}
      data-to={now.data?.to}
      data-stored-through={now.data?.storedThrough}
      data-n={now.data?.n}
    >
      <h2>{label}</h2>
      {now.data === undefined ? (
        <TilePending error={now.error} />
      ) : (
        <TileValue value={now.data.value} unit={METRIC_UNITS[metric]} />
      )}
      <div className="d num">
        {delta !== undefined && <DeltaText delta={delta} tone={tone} />}
        <TileNote spec={spec} total={now.data} />
      </div>
      <Sparkline
        rows={model.rows}
        valueKey={row}
        ghostKey={`${row}@before`}
        completeTo={model.complete.to}
        color={isAlarming ? `var(--${tone})` : 'var(--t2)'}
      />
    </section>
  )
}

function deltaBetween(
  now: Total | undefined,
  before: Total | undefined,
  unit: string,
): Delta | undefined {
  return now === undefined || before === undefined ? undefined : deltaOf(now, before, unit)
}

function TileNote({ spec, total }: { spec: TileSpec; total: Total | undefined }) {
  if (total === undefined || total.value === null) return null
  return <span>{spec.note(total.n, total.to - total.from, total.value)}</span>
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
      {figure.unit !== '' && <em>{/^m?s$/.test(figure.unit) ? ` ${figure.unit}` : figure.unit}</em>}
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

type Tone = 'crit' | 'warn' | 'ok' | 'flat' | 't3'

function toneOf(delta: Delta | undefined, rise: TileSpec['rise']): Tone {
  if (delta?.status !== 'change') return 't3'
  if (delta.direction === 'flat' || rise === 'neutral') return 'flat'
  if (delta.direction === 'down') return 'ok'
  return rise === 'bad' ? 'crit' : 'warn'
}
