import type { Sql } from '../db/client.ts'
import { instant, isListed, inProject, toUs } from '../spans/span-scope.ts'
import type { ScoreTarget } from './join-scores.ts'

/** Spans have no index by their id alone: so many of the newest are looked through. */
const MAX_LOOKED_AT = 50_000
const RECENT_MS = 3_600_000

/** The same, with the trace of a span that is named without one, if it is among the newest. */
export async function placeTargets(
  sql: Sql,
  projectId: string,
  targets: readonly ScoreTarget[],
): Promise<ScoreTarget[]> {
  const bare = targets.flatMap(({ traceId, spanId }) =>
    traceId === null && spanId !== null ? [spanId] : [],
  )
  if (bare.length === 0) return [...targets]
  const places = await findRecentSpans(sql, projectId, bare)
  const traceBySpan = new Map(places.map((place) => [place.spanId, place.traceId]))
  return targets.map((target) => ({
    ...target,
    traceId: target.traceId ?? traceBySpan.get(target.spanId ?? '') ?? null,
  }))
}

async function findRecentSpans(
  sql: Sql,
  projectId: string,
  wanted: readonly string[],
): Promise<{ traceId: string; spanId: string }[]> {
  const [clock] = await sql<{ now: number }[]>`select sightline_now() as now`
  const fromMs = (clock?.now ?? 0) - RECENT_MS
  return sql<{ traceId: string; spanId: string }[]>`
    select replace(recent.trace_id::text, '-', '') as trace_id,
      lpad(to_hex(recent.span_id), 16, '0') as span_id
    from (
      select s.trace_id, s.span_id from spans s
      where ${inProject(sql, projectId)} and ${isListed(sql)}
        and s.day >= ${new Date(fromMs).toISOString().slice(0, 10)}::date
        and s.started_at >= ${instant(sql, toUs(fromMs))}
      order by s.started_at desc
      limit ${MAX_LOOKED_AT}
    ) recent
    where recent.span_id = any(
      select ('x' || hex)::bit(64)::int8 from unnest(${[...wanted]}::text[]) as hex)`
}
