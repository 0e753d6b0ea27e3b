import { dayOf } from '../../db/copy-buffer.ts'
import type { Sql } from '../../db/client.ts'
import { withDeadline } from '../../db/copy.ts'
import { slotOf } from '../../projects/slot.ts'
import { amendSpans, type SpanAmendment } from '../amend-spans.ts'
import type { PendingSpan } from '../commit-spans.ts'
import { SPAN_FLAGS } from '../copy-rows.ts'
import { derivedNamesOf } from './agent.ts'
import { AGENTS } from './registry.ts'
import { NOT_THE_CALL, whatIsMissing, type Told } from './twin-amendments.ts'

/** Agents whose events and spans share no id of the call: told by session, time and tokens. */
const SCOPES = AGENTS.flatMap(({ sessionTwins }) => sessionTwins ?? [])
const EVENT_NAMES = AGENTS.filter(({ sessionTwins }) => sessionTwins !== null).flatMap(
  derivedNamesOf,
)

const DEADLINE_MS = 5_000
/** Clocks of an event and of a span are read at different moments. */
const SLACK_MS = 1_000
const MAX_SPANS = 2_000

type Wanted = { projectId: string; session: string; fromUs: number; toUs: number }

/** The sessions of a batch in which a call may be told by an event and by a span. */
export function sessionsToSettle(pending: readonly PendingSpan[]): Wanted[] {
  const wanted = new Map<string, Wanted>()
  for (const { projectId, record } of pending) {
    const { scope, name, type, sessionId, startUs, endUs, quarantined } = record
    if (type !== 'llm' || sessionId === null || quarantined) continue
    if (!SCOPES.includes(scope ?? '') && !EVENT_NAMES.includes(name)) continue
    const key = `${projectId} ${sessionId}`
    const known = wanted.get(key) ?? { projectId, session: sessionId, fromUs: startUs, toUs: endUs }
    known.fromUs = Math.min(known.fromUs, startUs)
    known.toUs = Math.max(known.toUs, endUs)
    wanted.set(key, known)
  }
  return [...wanted.values()]
}

type Call = Told & {
  traceId: string
  spanId: string
  name: string
  startedAt: number
  endedAt: number
  inputTokens: number | null
}

/** Where both are stored, the event is the call and the span tells what the event does not say. */
export async function settleSessionTwins(sql: Sql, wanted: readonly Wanted[]): Promise<void> {
  for (const session of wanted) {
    const calls = await withDeadline(readCalls(sql, session), DEADLINE_MS)
    await amendSpans(sql, amendmentsOf(session.projectId, calls))
  }
}

function amendmentsOf(projectId: string, calls: readonly Call[]): SpanAmendment[] {
  const events = calls.filter(({ name }) => EVENT_NAMES.includes(name))
  const spans = new Set(calls.filter(({ name }) => !EVENT_NAMES.includes(name)))
  return events.flatMap((event) => {
    const span = [...spans].find((candidate) => isSameCall(event, candidate))
    if (span === undefined) return []
    spans.delete(span)
    return [
      { projectId, ...keyOf(span), set: NOT_THE_CALL },
      { projectId, ...keyOf(event), set: whatIsMissing(event, span) },
    ]
  })
}

function isSameCall(event: Call, span: Call): boolean {
  const overlaps =
    span.startedAt <= event.endedAt + SLACK_MS && span.endedAt >= event.startedAt - SLACK_MS
  return overlaps && (span.inputTokens === null || span.inputTokens === event.inputTokens)
}

function keyOf({ traceId, spanId, startedAt }: Call) {
  return { traceId, spanId, day: dayOf(Math.round(startedAt * 1_000)) }
}

async function readCalls(sql: Sql, { projectId, session, fromUs, toUs }: Wanted): Promise<Call[]> {
  const from = fromUs / 1_000 - 60_000
  const to = toUs / 1_000 + 60_000
  return sql<Call[]>`
    select replace(s.trace_id::text, '-', '') as trace_id,
      lpad(to_hex(s.span_id), 16, '0') as span_id, s.name, s.started_at, s.ended_at,
      s.input_tokens, s.finish_reasons, s.ttft_us, s.provider, s.request_model, s.response_model,
      s.flags & ${SPAN_FLAGS.providerInferred} <> 0 as is_provider_inferred
    from spans s
    where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
      and s.session_id = ${session} and s.type = 'llm'
      and s.day >= ${new Date(from).toISOString().slice(0, 10)}::date
      and s.day <= ${new Date(to).toISOString().slice(0, 10)}::date
      and s.started_at >= ${from} and s.started_at <= ${to}
      and (s.scope = any(${SCOPES}::text[]) or s.name = any(${EVENT_NAMES}::text[]))
    order by s.started_at
    limit ${MAX_SPANS}`
}
