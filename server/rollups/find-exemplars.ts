import type { Exemplar, ExemplarList, FilterTerm, TimeRange } from '../contract/index.ts'
import { MINUTE_MS } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { HOUR_MS, ceilTo, floorTo } from './bucket.ts'
import type { SpanConditions } from './read-span-rows.ts'

export const EXEMPLAR_METRICS = ['latency', 'ttft'] as const
export type ExemplarMetric = (typeof EXEMPLAR_METRICS)[number]

export type ExemplarQuery = {
  projectId: string
  metric: ExemplarMetric
  /** `from` is rounded down and `to` up to a whole minute, as for `/metrics`. */
  range: TimeRange
  /** null = one bucket over the whole range. */
  stepMs: number | null
  filter: readonly FilterTerm[]
}

/** With more buckets, neighbours share their two: more dots than that no chart shows apart. */
const MAX_BUCKETS = 60
/** A call that began longer before the range is not found by its end. */
const LEAD_MS = HOUR_MS

type CallRow = Omit<Exemplar, 't'>

/** Of each bucket the slowest call, and one taken at random but always the same. */
export async function findExemplars(
  sql: Sql,
  query: ExemplarQuery,
  spanConditions: SpanConditions,
): Promise<ExemplarList> {
  const fromMs = floorTo(query.range.from, MINUTE_MS)
  const toMs = ceilTo(query.range.to, MINUTE_MS)
  const stepMs = query.stepMs ?? toMs - fromMs
  const shared = Math.max(1, Math.ceil((toMs - fromMs) / stepMs / MAX_BUCKETS))
  const grid = { fromMs, toMs, stepMs: stepMs * shared }
  return readWithin(sql, async (read) => {
    const rows = await readCalls(read, { ...query, ...grid }, spanConditions)
    // The transaction's start, and so no later than its snapshot.
    const [clock] = await read<{ at: number }[]>`select sightline_now(now()) as at`
    return {
      items: rows.map((row) => ({ t: fromMs + floorTo(row.at - fromMs, stepMs), ...row })),
      storedThrough: Math.floor(clock?.at ?? 0),
    }
  })
}

function readCalls(
  read: ReadSql,
  query: ExemplarQuery & { fromMs: number; toMs: number; stepMs: number },
  spanConditions: SpanConditions,
): Promise<CallRow[]> {
  const { projectId, metric, filter, fromMs, toMs, stepMs } = query
  const startedFrom = Math.max(0, fromMs - LEAD_MS)
  const value = metric === 'latency' ? read`s.duration_us` : read`s.ttft_us`
  return read<CallRow[]>`
    with calls as materialized (
      select s.ended_at as at, ${value} as us, s.trace_id, s.span_id,
        hashint8(s.span_id) as hash,
        floor((date_part('epoch', s.ended_at) * 1000 - ${fromMs}::float8) / ${stepMs}::float8)
          as bucket
      from spans s
      where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
        and s.day between ${dayOf(startedFrom)}::date and ${dayOf(toMs)}::date
        and s.started_at >= ${startedFrom} and s.started_at < ${toMs}
        and s.ended_at >= ${fromMs} and s.ended_at < ${toMs}
        and s.type in ('llm', 'embedding') and s.flags & 1 <> 0 and s.flags & 16 = 0
        and ${value} is not null and ${spanConditions(read, filter)}
    ), best as (
      select bucket, max(us) as us, min(hash) as hash from calls group by bucket
    ), chosen as materialized (
      select c.*, c.us = best.us as is_slowest, c.hash = best.hash as is_random
      from calls c join best on best.bucket = c.bucket and (best.us = c.us or best.hash = c.hash)
    ), slowest as (
      select distinct on (bucket) *, 'slowest' as kind from chosen where is_slowest
      order by bucket, trace_id, span_id
    ), random as (
      select distinct on (bucket) *, 'random' as kind from chosen where is_random
      order by bucket, trace_id, span_id
    )
    select at, us / 1000.0::float8 as value, replace(trace_id::text, '-', '') as trace_id,
      lpad(to_hex(span_id), 16, '0') as span_id, kind
    from (
      select * from slowest
      union all
      select r.* from random r join slowest l using (bucket)
      where (r.trace_id, r.span_id) <> (l.trace_id, l.span_id)
    ) both_kinds
    order by at, kind desc`
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
