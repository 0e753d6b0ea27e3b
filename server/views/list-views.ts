import type { SavedView, ViewPage } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { toSavedView, viewColumns, type ViewRecord } from './view-record.ts'

export type ViewQuery = {
  projectId: string
  page: ViewPage | undefined
  limit: number
  after: { name: string; id: string } | undefined
}

/** Saved views by name. */
export async function listViews(sql: Sql, query: ViewQuery): Promise<SavedView[]> {
  const { projectId, page, limit, after } = query
  const rows = await sql<ViewRecord[]>`
    select ${viewColumns(sql)} from saved_views
    where project_id = ${projectId} and ${page === undefined ? sql`true` : sql`page = ${page}`}
      and ${after === undefined ? sql`true` : sql`(name, view_id) > (${after.name}, ${after.id})`}
    order by name, view_id
    limit ${limit}`
  return rows.map(toSavedView)
}
