import { dayOf, dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'
import { QUARANTINE_DAY } from '../spans/partitions.ts'
import { amendSpans, type SpanAmendment } from './amend-spans.ts'
import type { PendingSpan } from './commit-spans.ts'
import { SPAN_FLAGS } from './copy-rows.ts'

/** `day`: of the span, or of one of its records; days since the Unix epoch. */
export type SpanKey = { traceId: string; spanId: string; day: number }

type JoinedRow = {
  traceId: string
  spanId: string
  startedAt: number
  flags: number
  finishReasons: string[] | null
  logs: {
    finish: string | null
    isError: boolean
    type: string | null
    message: string | null
  }[]
}

/** The spans of a committed batch whose log records may have come before them. */
export function spansToJoin(pending: readonly PendingSpan[]): SpanKey[] {
  return pending.flatMap(({ record: { type, quarantined, traceId, spanId, startUs }, fate }) => {
    const isJoined = type === 'llm' && !quarantined && fate !== 'poison'
    return isJoined ? [{ traceId, spanId, day: dayOf(startUs) }] : []
  })
}

const MAX_KEYS = 1_000

/**
 * Makes good in the stored spans what only their log records tell: the finish reason, the failure
 * of an abandoned stream. Called after the commit of either side, so that at least the later of two
 * sees both; what is so already stays.
 */
export async function joinSpanLogs(
  sql: Sql,
  projectId: string,
  keys: readonly SpanKey[],
): Promise<number> {
  let amended = 0
  const unique = [...new Map(keys.map((key) => [`${key.traceId} ${key.spanId}`, key])).values()]
  for (let at = 0; at < unique.length; at += MAX_KEYS) {
    const rows = await readJoined(sql, projectId, unique.slice(at, at + MAX_KEYS))
    amended += await amendSpans(
      sql,
      rows.flatMap((row) => toAmendment(projectId, row)),
    )
  }
  return amended
}

/**
 * The spans on the day of the key or beside it, with the records of their day, of those beside, and
 * of the day where those without a time lie.
 */
async function readJoined(
  sql: Sql,
  projectId: string,
  keys: readonly SpanKey[],
): Promise<JoinedRow[]> {
  const slot = slotOf(projectId)
  const wanted = keys.map(({ traceId, spanId, day }) => {
    return { trace_id: traceId, span_id: spanId, day: dayText(day) }
  })
  return sql<JoinedRow[]>`
    select replace(s.trace_id::text, '-', '') as trace_id, k.span_id, s.started_at, s.flags,
      s.finish_reasons, l.logs
    from jsonb_to_recordset(${sql.json(wanted)}::jsonb) as k(trace_id uuid, span_id text, day date)
    cross join (values (-1), (0), (1)) as near(days)
    join spans s on s.slot = ${slot} and s.day = k.day + near.days
      and s.project_id = ${projectId} and s.trace_id = k.trace_id
      and s.span_id = ('x' || k.span_id)::bit(64)::int8
    cross join lateral (
      select jsonb_agg(jsonb_build_object('finish', l.finish_reason, 'isError', l.is_error,
        'type', l.error_type, 'message', l.error_message) order by l.choice_index, l.at) as logs
      from (values (s.day - 1), (s.day), (s.day + 1), (${dayText(QUARANTINE_DAY)}::date)) as beside(day)
      join span_logs l on l.slot = ${slot} and l.day = beside.day
        and l.project_id = ${projectId} and l.trace_id = s.trace_id and l.span_id = s.span_id
        and (l.finish_reason is not null or l.is_error)
    ) l
    where l.logs is not null`
}

function toAmendment(projectId: string, row: JoinedRow): SpanAmendment[] {
  const set: SpanAmendment['set'] = {}
  const finishReasons = row.logs.flatMap(({ finish }) => (finish === null ? [] : [finish]))
  if ((row.finishReasons ?? []).length === 0 && finishReasons.length > 0) {
    set.finishReasons = finishReasons
  }
  const failure = row.logs.find(({ isError }) => isError)
  if (failure !== undefined && (row.flags & SPAN_FLAGS.error) === 0) {
    set.status = 'error'
    set.errorType = failure.type
    set.errorMessage = failure.message
  }
  if (Object.keys(set).length === 0) return []
  const day = dayOf(Math.round(row.startedAt * 1_000))
  return [{ projectId, traceId: row.traceId, spanId: row.spanId, day, set }]
}
