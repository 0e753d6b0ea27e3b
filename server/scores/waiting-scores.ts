import type { Sql } from '../db/client.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import type { SpanRecord } from '../spans/span.ts'
import type { Fragment } from '../spans/span-scope.ts'
import { daysAround, joinScores, type ScoreTarget } from './join-scores.ts'

/** Whether a project has scores that new spans may concern, as last seen. */
type Seen = { hasAny: boolean; atMs: number }

/** So long a look is believed: another process may have saved a score. */
const BELIEVED_MS = 60_000
const MAX_PROJECTS = 10_000
const MAX_TARGETS = 5_000

const seenBy = new WeakMap<Sql, Map<string, Seen>>()

function seenOf(sql: Sql): Map<string, Seen> {
  const known = seenBy.get(sql)
  if (known !== undefined && known.size < MAX_PROJECTS) return known
  const fresh = new Map<string, Seen>()
  seenBy.set(sql, fresh)
  return fresh
}

/** To be called before a score is written, so that the spans that come meanwhile look for it. */
export function noteWaitingScore(sql: Sql, projectId: string): void {
  seenOf(sql).set(projectId, { hasAny: true, atMs: performance.now() })
}

/** False where a look within the last minute found no score that new spans could concern. */
export function hasWaitingScores(sql: Sql, projectId: string): boolean {
  const seen = seenOf(sql).get(projectId)
  return seen === undefined || seen.hasAny || performance.now() - seen.atMs > BELIEVED_MS
}

export type ScoredSpan = Pick<
  SpanRecord,
  'traceId' | 'spanId' | 'responseId' | 'startUs' | 'quarantined'
>

/**
 * For spans that have just been committed, duplicates too: the scores that wait for them get their
 * span, and those of a whole trace the call that answers it now. One indexed look-up when the
 * project has such scores, else nothing.
 */
export async function joinWaitingScores(
  sql: Sql,
  projectId: string,
  spans: readonly ScoredSpan[],
): Promise<void> {
  if (!hasWaitingScores(sql, projectId) || !(await lookForWaiting(sql, projectId))) return
  const listed = spans.filter((span) => !span.quarantined)
  const targets = await sql<ScoreTarget[]>`
    ${concernedScores(sql, projectId, listed)} limit ${MAX_TARGETS}`
  if (targets.length === 0) return
  const traceBySpan = new Map(listed.map((span) => [span.spanId, span.traceId]))
  const startsMs = listed.map((span) => span.startUs / 1_000)
  await joinScores(sql, projectId, {
    targets: targets.map((target) => ({
      ...target,
      traceId: target.traceId ?? traceBySpan.get(target.spanId ?? '') ?? null,
    })),
    days: daysAround(Math.min(...startsMs), Math.max(...startsMs)),
  })
}

async function lookForWaiting(sql: Sql, projectId: string): Promise<boolean> {
  const seen = seenOf(sql)
  const known = seen.get(projectId)
  if (known !== undefined && performance.now() - known.atMs <= BELIEVED_MS) return known.hasAny
  // Before the look: a score that is noted while it runs stays noted.
  const mark: Seen = { hasAny: true, atMs: performance.now() }
  seen.set(projectId, mark)
  const own = sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
  const [row] = await sql<{ hasAny: boolean }[]>`
    select exists (select from scores sc where ${own} and sc.home_span is null)
      or exists (select from scores sc where ${own} and sc.trace_id is not null
        and sc.span_id is null and sc.response_id is null
        and sc.changed_at > clock_timestamp() - interval '1 day') as has_any`
  const hasAny = row?.hasAny ?? true
  if (seen.get(projectId) === mark) seen.set(projectId, { ...mark, hasAny })
  return hasAny
}

function concernedScores(sql: ReadSql, projectId: string, spans: readonly ScoredSpan[]): Fragment {
  const own = sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
  const traces = [...new Set(spans.map((span) => span.traceId))]
  const responses = spans.flatMap((span) => span.responseId ?? [])
  const target = sql`sc.id, replace(sc.trace_id::text, '-', '') as trace_id,
    lpad(to_hex(sc.span_id), 16, '0') as span_id, sc.response_id`
  return sql`
    select ${target} from scores sc
    where ${own} and sc.trace_id = any(${traces}::uuid[])
      and (sc.home_span is null or sc.span_id is null)
    union all
    select ${target} from scores sc
    where ${own} and sc.trace_id is null and sc.home_span is null and sc.span_id = any(
      select ('x' || hex)::bit(64)::int8 from unnest(${spans.map((span) => span.spanId)}::text[]) as hex)
    union all
    select ${target} from scores sc
    where ${own} and sc.trace_id is null and sc.response_id = any(${responses}::text[])`
}
