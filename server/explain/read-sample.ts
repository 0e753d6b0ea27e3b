import type { FilterTerm, MetricScope, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { spanConditions } from '../spans/filter-sql.ts'
import { inProject, startsBetween, startsWithin, toUs, utcDay } from '../spans/span-scope.ts'
import { spansOfTraces, tracesOn } from '../spans/trace-probe.ts'
import { traceRows } from '../spans/trace-rows.ts'
import type { Sample, SampledSpan, Unit } from './sample.ts'
import { spanJson, toSpan, type SpanTuple } from './span-json.ts'

export type SampleQuery = {
  projectId: string
  range: TimeRange
  scope: MetricScope
  filter: readonly FilterTerm[]
}

const MAX_TRACES = 2_000
const MAX_CALLS = 5_000
/** Spans of the sampled traces. */
const MAX_SPANS = 20_000
/** Spans looked through for matching ones. */
const MAX_SCANNED = 60_000

/** The newest traces or calls that start in a range, with what they carry. */
export async function readSample(read: ReadSql, query: SampleQuery): Promise<Sample> {
  const from = await scanStart(read, query)
  const within = { ...query, range: { ...query.range, from } }
  const sample =
    query.scope === 'trace' ? await readTraces(read, within) : await readCalls(read, within)
  return { ...sample, isComplete: sample.isComplete && from === query.range.from }
}

/** The start of the range, or where the newest spans that may be looked through begin. */
async function scanStart(read: ReadSql, { projectId, range }: SampleQuery): Promise<number> {
  const [last] = await read<{ at: number }[]>`
    select s.started_at as at from spans s
    where ${inProject(read, projectId)} and ${startsBetween(read, range)}
    order by s.started_at desc offset ${MAX_SCANNED} limit 1`
  return last === undefined ? range.from : Math.max(range.from, last.at)
}

type TraceRow = Pick<Unit, 'durationUs' | 'isError'> & {
  traceHex: string
  startedAt: number
  endedAt: number
  spanCount: number
}

async function readTraces(
  read: ReadSql,
  { projectId, range, filter }: SampleQuery,
): Promise<Sample> {
  const traces = traceRows(read, { projectId, range, by: 'start', filter })
  const rows = await read<TraceRow[]>`
    select replace(t.trace_id::text, '-', '') as trace_hex, t.started_at, t.ended_at, t.duration_us,
      t.is_error, t.span_count
    from ${traces}
    order by t.started_at desc, t.trace_id limit ${MAX_TRACES + 1}`
  const kept = keepWithinSpans(rows.slice(0, MAX_TRACES))
  const spansBy = await readSpans(read, projectId, kept)
  const units = kept.map((row) => toUnit(row, spansBy.get(row.traceHex) ?? []))
  return { units, isComplete: kept.length === rows.length }
}

function toUnit(row: TraceRow, spans: SampledSpan[]): Unit {
  const { startedAt, endedAt, durationUs, isError } = row
  const priced = spans.filter((span) => span.costNanoUsd !== null)
  return {
    startUs: toUs(startedAt),
    endUs: toUs(endedAt),
    durationUs,
    isError,
    costNanoUsd:
      priced.length === 0 ? null : priced.reduce((sum, span) => sum + (span.costNanoUsd ?? 0), 0),
    tokens: spans.reduce((sum, span) => sum + (span.tokens ?? 0), 0),
    spans,
  }
}

/** Newest first until the spans are too many; a giant among them is left out alone. */
function keepWithinSpans(rows: readonly TraceRow[]): TraceRow[] {
  let left = MAX_SPANS
  return rows.filter(({ spanCount }) => {
    if (spanCount > left) return false
    left -= spanCount
    return true
  })
}

async function readSpans(
  read: ReadSql,
  projectId: string,
  rows: readonly TraceRow[],
): Promise<Map<string, SampledSpan[]>> {
  const named = rows.map(({ traceHex, startedAt, endedAt }) => ({
    traceId: traceHex,
    low: utcDay(startedAt),
    high: utcDay(Math.max(startedAt, endedAt)),
  }))
  const traces = await read<{ traceHex: string; spans: string }[]>`
    select replace(s.trace_id::text, '-', '') as trace_hex,
      json_agg(${spanJson(read)})::text as spans
    from ${spansOfTraces(read, tracesOn(read, named), projectId)}
    group by s.trace_id`
  return new Map(
    traces.map(({ traceHex, spans }) => [
      traceHex,
      (JSON.parse(spans) as SpanTuple[]).map((tuple) => toSpan(tuple)),
    ]),
  )
}

async function readCalls(
  read: ReadSql,
  { projectId, range, filter }: SampleQuery,
): Promise<Sample> {
  const rows = await read<{ durationUs: number | null; span: string }[]>`
    select s.duration_us, ${spanJson(read)}::text as span from spans s
    where ${inProject(read, projectId)} and ${startsWithin(read, range)}
      and s.type in ('llm', 'embedding') and s.flags & 1 <> 0 and ${spanConditions(read, filter)}
    order by s.started_at desc, s.trace_id, s.span_id limit ${MAX_CALLS + 1}`
  return {
    units: rows.slice(0, MAX_CALLS).map((row) => {
      const span = toSpan(JSON.parse(row.span) as SpanTuple)
      const { startUs, endUs, isError, costNanoUsd, tokens } = span
      const { durationUs } = row
      return { startUs, endUs, durationUs, isError, costNanoUsd, tokens, spans: [span] }
    }),
    isComplete: rows.length <= MAX_CALLS,
  }
}
