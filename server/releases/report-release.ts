import type { Release, ReleaseInput } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { databaseNow, parseInstant } from '../platform/query-params.ts'
import { releaseColumns, toRelease, type ReleaseRow } from './release-row.ts'

/**
 * Keeps what a pipeline reports. The same release, service and environment again is one release:
 * `meta` is replaced where given, and the earliest instant stays unless `at` names another.
 */
export async function reportRelease(
  sql: Sql,
  projectId: string,
  input: ReleaseInput,
): Promise<Release> {
  const { release, service = '', environment = '', meta } = input
  const given = input.at === undefined ? undefined : parseInstant({ at: String(input.at) }, 'at')
  const at = given ?? (await databaseNow(sql))
  const json = meta === undefined ? null : JSON.stringify(meta)
  const kept = given === undefined ? sql`least(kept.at, excluded.at)` : sql`excluded.at`
  const [row] = await sql<ReleaseRow[]>`
    insert into releases as kept (project_id, release, service, environment, at, source, meta)
    values (${projectId}, ${release}, ${service}, ${environment}, ${at}, 'reported',
      ${json}::text::jsonb)
    on conflict (project_id, release, service, environment) do update
    set source = 'reported', at = ${kept}, meta = coalesce(excluded.meta, kept.meta)
    returning ${releaseColumns(sql)}`
  if (row === undefined) throw new Error('the release was not returned')
  return toRelease(row)
}
