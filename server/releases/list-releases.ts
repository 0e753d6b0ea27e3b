import * as z from 'zod/mini'
import type { ReleaseList, TimeRange } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { encodeCursor } from '../platform/query-params.ts'
import { releaseColumns, toRelease, type ReleaseRow } from './release-row.ts'

export const ReleaseCursor = z.object({
  us: z.number().check(z.int()),
  release: z.string(),
  service: z.string(),
  environment: z.string(),
})
export type ReleaseCursor = z.infer<typeof ReleaseCursor>

export type ReleaseQuery = {
  projectId: string
  range: TimeRange
  service: string | undefined
  limit: number
  after: ReleaseCursor | undefined
}

/** Releases newest first. One that was reported stands for what was seen of it. */
export async function listReleases(sql: Sql, query: ReleaseQuery): Promise<ReleaseList> {
  const { projectId, range, service, limit, after } = query
  const rows = await sql<(ReleaseRow & { us: number })[]>`
    select ${releaseColumns(sql)}, (extract(epoch from at) * 1000000)::int8 as us
    from releases r
    where project_id = ${projectId} and at >= ${range.from} and at < ${range.to}
      and ${service === undefined ? sql`true` : sql`service in ('', ${service})`}
      and ${after === undefined ? sql`true` : isAfter(sql, after)}
      and not (source = 'seen' and exists (
        select 1 from releases told
        where told.project_id = r.project_id and told.release = r.release
          and told.source = 'reported' and told.service in ('', r.service)
          and told.environment in ('', r.environment)))
    order by at desc, release, service, environment
    limit ${limit + 1}`
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(toRelease),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(placeOf(last)) : null,
  }
}

function isAfter(sql: Sql, { us, release, service, environment }: ReleaseCursor) {
  const at = sql`('epoch'::timestamptz + ${us}::int8 * interval '1 microsecond')`
  return sql`(at < ${at} or (at = ${at}
    and (release, service, environment) > (${release}, ${service}, ${environment})))`
}

function placeOf({ us, release, service, environment }: ReleaseRow & { us: number }) {
  return { us, release, service, environment } satisfies ReleaseCursor
}
