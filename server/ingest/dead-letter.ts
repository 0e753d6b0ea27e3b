import type { Sql } from '../db/client.ts'
import type { PendingSpan } from './commit-spans.ts'

/** Keeps a note of each span that was refused by the database or differs from its stored copy. */
export async function saveDeadLetters(sql: Sql, pending: PendingSpan[]): Promise<void> {
  const rows = pending
    .filter((span) => span.fate === 'poison' || span.fate === 'conflict')
    .map((span) => ({
      project_id: span.projectId,
      received_at: span.receivedAtMs,
      reason: span.fate,
      trace_id: span.record.traceId,
      span_id: span.record.spanId,
      detail: span.record.name.slice(0, 500),
    }))
  if (rows.length === 0) return
  await sql`insert into dead_letter ${sql(rows)}`
}
