import type { SavedView, SavedViewInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import {
  isNameTaken,
  toSavedView,
  viewColumns,
  type ViewKey,
  type ViewRecord,
} from './view-record.ts'

export type UpdateResult =
  | { status: 'updated'; view: SavedView }
  | { status: 'name-taken' }
  | { status: 'missing' }

export async function updateView(
  sql: Sql,
  { projectId, viewId }: ViewKey,
  { name, page, search }: SavedViewInput,
): Promise<UpdateResult> {
  try {
    const [row] = await sql<ViewRecord[]>`
      update saved_views set name = ${name}, page = ${page}, search = ${search}
      where project_id = ${projectId} and view_id = ${viewId}
      returning ${viewColumns(sql)}`
    return row === undefined ? { status: 'missing' } : { status: 'updated', view: toSavedView(row) }
  } catch (error) {
    if (isNameTaken(error)) return { status: 'name-taken' }
    throw error
  }
}
