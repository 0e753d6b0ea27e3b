import type { Sql } from '../db/client.ts'
import type { PendingSpan } from './commit-spans.ts'

type NotedSpan = Pick<PendingSpan, 'projectId' | 'receivedAtMs' | 'record' | 'fate'>

/** Of one commit, and of one statement: a statement has a limited number of parameters. */
const MAX_LETTERS = 10_000
const MAX_ROWS = 2_000

/** Keeps a note of spans that were refused by the database or differ from their stored copy. */
export async function saveDeadLetters(sql: Sql, pending: readonly NotedSpan[]): Promise<void> {
  const rows = pending
    .filter((span) => span.fate === 'poison' || span.fate === 'conflict')
    .slice(0, MAX_LETTERS)
    .map((span) => ({
      project_id: span.projectId,
      received_at: span.receivedAtMs,
      reason: span.fate === 'poison' ? 'database_refused' : span.fate,
      trace_id: span.record.traceId,
      span_id: span.record.spanId,
      detail: span.record.name.slice(0, 500),
    }))
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    await sql`insert into dead_letter ${sql(rows.slice(at, at + MAX_ROWS))}`
  }
}

const HEX_ID = /^[0-9a-f]+$/
/** Of one request and of one minute: the rest is counted, not noted. */
const MAX_NOTED = 100
const MAX_NOTED_A_MINUTE = 1_000
const MINUTE_MS = 60_000

/** A sender whose every span is refused must not fill the table. */
export class NoteBudget {
  #minute = 0
  #taken = 0

  /** How many of `wanted` notes may be written. */
  take(wanted: number, nowMs: number): number {
    const minute = Math.floor(nowMs / MINUTE_MS)
    if (minute !== this.#minute) this.#taken = 0
    this.#minute = minute
    const granted = Math.min(wanted, MAX_NOTED, MAX_NOTED_A_MINUTE - this.#taken)
    this.#taken += granted
    return granted
  }
}

type RefusedSpan = { reason: string; message: string; traceId: string; spanId: string }

type RefusedContext = { projectId: string; receivedAtMs: number; notes: NoteBudget }

/** Keeps a note of spans that could not be read, with the ids that could. */
export async function saveRefused(
  sql: Sql,
  refused: readonly RefusedSpan[],
  { projectId, receivedAtMs, notes }: RefusedContext,
): Promise<void> {
  const noted = refused.slice(0, notes.take(refused.length, receivedAtMs))
  const rows = noted.map(({ reason, message, traceId, spanId }) => ({
    project_id: projectId,
    received_at: receivedAtMs,
    reason,
    trace_id: traceId.length === 32 && HEX_ID.test(traceId) ? traceId : null,
    span_id: spanId.length === 16 && HEX_ID.test(spanId) ? spanId : null,
    detail: message.slice(0, 500),
  }))
  if (rows.length === 0) return
  await sql`insert into dead_letter ${sql(rows)}`
}
