import * as z from 'zod/mini'
import type { FilterTerm, SpanList, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { spanConditions } from './filter-sql.ts'
import { spanColumns, spanKey, toSpanSummary, type SpanRow } from './span-row.ts'
import { inProject, instant, startsWithin, toUs } from './span-scope.ts'

export const SpanCursor = z.object({
  us: z.number().check(z.int()),
  trace: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  span: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
})
export type SpanCursor = z.infer<typeof SpanCursor>

export type SpanQuery = {
  projectId: string
  range: TimeRange
  filters: FilterTerm[]
  limit: number
  after: SpanCursor | undefined
}

/** Spans by start, newest first. */
export async function listSpans(sql: Sql, query: SpanQuery): Promise<SpanList> {
  const { projectId, range, filters, limit, after } = query
  const rows = await readWithin(
    sql,
    (read) => read<SpanRow[]>`
      select ${spanColumns(read)} from spans s
      where ${inProject(read, projectId)} and ${startsWithin(read, range)}
        and ${spanConditions(read, filters)}
        and ${
          after === undefined
            ? read`true`
            : read`s.started_at <= ${instant(read, after.us)}
                and (s.started_at, s.trace_id, s.span_id)
                  < (${instant(read, after.us)}, ${after.trace}::uuid, ${spanKey(read, after.span)})`
        }
      order by s.started_at desc, s.trace_id desc, s.span_id desc
      limit ${limit + 1}`,
  )
  const items = rows.slice(0, limit).map(toSpanSummary)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { items, nextCursor: hasMore ? encodeCursor(cursorOf(last)) : null }
}

function cursorOf(span: { startTime: number; traceId: string; spanId: string }): SpanCursor {
  return { us: toUs(span.startTime), trace: span.traceId, span: span.spanId }
}
