import type { TraceSummary } from '@sightline/server/contract'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { countText, durationText, formatFixed, moneyCellText, spanText } from '../../lib/format.ts'
import type { TraceSort } from '../../lib/page-search.ts'
import { clockText, dayText, instantText, type Zone } from '../../lib/zone.ts'
import { ArrowRight } from '../../ui/Arrow.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { TraceStatus } from '../../ui/TraceTable.tsx'
import type { VirtualColumn } from '../../ui/virtual-column.ts'

export type ColumnId =
  | 'time'
  | 'trace'
  | 'status'
  | 'model'
  | 'duration'
  | 'tokens'
  | 'cost'
  | 'score'
  | 'user'
  | 'service'
  | 'env'
  | 'release'
  | 'session'
  | 'spans'
  | 'ttft'

type ColumnSpec = {
  id: ColumnId
  title: string
  min: number
  grow?: number
  align?: 'end'
  /** The list's order when its heading is pressed; time goes both ways. */
  sort?: TraceSort
  cell: (trace: TraceSummary, context: CellContext) => ReactNode
}

export type CellContext = {
  zone: Zone
  /** Length that fills a segment bar. */
  fullMs: number
  /** The range is longer than a day, so that a clock alone would not do. */
  withDay: boolean
  /** A second line under the name. */
  isStandard: boolean
  sort: TraceSort | undefined
}

export const COLUMN_SPECS: readonly ColumnSpec[] = [
  {
    id: 'time',
    title: 'Time',
    min: 76,
    sort: '-startTime',
    cell: ({ startTime }, { zone, withDay }) => (
      <time
        className="mono t3"
        title={instantText(startTime, zone)}
        dateTime={new Date(startTime).toISOString()}
      >
        {withDay && <span className="vt-day">{dayText(startTime, zone)} </span>}
        {clockText(startTime, zone, true)}
      </time>
    ),
  },
  {
    id: 'trace',
    title: 'Trace',
    min: 160,
    grow: 5,
    cell: (trace, { sort, isStandard }) => (
      <>
        <TraceLink trace={trace} sort={sort} />
        {isStandard && <span className="vt-line t3">{originText(trace)}</span>}
      </>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    min: 90,
    cell: (trace) => <TraceStatus trace={trace} />,
  },
  {
    id: 'model',
    title: 'Model',
    min: 132,
    grow: 2,
    cell: ({ models: [first, ...more], models }) =>
      first === undefined ? (
        <None />
      ) : (
        <span title={models.join(', ')}>
          {first}
          {more.length > 0 && <span className="t3"> +{more.length}</span>}
        </span>
      ),
  },
  {
    id: 'duration',
    title: 'Duration',
    min: 134,
    sort: '-durationMs',
    cell: (trace, { fullMs }) => (
      <span className="duration num">
        <Segments
          segments={trace.segments}
          durationMs={trace.durationMs}
          fullMs={fullMs}
          isError={trace.status === 'error'}
        />
        <DurationText durationMs={trace.durationMs} />
      </span>
    ),
  },
  {
    id: 'tokens',
    title: 'In → out',
    min: 104,
    align: 'end',
    sort: '-tokens',
    cell: ({ usage: { inputTokens, outputTokens } }) =>
      inputTokens + outputTokens === 0 ? (
        <None />
      ) : (
        <>
          {countText(inputTokens)}{' '}
          <span className="t3">
            <ArrowRight />
          </span>{' '}
          {countText(outputTokens)}
        </>
      ),
  },
  {
    id: 'cost',
    title: 'Cost',
    min: 70,
    align: 'end',
    sort: '-cost',
    cell: ({ cost }) => <CostText cost={cost} />,
  },
  {
    id: 'score',
    title: 'Score',
    min: 50,
    align: 'end',
    cell: ({ scores }) => <ScoreText scores={scores} />,
  },
  { id: 'user', title: 'User', min: 84, grow: 0.5, cell: ({ userId }) => textCell(userId) },
  { id: 'service', title: 'Service', min: 96, grow: 0.7, cell: ({ service }) => textCell(service) },
  {
    id: 'env',
    title: 'Environment',
    min: 96,
    grow: 0.5,
    cell: ({ environment }) => textCell(environment),
  },
  { id: 'release', title: 'Release', min: 90, grow: 0.5, cell: ({ release }) => textCell(release) },
  {
    id: 'session',
    title: 'Session',
    min: 90,
    grow: 0.7,
    cell: ({ sessionId }) => textCell(sessionId),
  },
  {
    id: 'spans',
    title: 'Spans',
    min: 56,
    align: 'end',
    cell: ({ spanCount }) => countText(spanCount),
  },
  {
    id: 'ttft',
    title: 'First token',
    min: 84,
    align: 'end',
    cell: ({ ttftMs }) => (ttftMs === null ? <None /> : durationText(ttftMs)),
  },
]

const USUAL: readonly ColumnId[] = [
  'time',
  'trace',
  'status',
  'model',
  'duration',
  'tokens',
  'cost',
  'score',
  'user',
]

/** The columns named in the URL, in its order; the usual ones without. */
export function shownColumns(cols: string | undefined): readonly ColumnId[] {
  const known = (cols ?? '')
    .split(',')
    .flatMap((id) => COLUMN_SPECS.find((one) => one.id === id)?.id ?? [])
  return known.length > 0 ? [...new Set(known)] : USUAL
}

/** The URL's value for these columns; undefined for the usual ones. */
export function colsParam(shown: readonly ColumnId[]): string | undefined {
  return shown.join() === USUAL.join() ? undefined : shown.join()
}

export function traceColumns(
  shown: readonly ColumnId[],
  context: CellContext,
  onSort: (sort: TraceSort) => void,
): VirtualColumn<TraceSummary>[] {
  return shown.flatMap((id) => {
    const spec = COLUMN_SPECS.find((one) => one.id === id)
    if (spec === undefined) return []
    const { min, grow, align, sort } = spec
    return {
      id,
      header: id === 'tokens' ? <InToOut /> : spec.title,
      min: id === 'time' && context.withDay ? min + 46 : min,
      ...(grow === undefined ? {} : { grow }),
      ...(align === undefined ? {} : { align }),
      ...(sort === undefined ? {} : { sort: sortOf(sort, context.sort ?? '-startTime', onSort) }),
      cell: (trace: TraceSummary) => spec.cell(trace, context),
    }
  })
}

function sortOf(own: TraceSort, current: TraceSort, onSort: (sort: TraceSort) => void) {
  const isAscending = own === '-startTime' && current === 'startTime'
  const direction: 'ascending' | 'descending' | 'none' = isAscending
    ? 'ascending'
    : own === current
      ? 'descending'
      : 'none'
  return {
    direction,
    onSort: () => onSort(own === '-startTime' && current === '-startTime' ? 'startTime' : own),
  }
}

function InToOut() {
  return (
    <>
      In <ArrowRight /> out
    </>
  )
}

function TraceLink({ trace, sort }: { trace: TraceSummary; sort: TraceSort | undefined }) {
  const { traceId, name } = trace
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId }}
      search={sort === undefined ? {} : { sort }}
      tabIndex={-1}
      className="vt-name"
      title={name}
    >
      {name}
    </Link>
  )
}

