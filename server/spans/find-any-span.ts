import type { LiveFirstSpan } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { slotOf } from '../projects/slot.ts'

/** The newest stored span of a project, if there is one. */
export async function findAnySpan(
  sql: Sql,
  projectId: string,
): Promise<Omit<LiveFirstSpan, 'id'> | undefined> {
  const [row] = await sql<Omit<LiveFirstSpan, 'id'>[]>`
    select replace(trace_id::text, '-', '') as trace_id, lpad(to_hex(span_id), 16, '0') as span_id,
      service, ended_at as at
    from spans
    where slot = ${slotOf(projectId)} and project_id = ${projectId}
    order by started_at desc
    limit 1`
  return row
}
