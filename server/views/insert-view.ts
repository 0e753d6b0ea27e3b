import type { SavedView, SavedViewInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { newId } from '../platform/ids.ts'
import { isNameTaken, toSavedView, viewColumns, type ViewRecord } from './view-record.ts'

export const MAX_VIEWS = 200
/** Any constant: together with the project it names the lock under which views are counted. */
const COUNT_LOCK = 7_416_013

export type InsertResult =
  | { status: 'inserted'; view: SavedView }
  | { status: 'name-taken' }
  | { status: 'too-many' }

export async function insertView(
  sql: Sql,
  projectId: string,
  { name, page, search }: SavedViewInput,
): Promise<InsertResult> {
  const viewId = `view_${newId().replaceAll('-', '')}`
  try {
    const [row] = await sql.begin(async (write) => {
      await write`select pg_advisory_xact_lock(${COUNT_LOCK}, hashtext(${projectId}))`
      return write<ViewRecord[]>`
        insert into saved_views (view_id, project_id, page, name, search, created_at)
        select ${viewId}, ${projectId}, ${page}, ${name}, ${search}, sightline_now()
        where (select count(*) from saved_views where project_id = ${projectId}) < ${MAX_VIEWS}
        returning ${viewColumns(sql)}`
    })
    return row === undefined
      ? { status: 'too-many' }
      : { status: 'inserted', view: toSavedView(row) }
  } catch (error) {
    if (isNameTaken(error)) return { status: 'name-taken' }
    throw error
  }
}
