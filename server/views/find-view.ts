import type { SavedView } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { toSavedView, viewColumns, type ViewKey, type ViewRecord } from './view-record.ts'

export async function findView(
  sql: Sql,
  { projectId, viewId }: ViewKey,
): Promise<SavedView | undefined> {
  const [row] = await sql<ViewRecord[]>`
    select ${viewColumns(sql)} from saved_views
    where project_id = ${projectId} and view_id = ${viewId}`
  return row === undefined ? undefined : toSavedView(row)
}
