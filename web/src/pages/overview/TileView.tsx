import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Total } from '../../api/queries.ts'
import type { Row } from '../../charts/rows.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { metricFigure } from '../../lib/format.ts'
import type { TraceSort } from '../../lib/page-search.ts'
import { failureOf } from '../../ui/ErrorState.tsx'
import { TriangleMark } from '../../ui/Arrow.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { periodText } from './compare.ts'
import { deltaOf, isComparable, NO_DELTA, type Delta } from './delta.ts'
import type { OverviewModel } from './overview-model.ts'
import { tracesSearch } from './use-open-traces.ts'

export type Rise = 'bad' | 'costly' | 'neutral' | 'good'

type TileViewProps = {
  label: string
  metric: string
  unit: string
  rise: Rise
  /** The key that moves the focus here. */
  shortcut: number
  now: UseQueryResult<Total>
  before: Total | undefined
  model: OverviewModel
  note: (total: Total) => string
  spark: { rows: readonly Row[]; valueKey: string; ghostKey: string }
  filters: readonly string[]
  traces: { f?: readonly string[]; sort?: TraceSort }
}

/** Value, change against the period compared with, what it rests on, and its course. */
export function TileView(props: TileViewProps) {
  const { label, metric, unit, rise, now, before, model, spark, filters, traces } = props
  const delta = deltaIn(model, { now: now.data, before, unit })
  const tone = toneOf(delta, rise)
  const isAlarming = tone === 'crit' || tone === 'warn'
  return (
    <section
      className="tile"
      aria-label={label}
      data-testid={`tile-${metric}`}
      data-metric={metric}
      {...rangeData(now.data)}
      {...beforeData(before)}
    >
      <h2>
        <Link
          className="tile-link"
          to="/traces"
          search={tracesSearch(filters, traces)}
          data-tile={props.shortcut}
          title={`Open the traces (${props.shortcut}, then Enter)`}
        >
          {label}
        </Link>
      </h2>
      {now.data === undefined ? (
        <TilePending query={now} />
      ) : (
        <TileValue value={now.data.value} unit={unit} />
      )}
      <div className="d num">
        {delta !== null && (
          <DeltaText delta={delta} tone={tone} against={periodText(model.comparison)} />
        )}
        {now.data !== undefined && <span className="tile-note">{props.note(now.data)}</span>}
      </div>
      <Sparkline
        {...spark}
        completeTo={model.complete.to}
        color={isAlarming ? `var(--${tone})` : 'var(--t2)'}
      />
    </section>
  )
}

/** The exact figures behind the rounded ones, for whoever checks the page. */
function rangeData(total: Total | undefined) {
  return {
    'data-from': total?.from,
    'data-to': total?.to,
    'data-stored-through': total?.storedThrough,
    'data-n': total?.n,
  }
}

function beforeData(total: Total | undefined) {
  return {
    'data-before': total?.value ?? undefined,
    'data-before-from': total?.from,
    'data-before-to': total?.to,
  }
}

type Compared = { now: Total | undefined; before: Total | undefined; unit: string }

/** Null while there is nothing to say: no comparison is wanted, or a figure has not come. */
function deltaIn(model: OverviewModel, { now, before, unit }: Compared): Delta | null {
  if (model.comparison.kind === 'off' || model.previousCoverage === null) return null
  if (!isComparable(model.previousCoverage)) return NO_DELTA
  if (now === undefined || before === undefined) return null
  // While one of the two is still that of a range before, they say nothing together.
  if (now.from - before.from !== model.comparison.shiftMs) return null
  return deltaOf(now, before, unit)
}

type DeltaTextProps = { delta: Delta; tone: string; against: string }

function DeltaText({ delta, tone, against }: DeltaTextProps) {
  return (
    <b className={tone} data-testid="tile-delta" title={`against ${against}`}>
      {delta.direction !== 'flat' && <TriangleMark direction={delta.direction} />} {delta.text}
    </b>
  )
}

function TileValue({ value, unit }: { value: number | null; unit: string }) {
  if (value === null)
    return (
      <div className="v t3" data-testid="tile-value" title="nothing in this range carries it">
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

function TilePending({ query }: { query: UseQueryResult<Total> }) {
  if (!query.isError)
    return (
      <div className="v">
        <Skeleton height={22} width={90} />
      </div>
    )
  const { message, requestId } = failureOf(query.error)
  return (
    <div className="tile-error" role="alert" data-testid="tile-error" title={message}>
      <span className="crit">failed: {message}</span>
      {requestId !== undefined && <span className="mono">{requestId}</span>}
      <button type="button" className="btn small" onClick={() => void query.refetch()}>
        Try again
      </button>
    </div>
  )
}

type Tone = 'crit' | 'warn' | 'ok' | 'flat' | 't3'

function toneOf(delta: Delta | null, rise: Rise): Tone {
  if (delta?.status !== 'change') return 't3'
  if (delta.direction === 'flat' || rise === 'neutral') return 'flat'
  const isBetter = delta.direction === (rise === 'good' ? 'up' : 'down')
  if (isBetter) return 'ok'
  return rise === 'costly' ? 'warn' : 'crit'
}
