import type { SavedView, ViewPage } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'

export type ViewKey = { projectId: string; viewId: string }

/** A row of `saved_views` as `viewColumns` selects it. */
export type ViewRecord = {
  viewId: string
  name: string
  page: ViewPage
  search: string
  createdAt: number
}

export function viewColumns(sql: Sql) {
  return sql`view_id, name, page, search, created_at`
}

export function toSavedView({ viewId, ...view }: ViewRecord): SavedView {
  return { id: viewId, ...view }
}

/** SQLSTATE of a second view of the same name on the page. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505'
}
