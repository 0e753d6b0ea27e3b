import type { Sql } from '../db/client.ts'
import type { ViewKey } from './view-record.ts'

/** Whether there was such a view. */
export async function deleteView(sql: Sql, { projectId, viewId }: ViewKey): Promise<boolean> {
  const rows = await sql`
    delete from saved_views where project_id = ${projectId} and view_id = ${viewId}
    returning view_id`
  return rows.length > 0
}
