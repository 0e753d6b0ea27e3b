import * as z from 'zod/mini'
import type { TraceDetail } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { NotFoundError } from '../platform/errors.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { spanColumns, spanKey, toSpanSummary, toUsd, type SpanRow } from './span-row.ts'
import { instant, toUs, type Fragment } from './span-scope.ts'
import { onEveryDay, spansOfTraces, tracesOn } from './trace-probe.ts'
import { traceTotals } from './trace-totals.ts'

/** Place in a trace: after this span. */
export const TraceSpanCursor = z.object({
  us: z.number().check(z.int()),
  span: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
})
export type TraceSpanCursor = z.infer<typeof TraceSpanCursor>

export type TraceDetailQuery = {
  projectId: string
  traceId: string
  after: TraceSpanCursor | undefined
}

type TotalsRow = TraceDetail['totals']['usage'] & {
  lowDay: string
  highDay: string
  costNanoUsd: number | null
  unpricedCalls: number
}
type CallsRow = { modelCalls: number; failedModelCalls: number; embeddingCalls: number }

const PAGE_SPANS = 5_000

/** Spans of a trace by start, with the totals of the whole trace. */
export async function getTrace(sql: Sql, query: TraceDetailQuery): Promise<TraceDetail> {
  const { spans, totals, calls } = await readWithin(sql, async (read) => {
    const [sums] = await readTotals(read, query)
    if (sums === undefined) return { spans: [], totals: undefined, calls: undefined }
    const { lowDay, highDay, ...totals } = sums
    const traces = tracesOn(read, [{ traceId: query.traceId, low: lowDay, high: highDay }])
    const [rows, [calls]] = await Promise.all([
      readPage(read, query, traces),
      readCalls(read, query, traces),
    ])
    return { spans: rows.map(toSpanSummary), totals, calls }
  })
  if (totals === undefined || calls === undefined) {
    throw new NotFoundError(`no trace ${query.traceId} in project ${query.projectId}`)
  }
  const page = spans.slice(0, PAGE_SPANS)
  const last = page.at(-1)
  const { costNanoUsd, unpricedCalls, ...usage } = totals
  return {
    traceId: query.traceId,
    spans: page,
    nextCursor:
      spans.length > PAGE_SPANS && last !== undefined
        ? encodeCursor({ us: toUs(last.startTime), span: last.spanId } satisfies TraceSpanCursor)
        : null,
    totals: { usage, cost: { totalUsd: toUsd(costNanoUsd), unpricedCalls }, ...calls },
  }
}

function readPage(read: ReadSql, { after, projectId }: TraceDetailQuery, traces: Fragment) {
  const isAfter: Fragment =
    after === undefined
      ? read`true`
      : read`(s.started_at, s.span_id) > (${instant(read, after.us)}, ${spanKey(read, after.span)})`
  return read<SpanRow[]>`
    select ${spanColumns(read)} from ${spansOfTraces(read, traces, projectId)}
    where ${isAfter}
    order by s.started_at, s.span_id
    limit ${PAGE_SPANS + 1}`
}

function readTotals(read: ReadSql, { projectId, traceId }: TraceDetailQuery) {
  const candidates = onEveryDay(read, read`select ${traceId}::uuid as trace_id`)
  return read<TotalsRow[]>`
    select t.low_day, t.high_day, t.input_tokens, t.output_tokens, t.cache_read_tokens, t.cache_write_tokens,
      t.reasoning_tokens, t.cost_nano_usd, t.unpriced_calls
    from ${traceTotals(read, { projectId, filters: [], candidates })}`
}

function readCalls(read: ReadSql, { projectId }: TraceDetailQuery, traces: Fragment) {
  return read<CallsRow[]>`
    select count(*) as model_calls, count(*) filter (where s.flags & 2 <> 0) as failed_model_calls,
      count(*) filter (where s.type = 'embedding') as embedding_calls
    from ${spansOfTraces(read, traces, projectId)}
    where s.flags & 1 <> 0 and s.type in ('llm', 'embedding')`
}
