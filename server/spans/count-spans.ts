import type { ReadSql } from '../db/read-within.ts'
import { inProject } from './span-scope.ts'
import { tracesOn, type TraceDays } from './trace-probe.ts'

/** How many spans each trace has on its days; counts no further than `most` a day. */
export async function countSpans(
  read: ReadSql,
  { projectId, traces, most }: { projectId: string; traces: readonly TraceDays[]; most: number },
): Promise<Map<string, number>> {
  const rows = await read<{ traceHex: string; spans: number }[]>`
    select replace(c.trace_id::text, '-', '') as trace_hex, sum(n.spans)::int8 as spans
    from (${tracesOn(read, traces)}) c
    cross join lateral generate_series(c.low::timestamp, c.high::timestamp, interval '1 day') as d(at)
    cross join lateral (
      select count(*) as spans from (
        select from spans s
        where ${inProject(read, projectId)} and s.day = d.at::date and s.trace_id = c.trace_id
        limit ${most}
      ) few
    ) n
    group by c.trace_id`
  return new Map(rows.map(({ traceHex, spans }) => [traceHex, spans]))
}