export function originText({ service, release, sessionId }: TraceSummary): string {
  const parts = [service, release, sessionId === null ? null : `session ${sessionId}`]
  const known = parts.filter((part) => part !== null && part !== '')
  return known.length > 0 ? known.join(' · ') : 'no service name sent'
}

export function DurationText({ durationMs }: { durationMs: number | null }) {
  if (durationMs === null) return <span className="t3">open</span>
  return <b title={`${formatFixed(durationMs, 3)} ms`}>{longText(durationMs)}</b>
}

/** Agents work for minutes: `4,210 s` would not be read. */
function longText(durationMs: number): string {
  return durationMs < 600_000 ? durationText(durationMs) : spanText(durationMs)
}

export function CostText({ cost }: { cost: TraceSummary['cost'] }) {
  if (cost.totalUsd === null) {
    return <span className="t3">{cost.unpricedCalls > 0 ? 'unpriced' : 'none'}</span>
  }
  const isPart = cost.unpricedCalls > 0
  return (
    <span title={isPart ? `and ${cost.unpricedCalls} calls without a price` : undefined}>
      {moneyCellText(cost.totalUsd)}
      {isPart && '+'}
    </span>
  )
}

const LOW_SCORE = 0.7

/** The lowest says most; the others are in its title. */
export function ScoreText({ scores }: { scores: TraceSummary['scores'] }) {
  const worst = scores.toSorted((a, b) => rank(a) - rank(b))[0]
  if (worst === undefined) return <None />
  const title = scores.map((one) => `${one.name} ${scoreText(one)}`).join(', ')
  return (
    <span title={title} className={rank(worst) < LOW_SCORE ? 'warn' : ''}>
      {scoreText(worst)}
    </span>
  )
}

type Score = TraceSummary['scores'][number]
const BAD_LABELS = new Set(['fail', 'false', 'down', 'no', 'incorrect'])

function rank({ value, label }: Score): number {
  if (value !== null) return value
  return label !== null && BAD_LABELS.has(label.toLowerCase()) ? 0 : 1
}

function scoreText({ value, label }: Score): string {
  return value === null ? (label ?? 'none') : formatFixed(value, 2)
}

function None() {
  return <span className="t3">none</span>
}

function textCell(value: string | null): ReactNode {
  return value === null || value === '' ? <None /> : <span title={value}>{value}</span>
}
