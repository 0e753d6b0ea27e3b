import { dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import type { SpanRecord } from '../spans/span.ts'
import { SPAN_FLAGS } from './copy-rows.ts'
import { hasUsage, STREAM_LOG_HASH, type CallSpan } from './nested-calls.ts'

/** Stored spans are looked for on the days of those that came and one beside them. */
export type DaySpan = { lowDay: number; highDay: number }

export type WantedTrace = DaySpan & { traceId: string }

/** A stored model span that counts, or would if it did not repeat another one's call. */
export type StoredCall = CallSpan & {
  day: number
  countsTokens: boolean
  provider: string | null
}

const LEAF = SPAN_FLAGS.countsTokens | SPAN_FLAGS.repeatsCall
/** Of one trace: in a larger one some calls are told apart within each request only. */
const MAX_SPANS = 5_000
/** Spans that name the same answer. */
const MAX_SAME_ANSWER = 20
const MS_PER_DAY = 86_400_000

type CallRow = {
  traceHex: string
  spanHex: string
  parentHex: string | null
  day: string
  startedAt: number
  endedAt: number
  type: SpanRecord['type']
  scope: string | null
  service: string | null
  provider: string | null
  responseId: string | null
  flags: number
  inputTokens: number | null
  outputTokens: number | null
  isStreamLog: boolean
}

function callColumns(sql: Sql) {
  return sql`replace(s.trace_id::text, '-', '') as trace_hex,
    lpad(to_hex(s.span_id), 16, '0') as span_hex,
    lpad(to_hex(s.parent_span_id), 16, '0') as parent_hex,
    s.day, s.started_at, s.ended_at, s.type, s.scope, s.service, s.provider, s.response_id,
    s.flags, s.input_tokens, s.output_tokens,
    s.started_at = s.ended_at
      and coalesce(s.attribute_hashes @> array[${STREAM_LOG_HASH}::int4], false) as is_stream_log`
}

function isLeafCall(sql: Sql) {
  return sql`s.type in ('llm', 'embedding') and s.flags & ${LEAF}::int2 <> 0`
}

/**
 * The model spans of those traces in which one of them has a child, or is a record of a stream: in
 * all others none can repeat another's call. `offset 0` keeps each trace and day one probe of that
 * partition's primary key, whatever the planner believes of a partition without statistics.
 */
export async function findCallsOfTraces(
  sql: Sql,
  projectId: string,
  traces: readonly WantedTrace[],
): Promise<StoredCall[]> {
  const rows = await sql<CallRow[]>`
    select found.* from ${wanted(sql, traces)}
    cross join ${owner(sql, projectId)}
    cross join lateral (
      with t as materialized (
        select one.* from generate_series(k.low::timestamp, k.high::timestamp, interval '1 day') as d(at)
        cross join lateral (
          select ${callColumns(sql)}, s.span_id, s.parent_span_id, ${isLeafCall(sql)} as is_leaf
          from spans s
          where s.slot = owner.slot and s.day = d.at::date and s.project_id = owner.project_id
            and s.trace_id = k.trace_id
          offset 0
        ) one
        limit ${MAX_SPANS}
      )
      select * from t
      where is_leaf and (
        exists (select 1 from t leaf where leaf.is_leaf and leaf.is_stream_log)
        or exists (select 1 from t leaf join t below on below.parent_span_id = leaf.span_id
          where leaf.is_leaf)
      )
    ) found`
  return rows.map(toStoredCall)
}

/** The model spans that name one of the answers. */
export async function findCallsOfAnswers(
  sql: Sql,
  projectId: string,
  { responseIds, lowDay, highDay }: DaySpan & { responseIds: readonly string[] },
): Promise<StoredCall[]> {
  const rows = await sql<CallRow[]>`
    select found.* from unnest(${[...responseIds]}::text[]) as k(response_id)
    cross join ${owner(sql, projectId)}
    cross join lateral (
      select ${callColumns(sql)} from spans s
      where s.slot = owner.slot and s.project_id = owner.project_id
        and s.response_id = k.response_id
        and s.day between ${dayText(lowDay)}::date and ${dayText(highDay)}::date
        and ${isLeafCall(sql)}
      limit ${MAX_SAME_ANSWER}
    ) found`
  return rows.map(toStoredCall)
}

export type SpanLink = Pick<SpanRecord, 'traceId' | 'spanId' | 'parentSpanId'>

/** Every stored span above the parents given, each once, of any type. */
export async function findLinksAbove(
  sql: Sql,
  projectId: string,
  traces: readonly (WantedTrace & { parentIds: readonly string[] })[],
): Promise<SpanLink[]> {
  const starts = traces.flatMap(({ parentIds, ...trace }) =>
    parentIds.map((parentId) => ({ ...trace, parentId })),
  )
  return sql<SpanLink[]>`
    with recursive up(trace_id, low, high, span_id, parent_id) as (
      select k.trace_id, k.low, k.high, null::int8, ('x' || k.parent)::bit(64)::int8
      from unnest(
        ${starts.map(({ traceId }) => traceId)}::uuid[],
        ${starts.map(({ lowDay }) => dayText(lowDay))}::date[],
        ${starts.map(({ highDay }) => dayText(highDay))}::date[],
        ${starts.map(({ parentId }) => parentId)}::text[]
      ) as k(trace_id, low, high, parent)
      union
      select up.trace_id, up.low, up.high, above.span_id, above.parent_span_id
      from up
      cross join ${owner(sql, projectId)}
      cross join lateral
        generate_series(up.low::timestamp, up.high::timestamp, interval '1 day') as d(at)
      cross join lateral (
        select s.span_id, s.parent_span_id from spans s
        where s.slot = owner.slot and s.day = d.at::date and s.project_id = owner.project_id
          and s.trace_id = up.trace_id and s.span_id = up.parent_id
        offset 0
      ) above
    )
    select replace(trace_id::text, '-', '') as trace_id, lpad(to_hex(span_id), 16, '0') as span_id,
      lpad(to_hex(parent_id), 16, '0') as parent_span_id
    from up where span_id is not null`
}

function wanted(sql: Sql, traces: readonly WantedTrace[]) {
  return sql`unnest(
    ${traces.map(({ traceId }) => traceId)}::uuid[],
    ${traces.map(({ lowDay }) => dayText(lowDay))}::date[],
    ${traces.map(({ highDay }) => dayText(highDay))}::date[]
  ) as k(trace_id, low, high)`
}

/** Values the planner does not see: of a project new to its statistics it expects no row at all. */
function owner(sql: Sql, projectId: string) {
  return sql`(select ${slotOf(projectId)}::int4 as slot, ${projectId}::text as project_id offset 0) owner`
}

function toStoredCall(row: CallRow): StoredCall {
  return {
    traceId: row.traceHex,
    spanId: row.spanHex,
    parentSpanId: row.parentHex,
    day: Date.parse(row.day) / MS_PER_DAY,
    startUs: Math.round(row.startedAt * 1_000),
    endUs: Math.round(row.endedAt * 1_000),
    type: row.type,
    scope: row.scope,
    service: row.service,
    provider: row.provider,
    responseId: row.responseId,
    countsTokens: (row.flags & SPAN_FLAGS.countsTokens) !== 0,
    isLeaf: true,
    hasUsage: hasUsage({ input: row.inputTokens, output: row.outputTokens }),
    isStreamLog: row.isStreamLog,
  }
}
