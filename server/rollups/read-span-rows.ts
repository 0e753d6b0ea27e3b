import { MINUTE_MS } from '../contract/index.ts'
import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import type { ReadSql } from '../db/read-within.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { slotOf } from '../projects/slot.ts'
import { DAY_MS } from './bucket.ts'
import { foldIntoRows } from './fold-spans.ts'
import type { FoldableSpan } from './fold-spans.ts'
import type { PackedRow } from './packed-row.ts'
import type { StoredRow } from './read-rows.ts'

/** Conditions on the columns of `spans s` for a filter; throws InvalidValueError for what it refuses. */
export type SpanConditions = (sql: ReadSql, terms: readonly FilterTerm[]) => ReturnType<ReadSql>

export type SpanRowsQuery = {
  projectId: string
  /** Whole minutes of the spans' ends. */
  range: TimeRange
  filter: readonly FilterTerm[]
}

const MAX_SPANS = 200_000
const BATCH = 5_000
/** Spans read back have no time of receipt; nothing here asks for lateness. */
const NEVER_RECEIVED_MS = Infinity
/** A call longer than a day is not found by its end: lists and partitions go by the start. */
const MAX_CALL_MS = DAY_MS

type CallRow = Omit<FoldableSpan, 'endUs' | 'usage' | 'quarantined' | 'countsTokens' | 'status'> & {
  endedAt: number
  isError: boolean
  inputTokens: number | null
  outputTokens: number | null
  cacheReadTokens: number | null
  cacheWriteTokens: number | null
  reasoningTokens: number | null
}

/**
 * The same rows as in rollups, folded from the model calls in table `spans` that a filter keeps. At
 * most 200,000 calls and five seconds; a query that asks for more is refused.
 */
export async function readSpanRows(
  sql: Sql,
  query: SpanRowsQuery,
  spanConditions: SpanConditions,
): Promise<{ storedThroughMs: number; rows: StoredRow[] }> {
  return readWithin(sql, async (read) => {
    const rows = await foldCalls(read, query, spanConditions(read, query.filter))
    // The transaction's start, and so no later than its snapshot.
    const [clock] = await read<{ at: number }[]>`select sightline_now(now()) as at`
    return {
      storedThroughMs: Math.floor(clock?.at ?? 0),
      rows: [...rows].map(([bucketMs, row]) => ({
        stepMs: MINUTE_MS,
        bucketMs,
        isDelta: true,
        data: row.encode(),
      })),
    }
  })
}

async function foldCalls(
  read: ReadSql,
  { projectId, range }: SpanRowsQuery,
  conditions: ReturnType<ReadSql>,
): Promise<Map<number, PackedRow>> {
  const rows = new Map<number, PackedRow>()
  const startedFrom = range.from - MAX_CALL_MS
  const calls = read<CallRow[]>`
    select s.ended_at, s.duration_us, s.service, s.environment, s.release, s.type, s.task,
      s.operation, s.provider, coalesce(s.response_model, s.request_model) as model,
      s.cost_nano_usd, s.flags & 8 <> 0 as streaming, s.ttft_us, s.flags & 2 <> 0 as is_error,
      s.flags & 128 <> 0 as sampled,
      s.error_type, s.prompt_name, s.prompt_version, s.input_tokens, s.output_tokens,
      s.cache_read_tokens, s.cache_write_tokens, s.reasoning_tokens
    from spans s
    where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
      and s.day between ${dayOf(startedFrom)}::date and ${dayOf(range.to)}::date
      and s.started_at >= ${startedFrom} and s.started_at < ${range.to}
      and s.ended_at >= ${range.from} and s.ended_at < ${range.to}
      and s.type in ('llm', 'embedding') and s.flags & 1 <> 0 and s.flags & 16 = 0
      and ${conditions}
    limit ${MAX_SPANS + 1}`
  let seen = 0
  for await (const batch of calls.cursor(BATCH)) {
    seen += batch.length
    if (seen > MAX_SPANS) {
      throw new InvalidValueError(
        `narrow the range: this filter is answered from spans, and more than ${MAX_SPANS} calls match`,
        'from',
      )
    }
    foldIntoRows(batch.map(toFoldable), NEVER_RECEIVED_MS, rows)
  }
  return rows
}

function toFoldable(row: CallRow): FoldableSpan {
  return {
    ...row,
    endUs: Math.round(row.endedAt * 1_000),
    countsTokens: true,
    quarantined: false,
    status: row.isError ? 'error' : 'ok',
    usage: {
      input: row.inputTokens,
      output: row.outputTokens,
      cacheRead: row.cacheReadTokens,
      cacheWrite: row.cacheWriteTokens,
      reasoning: row.reasoningTokens,
    },
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
