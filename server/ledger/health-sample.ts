import type { IngestHealth } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'

const MAX_SPANS = 20_000
const MAX_SKEW_SPANS = 5_000
const MAX_SAMPLES = 20
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MIN_AHEAD_MS = 1_000
/** Exporters wait some seconds by themselves; only beyond that the clock is to blame. */
const MIN_BEHIND_MS = 15_000
const MIN_BEHIND_SPANS = 20

type CoverageRow = { n: number } & Record<string, number>

/** Of the newest model calls of the last hour: which share carries a field. */
export async function readCoverage(
  read: ReadSql,
  projectId: string,
  nowMs: number,
): Promise<IngestHealth['coverage']> {
  const [row] = await read<CoverageRow[]>`
    select count(*) as n, count(service) as service,
      count(coalesce(response_model, request_model)) as model,
      count(*) filter (where input_tokens is not null or output_tokens is not null) as tokens,
      count(cost_nano_usd) as cost, count(user_id) as user_id, count(session_id) as session_id,
      count(release) as release, count(environment) as environment,
      count(prompt_name) as prompt_name
    from (
      select * from spans s
      where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
        and s.started_at >= ${nowMs - HOUR_MS}::timestamptz and s.started_at < ${nowMs}::timestamptz
        and s.day between ${dayOf(nowMs - HOUR_MS)}::date and ${dayOf(nowMs)}::date
        and s.flags & 1 <> 0 and s.type in ('llm', 'embedding')
      order by s.started_at desc
      limit ${MAX_SPANS}
    ) call`
  const { n = 0, ...fields } = row ?? {}
  return Object.entries(fields).map(([field, count]) => {
    return { field, share: n === 0 ? 0 : count / n, n }
  })
}

type LagRow = { service: string | null; minLagMs: number; n: number }

/** Services whose newest spans end after they came, or all of them long before. */
export async function readClockSkew(
  read: ReadSql,
  projectId: string,
  nowMs: number,
): Promise<IngestHealth['clockSkew']> {
  const rows = await read<LagRow[]>`
    select s.service, count(*) as n,
      (min(extract(epoch from b.received_at - s.ended_at)) * 1000)::float8 as min_lag_ms
    from (
      select * from spans s
      where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
        and s.started_at >= ${nowMs - HOUR_MS}::timestamptz
        and s.started_at < ${nowMs + HOUR_MS}::timestamptz
        and s.day between ${dayOf(nowMs - HOUR_MS)}::date and ${dayOf(nowMs + HOUR_MS)}::date
      order by s.started_at desc
      limit ${MAX_SKEW_SPANS}
    ) s
    join span_bodies b on b.slot = s.slot and b.day = s.day and b.project_id = s.project_id
      and b.chunk_id = s.chunk_id
    group by s.service
    order by s.service`
  return rows.flatMap(({ service, minLagMs, n }) => {
    const isAhead = minLagMs < -MIN_AHEAD_MS
    const isBehind = minLagMs > MIN_BEHIND_MS && n >= MIN_BEHIND_SPANS
    return isAhead || isBehind ? [{ service, skewMs: -minLagMs, n }] : []
  })
}

export async function readRejectSamples(
  read: ReadSql,
  projectId: string,
  nowMs: number,
): Promise<IngestHealth['rejectSamples']> {
  return read<IngestHealth['rejectSamples']>`
    select received_at as at, reason, trace_id, span_id, detail from dead_letter
    where project_id = ${projectId} and received_at >= ${nowMs - DAY_MS}::timestamptz
    order by received_at desc, id desc
    limit ${MAX_SAMPLES}`
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
