import type { TraceSummary } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { inProject, instant, toUs, utcDay, type Fragment } from './span-scope.ts'
import { toMs } from './span-row.ts'

/** A trace of the same service and root name. */
export type Sibling = { traceId: string; startTime: number; durationMs: number; isError: boolean }

export type SiblingsQuery = {
  projectId: string
  trace: Pick<TraceSummary, 'traceId' | 'name' | 'service' | 'startTime'>
}

const MAX_SIBLINGS = 200
/** Roots looked at in each direction, whatever their names. */
const MAX_ROOTS = 20_000

type Row = { traceHex: string; startTime: number; durationUs: number | null; isError: boolean }

/** The last and the next traces like this one that have ended, nearest first. */
export async function readSiblings(
  read: ReadSql,
  query: SiblingsQuery,
): Promise<{ before: Sibling[]; after: Sibling[] }> {
  const { startTime } = query.trace
  const at = instant(read, toUs(startTime))
  const [before, after] = await Promise.all([
    readRoots(read, query, {
      range: read`s.day <= ${utcDay(startTime)} and s.started_at <= ${at}`,
      direction: read`desc`,
    }),
    readRoots(read, query, {
      range: read`s.day >= ${utcDay(startTime)} and s.started_at > ${at}`,
      direction: read`asc`,
    }),
  ])
  return { before: toSiblings(before), after: toSiblings(after) }
}

function readRoots(
  read: ReadSql,
  { projectId, trace }: SiblingsQuery,
  { range, direction }: { range: Fragment; direction: Fragment },
) {
  return read<Row[]>`
    select replace(r.trace_id::text, '-', '') as trace_hex, r.started_at as start_time,
      r.duration_us, r.flags & 2 <> 0 as is_error
    from (
      select s.trace_id, s.started_at, s.duration_us, s.flags, s.name, s.service
      from spans s
      where ${inProject(read, projectId)} and s.parent_span_id is null and s.flags & 16 = 0
        and ${range}
      order by s.started_at ${direction}
      limit ${MAX_ROOTS}
    ) r
    where r.name = ${trace.name} and r.service is not distinct from ${trace.service}
      and r.trace_id <> ${trace.traceId}::uuid and r.duration_us is not null
    order by r.started_at ${direction}
    limit ${MAX_SIBLINGS}`
}

/** A trace with two roots of the name counts once. */
function toSiblings(rows: readonly Row[]): Sibling[] {
  const siblingBy = new Map<string, Sibling>()
  for (const { traceHex: traceId, startTime, durationUs, isError } of rows) {
    const durationMs = toMs(durationUs) ?? 0
    if (!siblingBy.has(traceId)) siblingBy.set(traceId, { traceId, startTime, durationMs, isError })
  }
  return [...siblingBy.values()]
}
