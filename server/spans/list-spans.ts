import * as z from 'zod/mini'
import type { FilterTerm, Scanned, SpanList, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { splitBodyTerms } from './body-terms.ts'
import type { ReadChunk } from './chunk-span.ts'
import { spanConditions } from './filter-sql.ts'
import { isTimeout } from './find-few.ts'
import { searchSpans } from './search-spans.ts'
import { spanColumns, spanKey, toSpanSummary, type SpanRow } from './span-row.ts'
import { inProject, instant, startsWithin, toUs, type Fragment } from './span-scope.ts'
import { windowsOf } from './span-windows.ts'
import { LIST_WITHIN_MS } from './trace-place.ts'

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
  /** How long bodies may be looked through before what was found is answered. */
  withinMs?: number
}

const DIRECT_MS = 1_500
const WINDOW = { first: 16_000, most: 1_000_000 }

/**
 * Spans by start, newest first. What no index finds in time is looked for window by window, as are
 * texts and attributes in bodies: the answer says how far it came.
 */
export async function listSpans(
  sql: Sql,
  query: SpanQuery,
  readChunk: ReadChunk,
): Promise<SpanList> {
  const { columnTerms, bodyTests } = splitBodyTerms(sql, query.filters)
  if (bodyTests.length === 0) {
    const direct = await readDirectly(sql, query)
    return direct ?? readWithin(sql, (read) => readWindows(read, query))
  }
  const scan = { projectId: query.projectId, columnTerms, bodyTests, readChunk }
  return readWithin(sql, async (read) => {
    const { spans, scanned } = await searchSpans(read, { ...query, scan })
    const rows = await readRows(read, query, read`${spans} where ${isAfter(read, query.after)}`)
    return toScannedPage(rows, query, scanned)
  })
}

async function readDirectly(sql: Sql, query: SpanQuery): Promise<SpanList | undefined> {
  const { withinMs = DIRECT_MS, limit } = query
  try {
    return await readWithin(
      sql,
      async (read) => toPage(await readRows(read, query, spansWithin(read, query)), limit),
      Math.max(1, withinMs),
    )
  } catch (error) {
    if (isTimeout(error)) return undefined
    throw error
  }
}

async function readWindows(read: ReadSql, query: SpanQuery): Promise<SpanList> {
  const { projectId, range, after, limit, withinMs = LIST_WITHIN_MS } = query
  const deadlineMs = performance.now() + withinMs
  const to = after === undefined ? range.to : Math.min(range.to, after.us / 1_000 + 0.001)
  const rows: SpanRow[] = []
  let from = to
  const windowing = { projectId, range: { from: range.from, to }, isNewestFirst: true, ...WINDOW }
  for await (const window of windowsOf(read, windowing)) {
    const part = { ...query, range: window, limit: limit - rows.length }
    rows.push(...(await readRows(read, part, spansWithin(read, part))))
    from = window.from
    if (rows.length > limit || performance.now() > deadlineMs) break
  }
  return toScannedPage(rows, query, { from, to: range.to, isComplete: from <= range.from })
}

function spansWithin(read: ReadSql, { projectId, range, filters, after }: SpanQuery): Fragment {
  return read`spans s where ${inProject(read, projectId)} and ${startsWithin(read, range)}
    and ${spanConditions(read, filters)} and ${isAfter(read, after)}`
}

function toScannedPage(rows: readonly SpanRow[], { limit }: SpanQuery, scanned: Scanned): SpanList {
  const page = toPage(rows, limit)
  if (scanned.isComplete || page.nextCursor !== null) return { ...page, scanned }
  return { ...page, scanned, nextCursor: encodeCursor(borderAt(scanned.from)) }
}

function isAfter(read: ReadSql, after: SpanCursor | undefined): Fragment {
  if (after === undefined) return read`true`
  const at = instant(read, after.us)
  return read`s.started_at <= ${at} and (s.started_at, s.trace_id, s.span_id)
    < (${at}, ${after.trace}::uuid, ${spanKey(read, after.span)})`
}

function readRows(read: ReadSql, { limit }: SpanQuery, spans: Fragment) {
  return read<SpanRow[]>`
    select ${spanColumns(read)} from ${spans}
    order by s.started_at desc, s.trace_id desc, s.span_id desc
    limit ${limit + 1}`
}

function toPage(rows: readonly SpanRow[], limit: number): SpanList {
  const items = rows.slice(0, limit).map(toSpanSummary)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { items, nextCursor: hasMore ? encodeCursor(cursorOf(last)) : null }
}

function cursorOf(span: { startTime: number; traceId: string; spanId: string }): SpanCursor {
  return { us: toUs(span.startTime), trace: span.traceId, span: span.spanId }
}

/** Behind every span that starts at this instant or later: the column's smallest id is -2^63. */
function borderAt(epochMs: number): SpanCursor {
  return { us: toUs(epochMs), trace: '0'.repeat(32), span: '8000000000000000' }
}
