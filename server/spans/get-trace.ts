import * as z from 'zod/mini'
import { TraceDetail, type SpanSummary } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { NotFoundError } from '../platform/errors.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { spanColumns, spanKey, toSpanSummary, toUsd, type SpanRow } from './span-row.ts'
import { inProject, instant, toUs, type Fragment } from './span-scope.ts'
import { onEveryDay, spansOfTraces } from './trace-probe.ts'

/** Place in a trace: after this span. The totals go along, so that each is added up once. */
export const TraceSpanCursor = z.object({
  us: z.number().check(z.int()),
  span: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  totals: TraceDetail.shape.totals,
})
export type TraceSpanCursor = z.infer<typeof TraceSpanCursor>

export const PAGE_SPANS = 5_000

export type TraceDetailQuery = {
  projectId: string
  traceId: string
  limit: number
  after: TraceSpanCursor | undefined
}

type Totals = TraceDetail['totals']
type TotalsRow = Totals['usage'] &
  Omit<Totals, 'usage' | 'cost'> & { costNanoUsd: number | null; unpricedCalls: number }

/** Spans of a trace by start, with the totals of the whole trace. */
export async function getTrace(sql: Sql, query: TraceDetailQuery): Promise<TraceDetail> {
  const { projectId, traceId, limit, after } = query
  const { rows, totals } = await readWithin(sql, async (read) => {
    const candidate = onEveryDay(read, read`select ${traceId}::uuid as trace_id`)
    const spans = spansOfTraces(read, candidate, projectId)
    const [sums, page] = await Promise.all([
      after?.totals ?? readTotals(read, spans),
      readPage(read, query, spans),
    ])
    return { rows: page, totals: sums }
  })
  if (totals.spanCount === 0) {
    throw new NotFoundError(`no trace ${traceId} in project ${projectId}`)
  }
  const page = rows.slice(0, limit).map(toSpanSummary)
  const last = page.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { traceId, spans: page, nextCursor: hasMore ? cursorAfter(last, totals) : null, totals }
}

function cursorAfter({ startTime, spanId }: SpanSummary, totals: Totals): string {
  return encodeCursor({ us: toUs(startTime), span: spanId, totals } satisfies TraceSpanCursor)
}

/** The page's keys first: written out for all 30,000 spans and then sorted, rows take 4 times as long. */
function readPage(read: ReadSql, { after, limit, projectId }: TraceDetailQuery, spans: Fragment) {
  const isAfter: Fragment =
    after === undefined
      ? read`true`
      : read`(s.started_at, s.span_id) > (${instant(read, after.us)}, ${spanKey(read, after.span)})`
  return read<SpanRow[]>`
    select ${spanColumns(read)} from (
      select s.day, s.trace_id, s.span_id, s.started_at from ${spans}
      where ${isAfter}
      order by s.started_at, s.span_id
      limit ${limit + 1}
    ) k join spans s on ${inProject(read, projectId)}
      and s.day = k.day and s.trace_id = k.trace_id and s.span_id = k.span_id
    order by k.started_at, k.span_id`
}

/** In one pass: a trace of 30,000 spans is read once for all its sums. */
async function readTotals(read: ReadSql, spans: Fragment): Promise<Totals> {
  const [row] = await read<TotalsRow[]>`
    select count(*) as span_count,
      coalesce(sum(s.input_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as input_tokens,
      coalesce(sum(s.output_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as output_tokens,
      coalesce(sum(s.cache_read_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_read_tokens,
      coalesce(sum(s.cache_write_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as cache_write_tokens,
      coalesce(sum(s.reasoning_tokens) filter (where s.flags & 1 <> 0), 0)::int8 as reasoning_tokens,
      sum(s.cost_nano_usd) filter (where s.flags & 1 <> 0)::int8 as cost_nano_usd,
      count(*) filter (where s.flags & 1 <> 0 and s.cost_nano_usd is null
        and s.type in ('llm', 'embedding')) as unpriced_calls,
      count(*) filter (where s.flags & 1 <> 0 and s.type in ('llm', 'embedding')) as model_calls,
      count(*) filter (where s.flags & 3 = 3 and s.type in ('llm', 'embedding')) as failed_model_calls,
      count(*) filter (where s.flags & 1 <> 0 and s.type = 'embedding') as embedding_calls
    from ${spans}`
  if (row === undefined) throw new Error('an aggregate without groups gave no row')
  return toTotals(row)
}

function toTotals(row: TotalsRow): Totals {
  const { costNanoUsd, unpricedCalls, spanCount, modelCalls, ...rest } = row
  const { failedModelCalls, embeddingCalls, ...usage } = rest
  const cost = { totalUsd: toUsd(costNanoUsd), unpricedCalls }
  return { usage, cost, spanCount, modelCalls, failedModelCalls, embeddingCalls }
}
