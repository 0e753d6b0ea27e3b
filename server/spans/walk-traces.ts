import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { inProject, instant, startsWithin, toUs, utcDay, type Fragment } from './span-scope.ts'
import { tracesOn, type TraceDays } from './trace-probe.ts'
import { traceTotals } from './trace-totals.ts'

/** `key` is the trace's place in microseconds. */
type Place = { key: number; trace: string }

export type Walk = {
  projectId: string
  range: TimeRange
  filters: FilterTerm[]
  limit: number
  isNewestFirst: boolean
  after: Place | undefined
  /** Spans after which the walk gives up. */
  maxSpans?: number
}

type Step = { startedAt: number; spanText: string; traceHex: string }

const FIRST_STEP_SPANS = 1_000
const MAX_STEP_SPANS = 16_000
/** A filter that keeps next to nothing is answered from its own index instead. */
const MAX_WALKED_SPANS = 60_000

/**
 * Walks the spans of the range by start until a page of traces is full. A trace's place is the
 * start of one of its spans, so once the walk has passed an instant, every trace placed before it is
 * known: a page costs what it shows, however long the range is.
 */
export async function walkTraces(
  read: ReadSql,
  walk: Walk,
): Promise<{ status: 'done'; places: Place[] } | { status: 'too-many' }> {
  const seen = new Set<string>()
  const places: Place[] = []
  let walkedSpans = 0
  let last: Step | undefined
  for (let stepSpans = FIRST_STEP_SPANS; ; stepSpans = Math.min(stepSpans * 2, MAX_STEP_SPANS)) {
    const steps = await readSteps(read, walk, { last, stepSpans })
    places.push(...(await readPlaces(read, walk, freshTraces(steps, seen))))
    places.sort(walk.isNewestFirst ? (a, b) => compare(b, a) : compare)
    last = steps.at(-1)
    const isEnd = last === undefined || steps.length < stepSpans
    const settled = isEnd ? places : places.filter((place) => isPassed(walk, place, last))
    if (isEnd || settled.length > walk.limit) {
      return { status: 'done', places: settled.slice(0, walk.limit + 1) }
    }
    walkedSpans += steps.length
    if (walkedSpans >= (walk.maxSpans ?? MAX_WALKED_SPANS)) return { status: 'too-many' }
  }
}

function readSteps(
  read: ReadSql,
  walk: Walk,
  { last, stepSpans }: { last: Step | undefined; stepSpans: number },
): Promise<Step[]> {
  const { projectId, range, after, isNewestFirst } = walk
  const order: Fragment = isNewestFirst
    ? read`s.started_at desc, s.trace_id desc, s.span_id desc`
    : read`s.started_at, s.trace_id, s.span_id`
  return read<Step[]>`
    select s.started_at, s.span_id::text as span_text, replace(s.trace_id::text, '-', '') as trace_hex
    from spans s
    where ${inProject(read, projectId)} and ${startsWithin(read, range)}
      and ${after === undefined ? read`true` : notBefore(read, after.key, isNewestFirst)}
      and ${last === undefined ? read`true` : isBeyond(read, last, isNewestFirst)}
    order by ${order}
    limit ${stepSpans}`
}

function notBefore(read: ReadSql, us: number, isNewestFirst: boolean): Fragment {
  return isNewestFirst
    ? read`s.started_at <= ${instant(read, us)}`
    : read`s.started_at >= ${instant(read, us)}`
}

function isBeyond(read: ReadSql, last: Step, isNewestFirst: boolean): Fragment {
  const place: Fragment = read`(${instant(read, toUs(last.startedAt))}, ${last.traceHex}::uuid, ${last.spanText}::int8)`
  const bound = notBefore(read, toUs(last.startedAt), isNewestFirst)
  return isNewestFirst
    ? read`${bound} and (s.started_at, s.trace_id, s.span_id) < ${place}`
    : read`${bound} and (s.started_at, s.trace_id, s.span_id) > ${place}`
}

/** The traces not seen before, with the days they were met on. */
function freshTraces(steps: readonly Step[], seen: Set<string>): TraceDays[] {
  const fresh = new Map<string, TraceDays>()
  for (const { traceHex, startedAt } of steps) {
    if (seen.has(traceHex)) continue
    const day = utcDay(startedAt)
    const known = fresh.get(traceHex)
    fresh.set(traceHex, {
      traceId: traceHex,
      low: known === undefined || day < known.low ? day : known.low,
      high: known === undefined || day > known.high ? day : known.high,
    })
  }
  for (const traceId of fresh.keys()) seen.add(traceId)
  return [...fresh.values()]
}

async function readPlaces(read: ReadSql, walk: Walk, traces: TraceDays[]): Promise<Place[]> {
  if (traces.length === 0) return []
  const { projectId, filters, range, after, isNewestFirst } = walk
  const candidates = tracesOn(read, traces)
  const rows = await read<Place[]>`
    select t.position_us::float8 as key, replace(t.trace_id::text, '-', '') as trace
    from ${traceTotals(read, { projectId, filters, candidates })}
    where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8`
  if (after === undefined) return rows
  return rows.filter(
    (place) => compare(place, after) < 0 === isNewestFirst && compare(place, after) !== 0,
  )
}

/** The walk has gone past the instant of the place, so that none can still come before it. */
function isPassed({ isNewestFirst }: Walk, place: Place, last: Step | undefined): boolean {
  if (last === undefined) return true
  const lastUs = toUs(last.startedAt)
  return isNewestFirst ? place.key > lastUs : place.key < lastUs
}

function compare(a: Place, b: Place): number {
  if (a.key !== b.key) return a.key - b.key
  if (a.trace === b.trace) return 0
  return a.trace < b.trace ? -1 : 1
}
