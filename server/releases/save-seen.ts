import type { Sql } from '../db/client.ts'

/** A version of a service, with the start of the earliest span that was seen of it. */
export type SeenRelease = {
  projectId: string
  release: string
  service: string
  environment: string
  at: number
}

/** A sender that makes up a version for each process must not fill the table. */
const MAX_SEEN_PER_PROJECT = 5_000

/** Keeps the earliest instant of each; what was reported stays as it is. */
export async function saveSeen(sql: Sql, seen: readonly SeenRelease[]): Promise<void> {
  if (seen.length === 0) return
  await sql`
    insert into releases as kept (project_id, release, service, environment, at, source)
    select n.project_id, n.release, n.service, n.environment, min(n.at), 'seen'
    from unnest(
      ${seen.map((one) => one.projectId)}::text[], ${seen.map((one) => one.release)}::text[],
      ${seen.map((one) => one.service)}::text[], ${seen.map((one) => one.environment)}::text[],
      ${seen.map((one) => one.at)}::timestamptz[]
    ) as n(project_id, release, service, environment, at)
    where exists (
        select 1 from releases known
        where (known.project_id, known.release, known.service, known.environment)
          = (n.project_id, n.release, n.service, n.environment))
      or (select count(*) from releases r
        where r.project_id = n.project_id and r.source = 'seen') < ${MAX_SEEN_PER_PROJECT}
    group by n.project_id, n.release, n.service, n.environment
    order by n.project_id, n.release, n.service, n.environment
    on conflict (project_id, release, service, environment) do update
    set at = excluded.at
    where kept.source = 'seen' and excluded.at < kept.at`
}
