import type { FilterTerm, TraceSummary } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { databaseNow } from '../platform/query-params.ts'
import { readSegmentSpans } from './read-segment-spans.ts'
import { readTraceScores } from './read-trace-scores.ts'
import { segmentsOf, type Part } from './segments.ts'
import { toMs, toUsd } from './span-row.ts'
import { toUs, utcDay } from './span-scope.ts'
import { spansOfTraces, tracesOn, type TraceDays } from './trace-probe.ts'
import { traceTotals } from './trace-totals.ts'

export type TraceNames = { projectId: string; traceIds: string[] }

type TotalsRow = {
  traceHex: string
  lowDay: string
  highDay: string
  rootAt: number | null
  firstAt: number
  durationUs: number | null
  firstTokenAt: number | null
  spanCount: number
  errorCount: number
  costNanoUsd: number | null
  unpricedCalls: number
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  reasoningTokens: number
}
type HeadRow = {
  traceHex: string
  name: string
  isError: boolean
  service: string | null
  environment: string | null
  release: string | null
}
type DetailRow = {
  traceHex: string
  models: string[] | null
  userId: string | null
  sessionId: string | null
}
const MAX_MODELS = 10

/** Summaries of the named traces that the filter keeps, in no particular order. */
export async function summariseTraces(
  sql: Sql,
  query: TraceNames & { filter: readonly FilterTerm[] },
): Promise<TraceSummary[]> {
  if (query.traceIds.length === 0) return []
  return readWithin(sql, async (read) => {
    const today = utcDay(await databaseNow(read))
    const traces = query.traceIds.map((traceId) => ({ traceId, low: today, high: today }))
    return readSummaries(read, { ...query, traces })
  })
}

export type SummaryQuery = {
  projectId: string
  traces: readonly TraceDays[]
  filter?: readonly FilterTerm[]
}

export async function readSummaries(read: ReadSql, query: SummaryQuery): Promise<TraceSummary[]> {
  const { projectId } = query
  const totals = await readTotals(read, query)
  const traces = totals.map(({ traceHex, lowDay, highDay }) => ({
    traceId: traceHex,
    low: lowDay,
    high: highDay,
  }))
  const [heads, details, partsBy, scoresBy] = await Promise.all([
    readHeads(read, projectId, traces),
    readDetails(read, projectId, traces),
    readSegmentSpans(read, projectId, traces),
    readTraceScores(read, projectId, traces),
  ])
  const headBy = new Map(heads.map((head) => [head.traceHex, head]))
  const detailBy = new Map(details.map((detail) => [detail.traceHex, detail]))
  return totals.flatMap((row) => {
    const head = headBy.get(row.traceHex)
    if (head === undefined) return []
    const segments = segmentsOf(partsBy.get(row.traceHex) ?? [], wholeOf(row))
    const scores = scoresBy.get(row.traceHex) ?? []
    return [toSummary(row, { head, detail: detailBy.get(row.traceHex), segments, scores })]
  })
}

function toSummary(
  row: TotalsRow,
  about: Pick<TraceSummary, 'segments' | 'scores'> & {
    head: HeadRow
    detail: DetailRow | undefined
  },
): TraceSummary {
  const { head, detail, segments, scores } = about
  const startTime = row.rootAt ?? row.firstAt
  const hasFailed = row.rootAt === null ? row.errorCount > 0 : head.isError
  return {
    traceId: row.traceHex,
    name: head.name,
    startTime,
    durationMs: toMs(row.durationUs),
    ttftMs: row.firstTokenAt === null ? null : (toUs(row.firstTokenAt) - toUs(startTime)) / 1_000,
    status: hasFailed ? 'error' : 'ok',
    spanCount: row.spanCount,
    errorCount: row.errorCount,
    models: detail?.models ?? [],
    usage: {
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      cacheReadTokens: row.cacheReadTokens,
      cacheWriteTokens: row.cacheWriteTokens,
      reasoningTokens: row.reasoningTokens,
    },
    cost: { totalUsd: toUsd(row.costNanoUsd), unpricedCalls: row.unpricedCalls },
    service: head.service,
    environment: head.environment,
    release: head.release,
    userId: detail?.userId ?? null,
    sessionId: detail?.sessionId ?? null,
    scores,
    rootReceived: row.rootAt !== null,
    segments,
  }
}

function wholeOf({ rootAt, firstAt, durationUs }: TotalsRow): Part {
  const fromUs = toUs(rootAt ?? firstAt)
  return { fromUs, toUs: fromUs + (durationUs ?? 0) }
}

function readTotals(read: ReadSql, { projectId, traces, filter = [] }: SummaryQuery) {
  const candidates = tracesOn(read, traces)
  return read<TotalsRow[]>`
    select replace(t.trace_id::text, '-', '') as trace_hex, t.low_day, t.high_day, t.root_at,
      t.first_at, t.duration_us, t.first_token_at, t.span_count, t.error_count, t.cost_nano_usd,
      t.unpriced_calls, t.input_tokens, t.output_tokens, t.cache_read_tokens, t.cache_write_tokens,
      t.reasoning_tokens
    from ${traceTotals(read, { projectId, filters: filter, candidates })}`
}

/** The root of each trace, else its first span. */
function readHeads(read: ReadSql, projectId: string, traces: readonly TraceDays[]) {
  return read<HeadRow[]>`
    select distinct on (s.trace_id) replace(s.trace_id::text, '-', '') as trace_hex, s.name,
      s.flags & 2 <> 0 as is_error, s.service, s.environment, s.release
    from ${spansOfTraces(read, tracesOn(read, traces), projectId)}
    order by s.trace_id, s.parent_span_id is not null, s.started_at, s.span_id`
}

function readDetails(read: ReadSql, projectId: string, traces: readonly TraceDays[]) {
  return read<DetailRow[]>`
    select replace(s.trace_id::text, '-', '') as trace_hex,
      (array_agg(distinct coalesce(s.response_model, s.request_model))
        filter (where coalesce(s.response_model, s.request_model) is not null
          and s.type in ('llm', 'embedding')))[1:${MAX_MODELS}] as models,
      max(s.user_id) as user_id, max(s.session_id) as session_id
    from ${spansOfTraces(read, tracesOn(read, traces), projectId)}
    group by s.trace_id`
}
